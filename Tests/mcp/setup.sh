#!/bin/sh
# Installs the official Python SDK of the Model Context Protocol for the tests, from PyPI, into a
# virtual environment under .build/ of the repository. Does nothing where it is done.
set -eu

say() { echo "test-mcp: $*" >&2; }

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
folder="${HIVE_MCP_SDK:-$here/../../.build/mcp-sdk}"
mkdir -p "$folder"

# The mark is written last: it says that the steps before it were done whole.
if cmp -s "$here/requirements.txt" "$folder/installed.txt"; then exit 0; fi
rm -rf "$folder/venv"
if ! python3 -m venv "$folder/venv" >"$folder/venv.log" 2>&1; then
    say "python3 cannot make a virtual environment: see $folder/venv.log"
    say "on Debian: apt-get install python3-venv, then make test-mcp again"
    exit 1
fi
say "installing $(grep -v '^#' "$here/requirements.txt")"
if ! "$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    --requirement "$here/requirements.txt"; then
    say "pip could not install it: is PyPI in reach?"
    exit 1
fi
cp "$here/requirements.txt" "$folder/installed.txt"
