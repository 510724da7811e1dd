#!/usr/bin/env python3
"""Serves the small model of `make model` on 127.0.0.1 with an OpenAI-compatible API.

Prints `READY http://127.0.0.1:PORT`, and ends on SIGTERM, SIGINT, and when its standard input
ends: whoever started it is gone then. Run it with the Python of `.model/venv`.
"""

import argparse
import os
import pathlib
import signal
import sys
import threading

# Threads that spin while they wait stall a machine that is busy with something else; the library
# reads this once, when it is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

GGUF = "SmolLM2-135M-Instruct.Q4_1.gguf"
ALIAS = "smollm2-135m"


def arguments():
    root = pathlib.Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(description="Serve the small model on 127.0.0.1.")
    folder = os.environ.get("HIVE_MODEL_DIR", str(root / ".model"))
    parser.add_argument("--model", default=os.path.join(folder, GGUF), help="the GGUF")
    parser.add_argument("--port", type=int, default=0, help="0: the kernel chooses")
    parser.add_argument("--slots", type=int, default=8, help="requests served at once")
    parser.add_argument("--context", type=int, default=2048, help="tokens for each slot")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    return parser.parse_args()


def serve(options):
    """Starts the server, on threads of its own."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = options.model
    params.model_alias = {ALIAS}
    params.hostnames = ["127.0.0.1"]
    params.port = options.port
    params.n_parallel = options.slots
    # The context is shared out among the slots.
    params.n_ctx = options.slots * options.context
    params.cpuparams.n_threads = options.threads
    params.cpuparams_batch.n_threads = options.threads
    params.n_gpu_layers = 0
    params.cache_ram_mib = 0
    params.endpoint_metrics = True
    params.verbosity = -1
    return xllamacpp.Server(params)


def wait_for_end():
    """Waits for a signal, or for the end of standard input."""
    over = threading.Event()
    numbers = (signal.SIGTERM, signal.SIGINT)
    for number in numbers:
        signal.signal(number, lambda *_: over.set())
    # A program that was started by a thread of a pool has that thread's mask: all blocked.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, numbers)

    def read_to_end():
        while os.read(0, 4096):
            pass
        over.set()

    threading.Thread(target=read_to_end, daemon=True).start()
    over.wait()


def main():
    options = arguments()
    if not os.path.isfile(options.model):
        print(f"serve: there is no {options.model}; run make model", file=sys.stderr)
        return 1
    server = serve(options)
    print(f"READY {server.listening_address}", flush=True)
    wait_for_end()
    # The library's threads hold nothing that would be lost.
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
