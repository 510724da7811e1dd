/* The scatter's rival: POSTs on curl-multi and epoll, one thread, and nothing else: no deadlines
 * but libcurl's own, no cancelling, no answer that anybody keeps.
 *
 *     curl_multi URL COUNT INFLIGHT BODYFILE
 *
 * COUNT requests with the bytes of BODYFILE as their JSON body, INFLIGHT of them at once. Prints
 * one line of JSON: wall and processor time in milliseconds, failures (anything but a whole answer
 * with status 200), and the most memory that was resident, KiB.
 *
 * The options are those of the engine (CurlHandle.swift; keep them alike), so that what is compared
 * is the work, not the settings. */

#include <curl/curl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { events_max = 64, read_buffer_bytes = 16384, kept_max = 512, body_bytes_max = 16 << 20 };

static int epoll;
static int64_t timer_due = -1; /* milliseconds of CLOCK_MONOTONIC; -1: none */

static double milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec * 1e-6;
}

static double processor_milliseconds(const struct rusage *usage) {
    return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1e3 +
           (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) * 1e-3;
}

static int watch(CURL *easy, curl_socket_t socket, int interest, void *context, void *known) {
    (void)easy;
    struct epoll_event event = {.data.fd = socket};
    if (interest & CURL_POLL_IN) event.events |= EPOLLIN;
    if (interest & CURL_POLL_OUT) event.events |= EPOLLOUT;
    if (interest == CURL_POLL_REMOVE) return epoll_ctl(epoll, EPOLL_CTL_DEL, socket, NULL), 0;
    epoll_ctl(epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &event);
    curl_multi_assign(context, socket, context);
    return 0;
}

static int set_timer(CURLM *multi, long wait, void *context) {
    (void)multi, (void)context;
    timer_due = wait < 0 ? -1 : (int64_t)milliseconds() + wait;
    return 0;
}

static size_t ignore(char *bytes, size_t size, size_t count, void *context) {
    (void)bytes, (void)context;
    return size * count;
}

static void prepare(CURL *easy, const char *url, struct curl_slist *headers, const char *body,
                    size_t length) {
    curl_easy_reset(easy);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)read_buffer_bytes);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 120000L);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length);
    curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, body);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, ignore);
}

/* How many of the requests that have ended failed; each one's handle takes the next request. */
static long take_ended(CURLM *multi, long *started, long *ended, long count, const char *url,
                       struct curl_slist *headers, const char *body, size_t length) {
    long failures = 0;
    int left;
    for (CURLMsg *message; (message = curl_multi_info_read(multi, &left));) {
        if (message->msg != CURLMSG_DONE) continue;
        CURL *easy = message->easy_handle;
        long status = 0;
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        if (message->data.result != CURLE_OK || status != 200) failures++;
        ++*ended;
        curl_multi_remove_handle(multi, easy);
        if (*started == count) {
            curl_easy_cleanup(easy);
            continue;
        }
        ++*started;
        prepare(easy, url, headers, body, length);
        curl_multi_add_handle(multi, easy);
    }
    return failures;
}

int main(int argc, char **argv) {
    static char body[body_bytes_max];
    const long count = argc == 5 ? atol(argv[2]) : 0, in_flight = argc == 5 ? atol(argv[3]) : 0;
    if (count < 1 || in_flight < 1)
        return fprintf(stderr, "usage: curl_multi URL COUNT INFLIGHT BODYFILE\n"), 2;
    FILE *file = fopen(argv[4], "rb");
    if (!file) return perror(argv[4]), 3;
    const size_t length = fread(body, 1, sizeof body, file);
    fclose(file);

    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    const double start = milliseconds();
    curl_global_init(CURL_GLOBAL_DEFAULT);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    CURLM *multi = curl_multi_init();
    if (epoll < 0 || !multi) return perror("curl_multi"), 3;
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)kept_max);
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, watch);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, multi);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, set_timer);
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    headers = curl_slist_append(headers, "Expect:");
    long started = 0, ended = 0, failures = 0;
    for (; started < count && started < in_flight; started++) {
        CURL *easy = curl_easy_init();
        if (!easy) return perror("curl_multi: curl_easy_init"), 3;
        prepare(easy, argv[1], headers, body, length);
        curl_multi_add_handle(multi, easy);
    }
    while (ended < count) {
        struct epoll_event events[events_max];
        const int64_t now = (int64_t)milliseconds();
        const int wait = timer_due < 0 ? -1 : timer_due > now ? (int)(timer_due - now) : 0;
        const int ready = epoll_wait(epoll, events, events_max, wait);
        int running;
        for (int i = 0; i < ready; i++) {
            int bits = events[i].events & EPOLLIN ? CURL_CSELECT_IN : 0;
            if (events[i].events & EPOLLOUT) bits |= CURL_CSELECT_OUT;
            if (events[i].events & (EPOLLERR | EPOLLHUP)) bits |= CURL_CSELECT_ERR;
            curl_multi_socket_action(multi, events[i].data.fd, bits, &running);
        }
        if (timer_due >= 0 && timer_due <= (int64_t)milliseconds()) {
            timer_due = -1;
            curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running);
        }
        failures +=
            take_ended(multi, &started, &ended, count, argv[1], headers, body, length);
    }
    const double wall = milliseconds() - start;
    getrusage(RUSAGE_SELF, &after);
    printf("{\"wallMs\":%.1f,\"cpuMs\":%.1f,\"failures\":%ld,\"peakKiB\":%ld}\n", wall,
           processor_milliseconds(&after) - processor_milliseconds(&before), failures,
           after.ru_maxrss);
    curl_multi_cleanup(multi);
    curl_slist_free_all(headers);
    return failures ? 1 : 0;
}
