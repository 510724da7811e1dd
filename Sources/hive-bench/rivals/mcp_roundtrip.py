"""Times round trips of `hive_validateSignal` over stdio: `mcp_roundtrip.py COUNT COMMAND…`.

Prints p50 and p99 in nanoseconds. It speaks the protocol by hand, so that no SDK is measured.
"""

import json
import subprocess
import sys
import time

WARMUP = 200
SIGNAL = {
    "ts": "2025-12-29T10:00:00Z", "mark": 1.0, "pull": "downstream", "msg": "round and round",
    "type": "signal", "hive": "H", "gen": 87, "port": 0,
}


def main() -> None:
    count = int(sys.argv[1])
    server = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(number: int, method: str, params: dict) -> dict:
        request = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
        server.stdin.write(json.dumps(request).encode() + b"\n")
        server.stdin.flush()
        while True:
            line = server.stdout.readline()
            if not line:
                sys.exit(f"{sys.argv[2]} ended")
            if f'"id":{number}'.encode() in line.replace(b" ", b""):
                return json.loads(line)

    ask(0, "initialize", {
        "protocolVersion": "2025-11-25", "capabilities": {},
        "clientInfo": {"name": "bench", "version": "1"},
    })
    server.stdin.write(b'{"jsonrpc":"2.0","method":"notifications/initialized"}\n')
    params = {"name": "hive_validateSignal", "arguments": {"signal": SIGNAL}}
    times = []
    for number in range(1, WARMUP + count + 1):
        start = time.perf_counter_ns()
        answer = ask(number, "tools/call", params)
        times.append(time.perf_counter_ns() - start)
        if not answer["result"]["structuredContent"]["valid"]:
            sys.exit(f"not valid: {answer}")
    server.stdin.close()
    server.wait()
    times = sorted(times[WARMUP:])
    for name, percent in [("p50", 50), ("p99", 99)]:
        print(name, times[max(0, (len(times) * percent + 99) // 100 - 1)])


main()
