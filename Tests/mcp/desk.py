"""A client of `hive mcp` for the tests: the official SDK, and what the server tells meanwhile."""

from __future__ import annotations

import os
import warnings
from contextlib import asynccontextmanager
from typing import Any

import anyio
import mcp_types as types
from mcp import Client, StdioServerParameters

# Newer revisions of the protocol have other ways for some of what is driven here.
warnings.simplefilter("ignore")

HIVE = os.environ["HIVE"]
# Nothing here takes long; a machine that is busy may be slow. An end that never comes is a failure.
SECONDS_MAX = 300


class Desk:
    """One client, and the notifications it has heard."""

    def __init__(self) -> None:
        self.client: Client | None = None
        self.updated: list[str] = []
        self.tool_lists = 0
        self.logs: list[types.LoggingMessageNotificationParams] = []
        self.heard = anyio.Event()
        self.confirms: list[str] = []
        self.answer = "accept"

    async def on_message(self, message: Any) -> None:
        if isinstance(message, types.ResourceUpdatedNotification):
            self.updated.append(str(message.params.uri))
        elif isinstance(message, types.ToolListChangedNotification):
            self.tool_lists += 1
        self.ring()

    async def on_log(self, params: types.LoggingMessageNotificationParams) -> None:
        self.logs.append(params)
        self.ring()

    async def on_elicitation(self, _context: Any, params: Any) -> types.ElicitResult:
        self.confirms.append(params.message)
        content = {"confirm": True} if self.answer == "accept" else None
        return types.ElicitResult(action=self.answer, content=content)

    def ring(self) -> None:
        self.heard.set()
        self.heard = anyio.Event()

    async def until(self, holds: Any) -> None:
        """Waits for the notification after which something holds."""
        while not holds():
            await self.heard.wait()

    async def use(self, tool: str, meta: dict[str, Any] | None = None, **arguments: Any) -> Any:
        """Uses a tool; the SDK holds what comes against the tool's output schema."""
        return await self.client.call_tool(tool, arguments, meta=meta)

    async def say(self, phase: str, port: int, msg: str, meta: dict[str, Any] | None = None) -> Any:
        signal = {"hive": phase, "port": port, "msg": msg}
        return await self.use("hive_emitSignal", meta, signal=signal)

    async def read(self, uri: str) -> str:
        return (await self.client.read_resource(uri)).contents[0].text

    async def tools(self) -> set[str]:
        return {tool.name for tool in (await self.client.list_tools()).tools}


@asynccontextmanager
async def desk(name: str = "sdk", mode: str = "legacy", elicits: bool = False):
    """A session with a server of its own, in the working folder."""
    made = Desk()
    environment = {key: value for key, value in os.environ.items() if key != "HIVE"}
    server = StdioServerParameters(command=HIVE, args=["mcp"], env=environment)
    client = Client(
        server,
        mode=mode,
        client_info=types.Implementation(name=name, version="1"),
        message_handler=made.on_message,
        logging_callback=made.on_log,
        elicitation_callback=made.on_elicitation if elicits else None,
    )
    with anyio.fail_after(SECONDS_MAX):
        async with client:
            made.client = client
            yield made


def expect(holds: Any, *found: Any) -> None:
    """A check that says what it found."""
    if not holds:
        raise AssertionError(" ".join(str(part) for part in found))
