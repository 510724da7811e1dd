// The room's own sandbox
//
// Four processes. The caller's waits, so that the namespaces can be entered by one that has a
// single thread, which user namespaces ask for. That one, the keeper, enters them and starts the
// first process of the new process namespace, init, which builds the file system, starts the
// program and reaps orphans. When init ends, the kernel ends all that is left in there: no fork
// bomb and no daemon outlives the program. Each of the chain dies with the one before it.
//
// The file system is built as bubblewrap does it. An empty tmpfs becomes the root, with the old
// root below it to bind from; when all is bound the new root is entered and the old one is let go.
//
// Landlock (landlock(7)) bounds writing once more, from the program on: what the mounts forbid
// already, it forbids even where a mount was forgotten.
#define _GNU_SOURCE
#include "CLinuxSandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// The kernel's numbers, for systems whose headers are older than their kernel.
enum {
    call_close_range = 436,
    call_mount_setattr = 442,
    call_landlock_create_ruleset = 444,
    call_landlock_add_rule = 445,
    call_landlock_restrict_self = 446,
};
enum { recursive = 0x8000 };
enum { read_only = 1, no_setuid = 2, no_devices = 4 };

enum { steps_max = 512, capabilities_max = 64, exit_failed = 125, exit_no_program = 127 };

enum kind { bind_writable, bind_readable, temporary, link_to, processes, devices };

struct step {
    enum kind kind;
    const char *to;
    // What to bind, without symbolic links; or what a link points to.
    const char *from;
};

static struct step steps[steps_max];
static int step_count;
static const char *folder = "/";
static const char *host_name = "hive";
static int shares_network;

static void fail(const char *what, const char *name) {
    int code = errno;
    dprintf(2, "hive-sandbox: cannot %s %s: %s\n", what, name, strerror(code));
    _exit(exit_failed);
}

// MARK: Words

static void add(enum kind kind, const char *from, const char *to) {
    if (step_count == steps_max) {
        errno = E2BIG;
        fail("take", to);
    }
    if (to[0] != '/' || strlen(to) >= PATH_MAX / 2 || strstr(to, "/../")) {
        errno = EINVAL;
        fail("take", to);
    }
    if (kind == bind_writable || kind == bind_readable) {
        char *real = realpath(from, NULL);
        if (!real) fail("find", from);
        from = real;
    }
    steps[step_count++] = (struct step){.kind = kind, .from = from, .to = to};
}

static int is(const char *word, const char *other) { return strcmp(word, other) == 0; }

/// The place of the program's words; the options before it are taken.
static int read_words(int count, char *const words[]) {
    int place = 0;
    while (place < count) {
        const char *word = words[place];
        int left = count - place - 1;
        if (is(word, "--")) return place + 1;
        if (is(word, "--share-net")) {
            shares_network = 1;
            place += 1;
        } else if (left >= 1 && is(word, "--chdir")) {
            folder = words[place + 1];
            place += 2;
        } else if (left >= 1 && is(word, "--hostname")) {
            host_name = words[place + 1];
            place += 2;
        } else if (left >= 1 && is(word, "--tmpfs")) {
            add(temporary, NULL, words[place + 1]);
            place += 2;
        } else if (left >= 1 && is(word, "--proc")) {
            add(processes, NULL, words[place + 1]);
            place += 2;
        } else if (left >= 1 && is(word, "--dev")) {
            add(devices, NULL, words[place + 1]);
            place += 2;
        } else if (left >= 2 && is(word, "--bind")) {
            add(bind_writable, words[place + 1], words[place + 2]);
            place += 3;
        } else if (left >= 2 && is(word, "--ro-bind")) {
            add(bind_readable, words[place + 1], words[place + 2]);
            place += 3;
        } else if (left >= 2 && is(word, "--symlink")) {
            add(link_to, words[place + 1], words[place + 2]);
            place += 3;
        } else {
            errno = EINVAL;
            fail("take the word", word);
        }
    }
    errno = EINVAL;
    fail("start", "no program");
    return count;
}

// MARK: The file system

