"""The rival of `hive mcp`: the Python SDK's own server (once FastMCP) with the same eight checks."""

from datetime import datetime
from typing import Any

from mcp.server.mcpserver import MCPServer

server = MCPServer("rival")


def is_time(value: Any) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except (TypeError, ValueError):
        return False


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


GATES = [
    ("G0", lambda s: is_time(s.get("ts"))),
    ("G1", lambda s: is_number(s.get("mark")) and 0 <= s["mark"] <= 1),
    ("G2", lambda s: s.get("pull") in ("upstream", "downstream", "lateral")),
    ("G3", lambda s: isinstance(s.get("msg"), str) and s["msg"].strip() != ""),
    ("G4", lambda s: s.get("type") in ("signal", "event", "error", "metric")),
    ("G5", lambda s: s.get("hive") in ("H", "I", "V", "E", "X")),
    ("G6", lambda s: is_integer(s.get("gen")) and s["gen"] >= 87),
    ("G7", lambda s: is_integer(s.get("port")) and 0 <= s["port"] <= 7),
]


@server.tool(name="hive_validateSignal")
def validate(signal: dict[str, Any]) -> dict[str, Any]:
    gates = [{"gate": name, "passed": bool(check(signal))} for name, check in GATES]
    valid = all(gate["passed"] for gate in gates)
    return {"valid": valid, "gates": gates, "quarantined": not valid}


if __name__ == "__main__":
    server.run("stdio")
