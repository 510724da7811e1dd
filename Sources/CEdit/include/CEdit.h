// What Swift cannot call of libedit: el_wset, el_wget and history_w take a variable number of
// arguments. Each use is a function of its own here, with the types that libedit expects.
//
// Only the wide interface is used: the narrow one converts by the locale and loses what the locale
// does not have. Beside it stand the few system calls that an editor which waits for two things at
// once needs: eventfd(2), and a signal handler, which Swift must not run.
#ifndef HIVE_CEDIT_H
#define HIVE_CEDIT_H

#include <termios.h>
#include <histedit.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <wchar.h>

/// The editor function codes of histedit.h that are used, as the type that functions return.
static const unsigned char cedit_normal = CC_NORM;
static const unsigned char cedit_newline = CC_NEWLINE;
static const unsigned char cedit_refresh_line = CC_REFRESH;
static const unsigned char cedit_refresh_and_beep = CC_REFRESH_BEEP;

typedef wchar_t *(*cedit_prompt_function)(EditLine *);
/// Reads one character: 1, 0 at the end of input, -1 with errno.
typedef int (*cedit_read_function)(EditLine *, wchar_t *);
typedef unsigned char (*cedit_editor_function)(EditLine *, wint_t);

/// An editor on the standard streams; no file of the user's is read. NULL where there is no memory.
static inline EditLine *cedit_open(const char *program) {
    return el_init(program, stdin, stdout, stderr);
}

static inline int cedit_set_client_data(EditLine *editor, void *data) {
    return el_wset(editor, EL_CLIENTDATA, data);
}

static inline void *cedit_client_data(EditLine *editor) {
    void *data = NULL;
    el_wget(editor, EL_CLIENTDATA, &data);
    return data;
}

/// What stands between two `escape` characters in the prompt takes no columns.
static inline int cedit_set_prompt(
    EditLine *editor, cedit_prompt_function prompt, wchar_t escape) {
    return el_wset(editor, EL_PROMPT_ESC, prompt, escape);
}

static inline int cedit_set_reader(EditLine *editor, cedit_read_function read) {
    return el_wset(editor, EL_GETCFN, read);
}

static inline int cedit_set_editor(EditLine *editor, const wchar_t *name) {
    return el_wset(editor, EL_EDITOR, name);
}

static inline int cedit_bind(EditLine *editor, const wchar_t *key, const wchar_t *function) {
    return el_wset(editor, EL_BIND, key, function, NULL);
}

/// `modes`: -d while a line is edited, -x while a command runs (editrc(5), setty).
static inline int cedit_set_terminal_mode(
    EditLine *editor, const wchar_t *modes, const wchar_t *change) {
    return el_wset(editor, EL_SETTY, modes, change, NULL);
}

/// Adds hive-complete, hive-cancel and hive-suspend, for keys to be bound to.
///
/// libedit keeps the names' addresses, so they are literals.
static inline int cedit_add_functions(
    EditLine *editor, cedit_editor_function complete, cedit_editor_function cancel,
    cedit_editor_function suspend) {
    return el_wset(editor, EL_ADDFN, L"hive-complete", L"Complete the word", complete)
        | el_wset(editor, EL_ADDFN, L"hive-cancel", L"Give the line up", cancel)
        | el_wset(editor, EL_ADDFN, L"hive-suspend", L"Stop the process", suspend);
}

/// 1: the terminal is the editor's; 0: it is as it was found.
static inline int cedit_prepare_terminal(EditLine *editor, int prepared) {
    return el_wset(editor, EL_PREP_TERM, prepared);
}

/// Draws prompt and line anew, from where the cursor is.
static inline int cedit_redraw(EditLine *editor) { return el_wset(editor, EL_REFRESH); }

static inline int cedit_set_history(EditLine *editor, HistoryW *history) {
    return el_wset(editor, EL_HIST, history_w, history);
}

static inline int cedit_history_set_size(HistoryW *history, int lines) {
    HistEventW event;
    return history_w(history, &event, H_SETSIZE, lines);
}

/// A line that equals the one before it is not kept twice.
static inline int cedit_history_set_unique(HistoryW *history, int unique) {
    HistEventW event;
    return history_w(history, &event, H_SETUNIQUE, unique);
}

static inline int cedit_history_enter(HistoryW *history, const wchar_t *line) {
    HistEventW event;
    return history_w(history, &event, H_ENTER, line);
}

/// A counter to wait for, non-blocking; -1 with errno.
static inline int cedit_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

/// Counts changes of the window's size, and being continued, in `descriptor`, an eventfd; with
/// `ends` SIGTERM and SIGHUP too, which then do not end the process. -1: nothing is counted any more.
void cedit_watch_signals(int descriptor, int ends);

/// 1 once after each change of the window's size.
int cedit_take_resize(void);

/// 1 once after the process was stopped and continued.
int cedit_take_continued(void);

/// 1 where a watched signal asked the process to end.
int cedit_should_end(void);

/// Until `cedit_unguard_terminal`, SIGINT, SIGTERM, SIGHUP and SIGQUIT give the terminal these
/// modes before they end the process, and SIGTSTP does nothing: nobody is left with a terminal that
/// does not echo.
void cedit_guard_terminal(int descriptor, const struct termios *modes);
void cedit_unguard_terminal(void);

#endif