/// Makes the folders above a path; the path itself as a folder or, for a file, an empty file.
static void make_place(const char *path, int is_folder) {
    char part[PATH_MAX];
    size_t length = strlen(path);
    if (length >= sizeof part) {
        errno = ENAMETOOLONG;
        fail("make", path);
    }
    memcpy(part, path, length + 1);
    for (size_t i = 1; i <= length; i++) {
        if (part[i] != '/' && part[i] != 0) continue;
        int is_last = part[i] == 0;
        part[i] = 0;
        struct stat status;
        if (is_last && !is_folder) {
            int file = open(part, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
            // One that is there already and cannot be written will do.
            if (file >= 0) close(file);
            else if (stat(part, &status) != 0) fail("make", path);
        } else if (mkdir(part, 0755) != 0 && errno != EEXIST && stat(part, &status) != 0) {
            fail("make", path);
        }
        part[i] = is_last ? 0 : '/';
    }
}

static void restrict_mount(const char *path, uint64_t attributes, unsigned flags) {
    // struct mount_attr: what to set, what to clear, propagation, a user namespace.
    uint64_t change[4] = {attributes, 0, 0, 0};
    if (syscall(call_mount_setattr, AT_FDCWD, path, flags, change, sizeof change) != 0)
        fail("restrict", path);
}

static void bind_path(const char *from, const char *to, uint64_t attributes) {
    char source[PATH_MAX];
    struct stat status;
    if (snprintf(source, sizeof source, "/old%s", from) >= (int)sizeof source) {
        errno = ENAMETOOLONG;
        fail("bind", from);
    }
    if (stat(source, &status) != 0) fail("find", from);
    make_place(to, S_ISDIR(status.st_mode));
    if (mount(source, to, NULL, MS_BIND | MS_REC, NULL) != 0) fail("bind", from);
    restrict_mount(to, attributes, recursive);
}

static void mount_temporary(const char *to, const char *options) {
    make_place(to, 1);
    if (mount("tmpfs", to, "tmpfs", MS_NOSUID | MS_NODEV, options) != 0) fail("mount", to);
}

static void make_devices(const char *to) {
    static const char *const names[] = {"null", "zero", "full", "random", "urandom", "tty"};
    static const char *const links[][2] = {
        {"/proc/self/fd", "fd"},
        {"/proc/self/fd/0", "stdin"},
        {"/proc/self/fd/1", "stdout"},
        {"/proc/self/fd/2", "stderr"},
        {"pts/ptmx", "ptmx"},
    };
    char from[PATH_MAX], path[PATH_MAX];
    mount_temporary(to, "mode=0755");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(from, sizeof from, "/dev/%s", names[i]);
        snprintf(path, sizeof path, "%s/%s", to, names[i]);
        bind_path(from, path, no_setuid);
    }
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", to, links[i][1]);
        if (symlink(links[i][0], path) != 0) fail("link", path);
    }
    snprintf(path, sizeof path, "%s/shm", to);
    mount_temporary(path, "mode=01777");
    snprintf(path, sizeof path, "%s/pts", to);
    make_place(path, 1);
    // Without it a program has no terminals, which few tests want.
    mount("devpts", path, "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=620");
}

static void take_step(const struct step *step) {
    char to[PATH_MAX];
    snprintf(to, sizeof to, "/new%s", step->to);
    switch (step->kind) {
    case bind_writable: bind_path(step->from, to, no_setuid | no_devices); break;
    case bind_readable: bind_path(step->from, to, read_only | no_setuid | no_devices); break;
    case temporary: mount_temporary(to, "mode=0755"); break;
    case devices: make_devices(to); break;
    case processes:
        make_place(to, 1);
        if (mount("proc", to, "proc", MS_NOSUID | MS_NOEXEC | MS_NODEV, NULL) != 0)
            fail("mount", to);
        break;
    case link_to: {
        char *slash = strrchr(to, '/');
        *slash = 0;
        make_place(to, 1);
        *slash = '/';
        if (symlink(step->from, to) != 0) fail("link", to);
        break;
    }
    }
}

static void build_root(void) {
    if (mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL) != 0) fail("part with", "/");
    if (mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755") != 0)
        fail("mount on", "/tmp");
    if (chdir("/tmp") != 0 || mkdir("new", 0755) != 0 || mkdir("old", 0755) != 0)
        fail("make folders in", "/tmp");
    if (mount("new", "new", NULL, MS_BIND | MS_REC, NULL) != 0) fail("bind", "new");
    if (syscall(SYS_pivot_root, ".", "old") != 0 || chdir("/") != 0) fail("enter", "/tmp");
    for (int i = 0; i < step_count; i++) take_step(&steps[i]);
    if (mount(NULL, "/old", NULL, MS_PRIVATE | MS_REC, NULL) != 0 ||
        umount2("/old", MNT_DETACH) != 0)
        fail("let go of", "the old root");
    if (chdir("/new") != 0 || syscall(SYS_pivot_root, ".", ".") != 0 ||
        umount2(".", MNT_DETACH) != 0 || chdir("/") != 0)
        fail("enter", "the new root");
    restrict_mount("/", read_only, 0);
}

// MARK: Landlock

int clinux_landlock_version(void) {
    // LANDLOCK_CREATE_RULESET_VERSION
    long version = syscall(call_landlock_create_ruleset, NULL, (size_t)0, 1u);
    return version > 0 ? (int)version : 0;
}

/// The rights that change something: to write, remove, make, move (2) and truncate (3).
static uint64_t writing_rights(int version) {
    uint64_t rights = 1u << 1 | 1u << 4 | 1u << 5;
    for (int right = 6; right <= 12; right++) rights |= 1u << right;
    if (version >= 2) rights |= 1u << 13;
    if (version >= 3) rights |= 1u << 14;
    return rights;
}

