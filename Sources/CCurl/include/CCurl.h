// libcurl, and what Swift cannot call of it: functions that take variadic arguments, and a message
// with a union in it. Each shim says by its name which type the option has.
#ifndef HIVE_CCURL_H
#define HIVE_CCURL_H

#include <curl/curl.h>

/// libcurl's own set-up, once in a process.
static inline CURLcode ccurl_global_init(void) { return curl_global_init(CURL_GLOBAL_DEFAULT); }

/// Whether a second request can take a connection that speaks HTTP/2 over plain TCP.
///
/// 7.88 frames it twice, and the server hangs up (github.com/curl/curl/issues/10634).
static inline int ccurl_shares_plain_http2(void) {
    unsigned int version = curl_version_info(CURLVERSION_NOW)->version_num;
    return version < 0x075800 || version >= 0x080000;
}

/// An option that is a number or a switch.
static inline CURLcode ccurl_set_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

/// An option that is a text; libcurl copies it.
static inline CURLcode ccurl_set_text(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}

/// The body of a POST; libcurl copies it.
static inline CURLcode ccurl_set_body(CURL *easy, const void *bytes, curl_off_t count) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, count);
    return code == CURLE_OK ? curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, bytes) : code;
}

/// The header lines; libcurl does not copy them.
static inline CURLcode ccurl_set_headers(CURL *easy, struct curl_slist *headers) {
    return curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
}

/// Where the reason of a failure is written: CURL_ERROR_SIZE bytes that outlive the request.
static inline CURLcode ccurl_set_error_buffer(CURL *easy, char *buffer) {
    return curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, buffer);
}

/// The callbacks of one request, and the pointer that each of them gets.
static inline CURLcode ccurl_set_callbacks(CURL *easy, void *context, curl_write_callback head,
                                           curl_write_callback body,
                                           curl_prereq_callback before_request,
                                           curl_opensocket_callback open_socket) {
    curl_easy_setopt(easy, CURLOPT_PRIVATE, context);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, context);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, head);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, context);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, body);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, context);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_request);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, context);
    return curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
}

/// A figure about a request.
static inline long ccurl_get_long(CURL *easy, CURLINFO info) {
    long value = 0;
    curl_easy_getinfo(easy, info, &value);
    return value;
}

/// An option of the multi handle that is a number.
static inline CURLMcode ccurl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

/// The callbacks of the multi handle, and the pointer that both get.
static inline CURLMcode ccurl_multi_set_callbacks(CURLM *multi, void *context,
                                                  curl_socket_callback socket,
                                                  curl_multi_timer_callback timer) {
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, context);
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, socket);
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, context);
    return curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, timer);
}

/// Takes the next request that has ended: the context of its callbacks in `context`, how it ended
/// in `result`. 0 where there is none.
static inline int ccurl_multi_next_ended(CURLM *multi, void **context, CURLcode *result) {
    int left;
    for (CURLMsg *message; (message = curl_multi_info_read(multi, &left));) {
        if (message->msg != CURLMSG_DONE) continue;
        *result = message->data.result;
        *context = NULL;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)context);
        return 1;
    }
    return 0;
}

#endif
