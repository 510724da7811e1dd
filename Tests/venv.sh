#!/bin/sh
# Installs Python programs that tests drive, from PyPI, into a virtual environment under .build/ of
# the repository: `venv.sh NAME REQUIREMENTS`. Does nothing where it is done.
set -eu

say() { echo "venv: $*" >&2; }

name=$1
requirements=$2
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
folder="$here/../.build/$name"
mkdir -p "$folder"

# The mark is written last: it says that the steps before it were done whole.
if cmp -s "$requirements" "$folder/installed.txt"; then exit 0; fi
rm -rf "$folder/venv"
if ! python3 -m venv "$folder/venv" >"$folder/venv.log" 2>&1; then
    say "python3 cannot make a virtual environment: see $folder/venv.log"
    say "on Debian: apt-get install python3-venv, then try again"
    exit 1
fi
say "installing" $(grep -v '^#' "$requirements")
if ! "$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    --requirement "$requirements"; then
    say "pip could not install it: is PyPI in reach?"
    exit 1
fi
cp "$requirements" "$folder/installed.txt"