static void allow_writing(int rules, const char *path, uint64_t rights) {
    int place = open(path, O_PATH | O_CLOEXEC);
    if (place < 0) fail("open", path);
    struct stat status;
    // On what is no folder only these two mean something.
    if (fstat(place, &status) == 0 && !S_ISDIR(status.st_mode)) rights &= 1u << 1 | 1u << 14;
    struct {
        uint64_t rights;
        int32_t place;
    } __attribute__((packed)) rule = {rights, place};
    if (syscall(call_landlock_add_rule, rules, 1, &rule, 0u) != 0) fail("allow writing to", path);
    close(place);
}

static void restrict_writing(void) {
    int version = clinux_landlock_version();
    if (version == 0) return;
    uint64_t rights = writing_rights(version);
    int rules = (int)syscall(call_landlock_create_ruleset, &rights, sizeof rights, 0u);
    if (rules < 0) fail("make", "rules");
    for (int i = 0; i < step_count; i++) {
        if (steps[i].kind != bind_readable && steps[i].kind != link_to)
            allow_writing(rules, steps[i].to, rights);
    }
    if (syscall(call_landlock_restrict_self, rules, 0u) != 0) fail("keep", "rules");
    close(rules);
}

// MARK: Processes

static void write_file(const char *path, const char *text) {
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0 || write(file, text, strlen(text)) != (ssize_t)strlen(text))
        fail("write", path);
    close(file);
}

/// Dies with its parent, which must not have died before.
static void die_with(pid_t parent) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) fail("follow", "the caller");
    // In a new process namespace the parent has no number.
    if (parent != 0 && getppid() != parent) _exit(exit_failed);
}

/// Waits for a child, reaping whoever else ends; ends as it did.
static void end_like(pid_t child) {
    for (;;) {
        int status;
        pid_t ended = waitpid(-1, &status, 0);
        if (ended < 0 && errno == EINTR) continue;
        if (ended < 0) _exit(exit_failed);
        if (ended != child) continue;
        if (WIFEXITED(status)) _exit(WEXITSTATUS(status));
        if (WIFSIGNALED(status)) _exit(128 + WTERMSIG(status));
    }
}

static void raise_loopback(void) {
    int handle = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
    if (handle < 0 || ioctl(handle, SIOCSIFFLAGS, &request) != 0) fail("raise", "lo");
    close(handle);
}

static void drop_capabilities(void) {
    for (int i = 0; i < capabilities_max; i++) prctl(PR_CAPBSET_DROP, i, 0, 0, 0);
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    // _LINUX_CAPABILITY_VERSION_3, of this process, and nothing set.
    uint32_t header[2] = {0x20080522, 0};
    uint32_t sets[6] = {0};
    if (syscall(SYS_capset, header, sets) != 0) fail("drop", "capabilities");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) fail("give up", "privileges");
}

static void become(char *const program[]) {
    setsid();
    if (chdir(folder) != 0) fail("enter", folder);
    restrict_writing();
    execvp(program[0], program);
    int code = errno;
    dprintf(2, "hive-sandbox: cannot run %s: %s\n", program[0], strerror(code));
    _exit(exit_no_program);
}

static void be_init(char *const program[]) {
    die_with(0);
    if (sethostname(host_name, strlen(host_name)) != 0) fail("name", host_name);
    if (!shares_network) raise_loopback();
    build_root();
    drop_capabilities();
    pid_t child = fork();
    if (child < 0) fail("start", program[0]);
    if (child == 0) become(program);
    end_like(child);
}

static void be_keeper(pid_t caller, char *const program[]) {
    char map[64];
    unsigned user = geteuid(), group = getegid();
    int namespaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS;
    if (!shares_network) namespaces |= CLONE_NEWNET;
    syscall(call_close_range, 3u, ~0u, 0u);
    if (unshare(namespaces) != 0) fail("enter", "new namespaces");
    // After that, as new capabilities clear it.
    die_with(caller);
    write_file("/proc/self/setgroups", "deny");
    snprintf(map, sizeof map, "%u %u 1\n", user, user);
    write_file("/proc/self/uid_map", map);
    snprintf(map, sizeof map, "%u %u 1\n", group, group);
    write_file("/proc/self/gid_map", map);
    pid_t init = fork();
    if (init < 0) fail("start", "the first process");
    if (init == 0) be_init(program);
    end_like(init);
}

int clinux_sandbox(int count, char *const words[]) {
    int program = read_words(count, words);
    if (program >= count) {
        errno = EINVAL;
        fail("start", "no program");
    }
    pid_t caller = getpid();
    pid_t keeper = fork();
    if (keeper < 0) return -1;
    if (keeper == 0) be_keeper(caller, &words[program]);
    end_like(keeper);
    return -1;
}
