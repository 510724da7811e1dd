// libcurl, and what Swift cannot call of it: functions that take variadic arguments.
#ifndef HIVE_CCURL_H
#define HIVE_CCURL_H

#include <curl/curl.h>

#endif
