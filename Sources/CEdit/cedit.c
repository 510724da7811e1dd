#include "CEdit.h"

#include <errno.h>
#include <signal.h>
#include <termios.h>
#include <stdatomic.h>
#include <stdint.h>
#include <unistd.h>

// Lock-free atomics: the handler runs on any thread, and the editor reads on its own.
static atomic_int watching = -1;
static atomic_int resized = 0;
static atomic_int continued = 0;
static atomic_int ending = 0;

static void note(int number) {
    int saved = errno;
    uint64_t one = 1;
    if (number == SIGWINCH) resized = 1;
    else if (number == SIGCONT) continued = 1;
    else ending = 1;
    ssize_t ignored = write(watching, &one, sizeof one);
    (void)ignored;
    errno = saved;
}

void cedit_watch_signals(int descriptor, int ends) {
    struct sigaction action = {0};
    action.sa_handler = note;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    watching = descriptor;
    sigaction(SIGWINCH, &action, NULL);
    sigaction(SIGCONT, &action, NULL);
    if (!ends) return;
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
}

int cedit_take_resize(void) {
    return atomic_exchange(&resized, 0);
}

int cedit_take_continued(void) {
    return atomic_exchange(&continued, 0);
}

int cedit_should_end(void) { return ending; }

enum { guarded_signals_count = 5 };
static const int guarded_signals[guarded_signals_count] = {
    SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP,
};
static struct sigaction unguarded[guarded_signals_count];
static struct termios guarded_modes;
static int guarded_terminal = -1;

static void give_terminal_back(int number) {
    signal(SIGTTOU, SIG_IGN);
    tcsetattr(guarded_terminal, TCSANOW, &guarded_modes);
    signal(number, SIG_DFL);
    raise(number);
}

void cedit_guard_terminal(int descriptor, const struct termios *modes) {
    guarded_terminal = descriptor;
    guarded_modes = *modes;
    for (int i = 0; i < guarded_signals_count; i++) {
        struct sigaction action = {0};
        action.sa_handler = guarded_signals[i] == SIGTSTP ? SIG_IGN : give_terminal_back;
        action.sa_flags = SA_RESTART;
        sigemptyset(&action.sa_mask);
        sigaction(guarded_signals[i], NULL, &unguarded[i]);
        if (unguarded[i].sa_handler != SIG_IGN) sigaction(guarded_signals[i], &action, NULL);
    }
}

void cedit_unguard_terminal(void) {
    for (int i = 0; i < guarded_signals_count; i++) {
        sigaction(guarded_signals[i], &unguarded[i], NULL);
    }
}
