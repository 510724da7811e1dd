/* The wake-up's rival: a loop on inotify that reads what is new, and nothing else.
 *
 *     inotify_reader BOARD LINES SECONDS_MAX
 *
 * Prints `ready` once it watches. Each line that append_writer stamped (`"bench":"…"`) gives its
 * age in CLOCK_MONOTONIC when it has been read; after LINES of them the program prints p50 and
 * p99 in microseconds (the smallest age that 50 and 99 % of the lines do not exceed). SIGALRM
 * ends it otherwise. */

#define _GNU_SOURCE /* memmem */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

static const char key[] = "\"bench\":\"";

static int ascending(const void *a, const void *b) {
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static double percentile(const int64_t *ages, long count, long percent) {
    return (double)ages[(count * percent + 99) / 100 - 1] / 1000;
}

int main(int argc, char **argv) {
    static char text[1 << 16], events[1 << 14];
    const long lines = argc == 4 ? atol(argv[2]) : 0;
    int64_t *ages = lines > 0 ? calloc((size_t)lines, sizeof *ages) : NULL;
    if (!ages) return fprintf(stderr, "usage: inotify_reader BOARD LINES SECONDS_MAX\n"), 2;
    const int board = open(argv[1], O_RDONLY | O_CLOEXEC), watch = inotify_init1(IN_CLOEXEC);
    if (board < 0 || watch < 0 || inotify_add_watch(watch, argv[1], IN_MODIFY) < 0)
        return perror("inotify_reader"), 3;
    lseek(board, 0, SEEK_END);
    alarm((unsigned)atoi(argv[3]));
    puts("ready");
    fflush(stdout);

    size_t held = 0; /* bytes of a torn line in `text` */
    for (long count = 0; count < lines;) {
        if (read(watch, events, sizeof events) < 0) return perror("inotify_reader"), 3;
        ssize_t got;
        while (count < lines && (got = read(board, text + held, sizeof text - held)) > 0) {
            struct timespec now;
            clock_gettime(CLOCK_MONOTONIC, &now);
            char *at = text, *end = text + held + got, *newline;
            while (count < lines && (newline = memchr(at, '\n', (size_t)(end - at)))) {
                const char *stamp = memmem(at, (size_t)(newline - at), key, sizeof key - 1);
                if (stamp)
                    ages[count++] = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec -
                                    strtoll(stamp + sizeof key - 1, NULL, 10);
                at = newline + 1;
            }
            held = (size_t)(end - at);
            memmove(text, at, held);
        }
    }
    qsort(ages, (size_t)lines, sizeof *ages, ascending);
    printf("lines %ld\np50 %.1f\np99 %.1f\n", lines, percentile(ages, lines, 50),
           percentile(ages, lines, 99));
    return 0;
}
