#!/bin/sh
# make demo: the story of one bug, on a throw-away repository, with a real daemon.
#
# Piped, it prints Markdown: the README's tour. Every step checks what it saw; the first thing that
# is not as told ends the demo with exit code 1 and says what was expected. It never waits by the
# clock: `hive log -f` brings each verdict as it falls.
#
# HIVE names the binary; without it, hive is looked for on the PATH.
set -eu

# How many seconds a command, or the whole story from `hive up` on, may take.
patience=120

give_up() {
    printf 'demo: %s\n  → %s\n' "$1" "$2" >&2
    exit 3
}

binary=$(command -v "${HIVE:-hive}") || give_up "there is no ${HIVE:-hive}" 'run it by: make demo'
case $binary in /*) ;; *) binary=$PWD/$binary ;; esac
for tool in git make timeout; do
    command -v "$tool" >/dev/null || give_up "there is no $tool" 'install it'
done

# Nothing of the caller's may change the story: no settings of hive, git or make, and no locale
# that lacks ✓.
unset BLACKBOARD_PATH QUARANTINE_PATH AUDIT_PATH HIVE_STATE_DIR HIVE_RULES HIVE_AGENTS_DIR \
    HIVE_BACKEND CURRENT_GEN MAX_CONCURRENT_WORKERS MAKEFLAGS MFLAGS MAKELEVEL MAKEFILES \
    GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_CEILING_DIRECTORIES CDPATH
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 LC_ALL=C.UTF-8
export GIT_AUTHOR_NAME=you GIT_AUTHOR_EMAIL=you@example.com
export GIT_COMMITTER_NAME=you GIT_COMMITTER_EMAIL=you@example.com

# --- The stage -----------------------------------------------------------------------------------

# Markdown's own marks, or a terminal's, and a terminal's width.
strong='**' weak='**' typed='' plain='' columns=100000
if [ -t 1 ]; then
    strong='' weak=''
    if [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
        strong=$(printf '\033[1m') weak=$(printf '\033[0m')
        typed=$(printf '\033[36m') plain=$weak
    fi
    size=$(stty size <&1 2>/dev/null) || size='24 80'
    columns=$((${size#* } > 40 ? ${size#* } - 4 : 76))
fi

folder=$(mktemp -d "${TMPDIR:-/tmp}/hive-demo.XXXXXX")
project=$folder/project
# A home of its own: hive init makes a key where there is none. Nobody is asked for a passphrase.
export HOME="$folder/home"
unset XDG_CONFIG_HOME
exec </dev/null
output=$folder/output
follower=''

# Leaves nothing behind, however the demo ends.
finish() {
    code=$?
    trap '' HUP INT TERM
    trap - EXIT
    [ -z "$follower" ] || kill "$follower" 2>/dev/null || :
    if [ -e "$project/sandbox/.hive/lock" ]; then
        daemon=$(cat "$project/sandbox/.hive/lock")
        cd "$project" && timeout 10 "$binary" down >/dev/null 2>&1 || :
        kill -KILL "$daemon" 2>/dev/null || :
    fi
    cd / && rm -rf "$folder"
    exit "$code"
}
trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# In a process group of its own (timeout's), so that Ctrl-C ends this script and never a `hive up`
# half way, whose daemon nobody would know.
hive() { timeout "$patience" "$binary" "$@"; }

# tell TEXT: a paragraph.
tell() { printf '%s\n\n' "$1"; }

# run CODE COMMAND: shows a command and what it says, and ends the demo unless it exits with CODE.
# What it said stands in $output until the next one.
run() {
    expected=$1 command=$2
    printf '    %s$ %s%s\n' "$typed" "$command" "$plain"
    code=0
    eval "$command" >"$output" 2>&1 || code=$?
    while IFS= read -r line; do
        # A masked line is padded with blanks.
        printf '%s\n' "${line%"${line##*[! ]}"}"
    done <"$output" | fold -s -w "$columns" | while IFS= read -r line; do
        printf '%s\n' "${line:+    $line}"
    done
    [ "$code" -eq "$expected" ] || fail "exit code $expected" "exit code $code"
}

# expect TEXT…: the last command has said all of these.
expect() {
    for text in "$@"; do
        case $(cat "$output") in
        *"$text"*) ;;
        *) fail "$text" "$(cat "$output")" ;;
        esac
    done
}

fail() {
    printf '\ndemo: not as told: %s\n  expected %s\n  saw      %s\n' "$command" "$1" "$2" >&2
    exit 1
}

# verdicts COUNT: waits until so many more lines are judged, and all accepted: a signal and its
# answers.
verdicts() {
    seen=0
    while [ "$seen" -lt "$1" ]; do
        IFS= read -r judged <&3 || fail "judged lines: $1" "$seen, and no other in time"
        case $judged in
        *'"verdict":"accepted"'*) seen=$((seen + 1)) ;;
        *) fail 'an accepted line' "$judged" ;;
        esac
    done
}

# quarantined: waits for a line that is; its entry's id is left in $entry, as lists show it.
quarantined() {
    IFS= read -r judged <&3 || fail 'a quarantined line' 'none in time'
    case $judged in
    *'"verdict":"quarantined"'*'"entry":"q-'*) ;;
    *) fail 'a quarantined line' "$judged" ;;
    esac
    entry=${judged##*\"entry\":\"}
    entry=${entry%"${entry#q-??????????}"}
}

# task PORT: the id of the task of that port which the last list shows.
task() {
    while IFS= read -r line; do
        case $line in *" t-87-"*"-$1") printf '%s' "${line##* }" ;; esac
    done <"$output"
}

# --- The project ---------------------------------------------------------------------------------

mkdir -p "$project/lib" "$project/test"
cd "$project"

cat >lib/version.sh <<'END'
# is_newer A B: true where version A is newer than version B.
is_newer() {
    [ "$1" != "$2" ] && [ "$(printf '%s\n' "$1" "$2" | sort | tail -n 1)" = "$1" ]
}
END

cat >../fix.patch <<'END'
--- a/lib/version.sh
+++ b/lib/version.sh
@@ -1,4 +1,4 @@
 # is_newer A B: true where version A is newer than version B.
 is_newer() {
-    [ "$1" != "$2" ] && [ "$(printf '%s\n' "$1" "$2" | sort | tail -n 1)" = "$1" ]
+    [ "$1" != "$2" ] && [ "$(printf '%s\n' "$1" "$2" | sort -V | tail -n 1)" = "$1" ]
 }
END

cat >test/tap.sh <<'END'
# check NAME COMMAND…: a test that passes where the command is true; prints TAP.
check() {
    count=$((${count:-0} + 1))
    name=$1
    shift
    if "$@"; then echo "ok $count - $name"; else echo "not ok $count - $name" && failed=1; fi
}
trap 'echo "1..$count"; exit ${failed:-0}' EXIT
END

cat >test/version_test.sh <<'END'
. lib/version.sh
. test/tap.sh
check '2.0 is newer than 1.9' is_newer 2.0 1.9
check '1.2 is newer than 1.1' is_newer 1.2 1.1
END

printf 'test:\n\t@sh test/version_test.sh\n\n.PHONY: test\n' >Makefile

git init -q .
git symbolic-ref HEAD refs/heads/main
git add .
git commit -q -m 'Compare versions'

# --- The story -----------------------------------------------------------------------------------

tell 'A small project: a shell function that compares versions, and its tests.'
run 0 'cat lib/version.sh'
run 0 'hive init'
expect 'test command: make test' '8 personas' 'hive up --detach'
run 0 "git add . && git commit -q -m 'Set up hive' && git checkout -q -b one-ten"
run 0 'hive up --detach'
expect 'running, pid '
echo

mkfifo ../verdicts
hive log -f --after 0 --json >../verdicts 2>&1 &
follower=$!
exec 3<../verdicts

tell "${strong}Hunt.$weak A hint with a mark of 0.2 is recorded, and asks nobody. A stronger
signal asks by its pull: downstream, the ports of the next phase. Anything can
write one: it is a line in a file."
run 0 "hive emit --phase H --port 7 --mark 0.2 'a user: 1.10 is newer, and is not offered'"
expect '✓ accepted'
verdicts 1
run 0 'B=sandbox/obsidianblackboard.jsonl'
run 0 "echo '{\"ts\":\"2025-12-29T10:00:00Z\",\"mark\":0.9,\"pull\":\"downstream\",\"msg\":\"\
is_newer: is 1.10 newer than 1.9?\",\"type\":\"signal\",\"hive\":\"H\",\"gen\":87,\"port\":0}'\
 >> \$B"
verdicts 3
run 0 'hive tasks'
expect 'H 0  is_newer: is 1.10 newer' 'done      I 1  0.81  1 test file' \
    'done      I 6  0.81  1 earlier signal'
echo

tell 'The built-in tools have answered: port 1 has looked for tests and interfaces,
port 6 for earlier signals. An answer is a line on the board, judged like any
other.'
run 0 "hive tasks $(task 6)"
expect 'Kraken Keeper' 'H port 7' '1.10 is newer, and is not offered'
echo

tell 'Somebody claims to be done, and there is no failing test. It does not reach the
board.'
run 1 "hive emit --phase V --port 2 'fixed, it works'"
expect '✗ quarantined' SKIPPED_INTERLOCK REWARD_HACK
echo

tell "${strong}Interlock.$weak First a test, and it must fail. Ports 2 and 5 say what changed,
and whether it weakens the project."
run 0 "echo \"check '1.10 is newer than 1.9' is_newer 1.10 1.9\" >> test/version_test.sh"
run 1 'sh test/version_test.sh'
expect 'not ok 3'
run 0 "git add test && hive emit --phase I --port 1 'a test fails: 1.10 is newer than 1.9'"
expect '✓ accepted'
verdicts 3
run 0 'hive tasks -n 2'
expect 'done      V 2' '1 file changed' 'done      V 5' 'nothing suspicious'
echo

tell 'Upstream asks the phase before: where is it (port 0), and what may come next
(port 7)?'
run 0 "hive emit --phase I --port 6 --pull upstream 'who calls is_newer?'"
expect '✓ accepted'
verdicts 3
run 0 'hive tasks -n 2'
expect 'done      H 0' ' places in ' 'done      H 7' 'reached H, I'
echo

tell "${strong}Validate.$weak The fix is \`sort -V\`. Ports 3 and 4 say what is ready to go, and
run the tests."
run 0 'git apply --index ../fix.patch'
run 0 "hive emit --phase V --port 2 'versions are sorted as versions'"
expect '✓ accepted'
verdicts 3
run 0 'hive tasks -n 2'
expect 'done      E 3' 'branch one-ten' '2 staged' 'done      E 4' 'tests: 3 passed, 0 failed'
echo

tell "${strong}Evolve.$weak No mark is 1.5. The line is masked where it stands, and explained."
run 0 "git commit -q -m 'Sort versions as versions'"
run 0 "echo '{\"ts\":\"2025-12-29T10:00:00Z\",\"mark\":1.5,\"pull\":\"lateral\",\"msg\":\"green;\
 what goes out?\",\"type\":\"signal\",\"hive\":\"E\",\"gen\":87,\"port\":4}' >> \$B"
quarantined
run 0 'hive log -n 1'
expect '✗ E 4' G1 "$entry"
run 0 'tail -n 1 $B'
expect "{\"quarantined\":\"$entry"
run 0 "hive quarantine show $entry"
expect 'mark is 1.5' 'a number from 0 to 1' "hive quarantine release $entry"
echo

tell 'Mended, it is appended anew and judged; the past does not change. Lateral asks
the partner of its port, 3.'
run 0 "hive quarantine release $entry --line '{\"ts\":\"2025-12-29T10:00:00Z\",\"mark\":0.9,\
\"pull\":\"lateral\",\"msg\":\"green; what goes out?\",\"type\":\"signal\",\"hive\":\"E\",\
\"gen\":87,\"port\":4}'"
expect '✓ accepted'
verdicts 2
run 0 'hive tasks -n 1'
expect 'done      E 3' '1 commit ahead of main'
echo

tell 'A whole cycle. Nothing is left to answer; one entry waits for somebody to look
at it.'
run 0 'hive tasks --open'
expect 'no task is open'
run 0 'hive status'
expect 'running, pid ' 'phase E, cycle 1' '15 accepted' '1 unseen' '9 answered'
run 0 'hive down'
expect 'stopped the daemon'
