// What Swift's Glibc module leaves out of Linux: epoll, eventfd, statfs, prlimit, prctl,
// renameat2.
//
// Declarations come straight from the system headers. The shims exist where Swift cannot follow
// them: a packed union (epoll_event), a kernel type whose width differs by machine (f_type), and
// calls that the headers only show to _GNU_SOURCE (prlimit, renameat2).
#ifndef HIVE_CLINUX_H
#define HIVE_CLINUX_H

#include "CLinuxSandbox.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

/// Adds `fd` to the epoll set `epoll` for readability, level-triggered; the token comes back in
/// `clinux_epoll_wait`. 0, or -1 with errno.
static inline int clinux_epoll_add(int epoll, int fd, uint32_t token) {
    struct epoll_event event = {.events = EPOLLIN, .data = {.u32 = token}};
    return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

/// Waits for at most 8 ready descriptors and writes their tokens; -1 milliseconds is for ever.
/// How many are ready, or -1 with errno.
static inline int clinux_epoll_wait(int epoll, uint32_t tokens[8], int milliseconds) {
    struct epoll_event events[8];
    int count = epoll_wait(epoll, events, 8, milliseconds);
    for (int i = 0; i < count; i++) tokens[i] = events[i].data.u32;
    return count;
}

/// One ready descriptor: what it is ready for (`EPOLLIN` and the like) and its token.
struct clinux_ready {
    uint32_t events;
    uint32_t token;
};

/// Adds, changes or takes out (`EPOLL_CTL_ADD`, `_MOD`, `_DEL`) what `fd` is watched for.
/// 0, or -1 with errno.
static inline int clinux_epoll_control(int epoll, int operation, int fd, uint32_t events,
                                       uint32_t token) {
    struct epoll_event event = {.events = events, .data = {.u32 = token}};
    return epoll_ctl(epoll, operation, fd, &event);
}

/// Waits for at most 64 ready descriptors; -1 milliseconds is for ever.
/// How many are ready, or -1 with errno.
static inline int clinux_epoll_wait_ready(int epoll, struct clinux_ready ready[64],
                                          int milliseconds) {
    struct epoll_event events[64];
    int count = epoll_wait(epoll, events, 64, milliseconds);
    for (int i = 0; i < count; i++) {
        ready[i].events = events[i].events;
        ready[i].token = events[i].data.u32;
    }
    return count;
}

/// The filesystem's magic number (statfs(2), f_type) in `magic`. 0, or -1 with errno.
static inline int clinux_filesystem_magic(const char *path, uint32_t *magic) {
    struct statfs status;
    if (statfs(path, &status) != 0) return -1;
    *magic = (uint32_t)status.f_type;
    return 0;
}

/// Limits the private writable memory of a process, and of those it starts from then on, to `bytes`
/// (getrlimit(2), RLIMIT_DATA). 0, or -1 with errno.
static inline int clinux_limit_data(int process, uint64_t bytes) {
    // What prlimit64(2) takes on every machine: the soft limit, then the hard one.
    uint64_t limit[2] = {bytes, bytes};
    return (int)syscall(SYS_prlimit64, process, RLIMIT_DATA, limit, (void *)0);
}

/// Has no core of this process written, and hides its memory from other processes of the same user
/// (prctl(2), PR_SET_DUMPABLE); what it starts begins with a soft RLIMIT_CORE of 0.
/// 0, or -1 with errno.
static inline int clinux_forbid_core_dumps(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_CORE, &limit) != 0) return -1;
    limit.rlim_cur = 0;
    if (setrlimit(RLIMIT_CORE, &limit) != 0) return -1;
    // The limit does not hold where core_pattern names a program (core(5)); this does.
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

/// Lowers the priority of a process, and of those it starts from then on (setpriority(2)).
/// 0, or -1 with errno.
static inline int clinux_lower_priority(int process, int steps) {
    return setpriority(PRIO_PROCESS, (id_t)process, steps);
}

/// Exchanges two names of one filesystem in one step (renameat2(2), RENAME_EXCHANGE).
/// 0, or -1 with errno.
static inline int clinux_rename_exchange(const char *one, const char *other) {
    // The flag's value is the kernel's; its header clashes with stdio.h on some systems.
    return (int)syscall(SYS_renameat2, AT_FDCWD, one, AT_FDCWD, other, 2u);
}

#endif
