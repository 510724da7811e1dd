/* Appends lines to a board at a steady rate, each with one O_APPEND write and the moment of that
 * write.
 *
 *     append_writer BOARD LINES PER_SECOND TEMPLATE
 *
 * TEMPLATE is the line without its LF; `{stamp}` in it becomes CLOCK_MONOTONIC in nanoseconds, 20
 * digits, read right before the write. Deadlines are absolute: a late line does not shift those
 * after it. Prints lines and the seconds taken. */

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char placeholder[] = "{stamp}";

int main(int argc, char **argv) {
    const char *hole = argc == 5 ? strstr(argv[4], placeholder) : NULL;
    if (!hole || atol(argv[2]) < 1 || atol(argv[3]) < 1) {
        fprintf(stderr, "usage: append_writer BOARD LINES PER_SECOND 'TEMPLATE with {stamp}'\n");
        return 2;
    }
    const long lines = atol(argv[2]);
    const int64_t interval = 1000000000 / atol(argv[3]);
    const int before = (int)(hole - argv[4]);
    const int board = open(argv[1], O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    char line[4096];
    if (board < 0 || strlen(argv[4]) + 32 > sizeof line) {
        perror("append_writer");
        return 3;
    }
    struct timespec start, now;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (long i = 0; i < lines; i++) {
        const int64_t due = start.tv_nsec + interval * i;
        const struct timespec deadline = {start.tv_sec + due / 1000000000, due % 1000000000};
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, NULL) != 0) continue;
        clock_gettime(CLOCK_MONOTONIC, &now);
        const int length = snprintf(line, sizeof line, "%.*s%011lld%09ld%s\n", before, argv[4],
                                    (long long)now.tv_sec, now.tv_nsec,
                                    hole + sizeof placeholder - 1);
        if (write(board, line, (size_t)length) != length) {
            perror("append_writer: write");
            return 3;
        }
    }
    clock_gettime(CLOCK_MONOTONIC, &now);
    printf("lines %ld\nseconds %.6f\n", lines,
           (double)(now.tv_sec - start.tv_sec) + (double)(now.tv_nsec - start.tv_nsec) * 1e-9);
    return 0;
}
