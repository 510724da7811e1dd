"""Drives `hive mcp` by the official Python SDK: `python checks.py NAME`, in a project's folder.

Each check is a function; its name is the command line's. The Swift tests run each in a project of
its own, with or without a daemon, and with what environment it needs.
"""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys

import anyio
import mcp_types as types
from mcp.shared.exceptions import MCPError

from desk import desk, expect

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


async def every_tool() -> None:
    """Each tool once, from the first hunt to the flip; the list follows the phase."""
    async with desk() as one:
        always = {
            "hive_validateSignal", "hive_emitSignal", "hive_checkPhase", "hive_getState",
            "hive_allowedTools", "hive_search", "hive_quarantine",
        }
        tools = await one.tools()
        expect(always <= tools, tools)
        expect("hive_witness" not in tools and "hive_flip" not in tools, tools)
        powers = [name for name in tools if "override" in name or "release" in name]
        expect(not powers, powers)

        valid = await one.use("hive_validateSignal", signal={"hive": "H", "port": 0, "msg": "x"})
        expect(valid.structured_content["valid"], valid)
        wrong = await one.use("hive_validateSignal", signal={"hive": "H", "port": 9, "msg": "x"})
        gates = {g["gate"]: g["passed"] for g in wrong.structured_content["gates"]}
        expect(not wrong.structured_content["valid"] and gates["G7"] is False, wrong)
        torn = await one.use("hive_validateSignal", signal='{"hive":')
        expect(torn.structured_content["gates"][0]["gate"] == "F2", torn)

        blocked = await one.use("hive_witness")
        expect(blocked.is_error and "TOOL_BLOCKED" in blocked.content[0].text, blocked)
        early = await one.say("V", 2, "done")
        expect(early.is_error and not early.structured_content["success"], early)
        expect("REWARD_HACK" in early.structured_content["violations"], early)
        hunt = await one.say("H", 0, "what a scatter costs")
        expect(hunt.structured_content["success"], hunt)
        state = (await one.use("hive_getState")).structured_content
        expect(state["phase"] == "H" and state["reached"] == ["H"], state)
        ahead = {"currentPhase": "H", "requestedPhase": "V"}
        check = (await one.use("hive_checkPhase", **ahead)).structured_content
        expect(check["violations"] == ["SKIPPED_INTERLOCK", "REWARD_HACK"], check)
        expect(check["correctSequence"] == ["I", "V"], check)
        check = (await one.use("hive_checkPhase", requestedPhase="I")).structured_content
        expect(check["allowed"] and check["violation"] is None, check)
        allowed = (await one.use("hive_allowedTools")).structured_content
        expect("edit.code" in allowed["blocked"] and "read" in allowed["allowed"], allowed)

        await one.say("I", 1, "a failing test")
        await one.until(lambda: one.tool_lists > 0)
        expect("hive_witness" in await one.tools(), "no witness in I")
        nothing = await one.use("hive_witness", phase="I")
        expect(nothing.is_error, nothing)
        await one.say("V", 2, "it passes")
        await one.say("E", 3, "clearer")
        found = (await one.use("hive_search", words="scatter")).structured_content
        expect(found["signals"][0]["msg"] == "what a scatter costs", found)
        own = {"hive": "E", "port": 3, "msg": "not so"}
        declared = await one.use("hive_quarantine", signal=own, reason="LAZY_AI: none")
        expect(declared.structured_content["violation"] == "LAZY_AI", declared)

        asked = await one.use("hive_scatter", prompt="what a scatter costs", count=2)
        results = asked.structured_content
        expect(results["allComplete"] and len(results["taskIds"]) == 2, asked)
        gathered = await one.use(
            "hive_gather", scatterId=results["scatterId"], aggregation="concat"
        )
        expect(gathered.structured_content["allComplete"], gathered)
        expect(gathered.structured_content["aggregation"]["of"] == 2, gathered)

        expect("hive_flip" in await one.tools(), "no flip in E")
        other = await one.use("hive_flip", currentGen=12, summary="no")
        expect(other.is_error and "WRONG_GENERATION" in other.content[0].text, other)
        flip = (await one.use("hive_flip", currentGen=87, summary="all")).structured_content
        expect(flip["newGen"] == 88 and flip["newPhase"] == "H", flip)
        expect(len(flip["newTraceId"]) == 32, flip)
        expect(os.path.exists(flip["blackboardArchived"]), flip)


async def every_resource() -> None:
    async with desk() as one:
        said = await one.say("H", 0, "look")
        signal = said.structured_content["signalId"]
        await one.say("V", 2, "too early")
        names = {str(found.uri) for found in (await one.client.list_resources()).resources}
        expect(names == {f"hive://{n}" for n in ("state", "signals", "quarantine", "rules")}, names)
        templates = (await one.client.list_resource_templates()).resource_templates
        expect(len(templates) == 2, templates)
        expect(json.loads(await one.read("hive://state"))["phase"] == "H", "state")
        signals = json.loads(await one.read("hive://signals"))["signals"]
        expect([line["id"] for line in signals] == [signal], signals)
        for query, count in [("phase=H&port=0", 1), ("phase=I", 0), ("since=99", 0)]:
            found = json.loads(await one.read(f"hive://signals?{query}"))["signals"]
            expect(len(found) == count, query, found)
        entries = json.loads(await one.read("hive://quarantine"))["entries"]
        expect("REWARD_HACK" in entries[0]["violations"], entries)
        expect("reactions" in await one.read("hive://rules"), "rules")
        why = json.loads(await one.read(f"hive://signal/{signal}"))
        expect(why["signal"]["msg"] == "look", why)
        for uri, code in [("hive://nothing", -32002), ("hive://signal/none", -32002),
                          ("hive://signals?port=9", -32602)]:
            try:
                found = await one.read(uri)
                expect(False, uri, found)
            except MCPError as error:
                expect(error.code == code, uri, error.code)


async def subscriptions() -> None:
    """One client's signals are news to the other, and only what it watches."""
    async with desk("writer") as writer, desk("reader") as reader:
        for uri in ["hive://state", "hive://signals?phase=I", "hive://quarantine"]:
            await reader.client.subscribe_resource(uri)
        await writer.say("H", 0, "look")
        await reader.until(lambda: "hive://state" in reader.updated)
        expect("hive://signals?phase=I" not in reader.updated, reader.updated)
        await writer.say("I", 1, "a failing test")
        await reader.until(lambda: "hive://signals?phase=I" in reader.updated)
        expect("hive://quarantine" not in reader.updated, reader.updated)
        await writer.say("H", 3, "from the wrong port")
        await writer.say("E", 3, "too early")
        if os.environ.get("DAEMON"):
            await reader.until(lambda: "hive://quarantine" in reader.updated)
        await reader.client.unsubscribe_resource("hive://state")
        reader.updated.clear()
        await writer.say("I", 1, "another test")
        await reader.until(lambda: "hive://signals?phase=I" in reader.updated)
        expect("hive://state" not in reader.updated, reader.updated)


async def prompts() -> None:
    async with desk() as one:
        names = [prompt.name for prompt in (await one.client.list_prompts()).prompts]
        expect(len(names) == 9 and "brief" in names, names)
        for name in names[:8]:
            filled = await one.client.get_prompt(name, {"task": "count the eggs"})
            expect("count the eggs" in filled.messages[0].content.text, filled)
        brief = await one.client.get_prompt("brief", {})
        expect("say H from port 0" in brief.messages[0].content.text, brief)
        validate = await one.client.get_prompt("brief", {"phase": "V"})
        expect(validate.messages[0].content.text.startswith("Phase V"), validate)
        try:
            expect(False, await one.client.get_prompt("nobody", {}))
        except MCPError as error:
            expect(error.code == -32602, error)


async def completion() -> None:
    async with desk() as one:
        said = await one.say("H", 0, "look")
        signals = types.ResourceTemplateReference(
            type="ref/resource", uri="hive://signals{?since,phase,port}"
        )
        signal = types.ResourceTemplateReference(type="ref/resource", uri="hive://signal/{id}")
        brief = types.PromptReference(type="ref/prompt", name="brief")
        own = said.structured_content["signalId"]
        for ref, name, value, values in [
            (brief, "phase", "", ["H", "I", "V", "E"]), (signals, "phase", "x", ["X"]),
            (signals, "port", "3", ["3"]), (signals, "since", "", ["1"]),
            (signal, "id", "mcp", [own]), (signal, "id", "other", []),
        ]:
            found = await one.client.complete(ref, {"name": name, "value": value})
            expect(found.completion.values == values, name, found)


async def progress() -> None:
    """A scatter tells how far it is, each time further."""
    async with desk() as one:
        steps: list[tuple[float, float | None]] = []

        async def step(done: float, total: float | None, _message: str | None) -> None:
            steps.append((done, total))

        result = await one.client.call_tool(
            "hive_scatter", {"prompt": "what a scatter costs", "count": 3}, progress_callback=step
        )
        expect(result.structured_content["allComplete"], result)
        expect(steps and all(total == 3 for _, total in steps), steps)
        expect(all(a[0] < b[0] for a, b in zip(steps, steps[1:])), steps)


async def cancellation() -> None:
    """A scatter that nobody answers ends when it is cancelled, and the session goes on."""
    async with desk() as one:
        asked = anyio.Event()

        async def step(_done: float, _total: float | None, _message: str | None) -> None:
            asked.set()

        async with anyio.create_task_group() as group:
            scope = anyio.CancelScope()

            async def scatter() -> None:
                with scope:
                    await one.client.call_tool(
                        "hive_scatter", {"prompt": "silence", "count": 2}, progress_callback=step
                    )

            group.start_soon(scatter)
            await asked.wait()
            scope.cancel()
        expect(scope.cancelled_caught, "the scatter was answered")
        state = await one.use("hive_getState")
        expect(not state.is_error, state)


async def ask() -> None:
    """A swarm is asked one question: its artifact, and how far it is meanwhile."""
    async with desk() as one:
        steps: list[str] = []

        async def step(_done: float, _total: float | None, message: str | None) -> None:
            steps.append(message or "")

        result = await one.client.call_tool(
            "hive_ask",
            {"question": os.environ["QUESTION"], "swarm": 4, "disruptors": 0},
            progress_callback=step,
        )
        artifact = result.structured_content
        expect(artifact["status"] == "complete" and artifact["answer"], artifact)
        expect(artifact["evidence"]["voters"] == 4, artifact)
        expect(artifact["answer"] in result.content[0].text, result)
        expect(steps and steps[-1].endswith("of 4 voted"), steps)
        missing = await one.use("hive_ask")
        expect(missing.is_error and "question" in missing.content[0].text, missing)


async def logging() -> None:
    async with desk() as one:
        await one.client.set_logging_level("debug")
        await one.say("H", 0, "look")
        await one.until(lambda: any(log.data.get("event") == "judged" for log in one.logs))
        expect({log.logger for log in one.logs} == {"hive"}, one.logs)
        await one.client.set_logging_level("emergency")
        heard = len(one.logs)
        await one.client.subscribe_resource("hive://state")
        await one.say("H", 0, "look again")
        await one.until(lambda: "hive://state" in one.updated)
        expect(len(one.logs) == heard, one.logs)


async def elicitation() -> None:
    """A flip asks the person at the client, and takes no for an answer."""
    async with desk(elicits=True) as one:
        for phase, port in [("H", 0), ("I", 1), ("V", 2), ("E", 3)]:
            await one.say(phase, port, f"say {phase}")
        one.answer = "decline"
        refused = await one.use("hive_flip", currentGen=87, summary="the eggs are counted")
        expect(refused.is_error and "the eggs are counted" in one.confirms[0], refused)
        expect((await one.use("hive_getState")).structured_content["gen"] == 87, "it flipped")
        one.answer = "accept"
        flip = await one.use("hive_flip", currentGen=87, summary="the eggs are counted")
        expect(flip.structured_content["newGen"] == 88 and len(one.confirms) == 2, flip)


async def trace_context() -> None:
    """The client's trace is the signal's, and comes back with another span."""
    async with desk() as one:
        meta = {"traceparent": TRACE, "tracestate": "vendor=value"}
        said = await one.say("H", 0, "look", meta)
        out = said.meta
        expect(out["traceparent"].split("-")[1] == TRACE.split("-")[1], out)
        expect(out["traceparent"] != TRACE and out["tracestate"] == "vendor=value", out)
        signals = json.loads(await one.read("hive://signals"))["signals"]
        expect(signals[0]["traceId"] == TRACE.split("-")[1], signals)
        expect(signals[0]["agent"] == "sdk", signals)
        own = (await one.use("hive_getState")).structured_content
        expect(own["traceId"] != TRACE.split("-")[1] and own["reached"] == [], own)


async def negotiation() -> None:
    """The SDK's own probe for newer revisions finds the handshake."""
    async with desk(mode="auto") as one:
        expect(one.client.protocol_version == "2025-11-25", one.client.protocol_version)
        expect(one.client.server_info.name == "hive", one.client.server_info)
        expect("hive_emitSignal" in one.client.instructions, one.client.instructions)
        await one.client.send_ping()


async def two_agents() -> None:
    """A hunts; B tries V, is refused, writes the red test, is witnessed, and goes on."""
    red, green = json.loads(os.environ["RED"]), json.loads(os.environ["GREEN"])

    def write(files: dict[str, str]) -> None:
        for path, text in files.items():
            os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        subprocess.run(["git", "add", "--all"], check=True)

    async with desk("agent-a") as a, desk("agent-b") as b:
        for one in (a, b):
            await one.client.subscribe_resource("hive://signals")
        meta = {"traceparent": TRACE}
        expect((await a.say("H", 0, "add gives nothing", meta)).structured_content["success"], "H")
        await b.until(lambda: b.updated)
        seen = json.loads(await b.read("hive://signals"))["signals"]
        expect(seen[-1]["agent"] == "agent-a", seen)

        hack = await b.say("V", 2, "it works", meta)
        expect(hack.is_error and "REWARD_HACK" in hack.structured_content["violations"], hack)
        a.updated.clear()
        said = await b.say("I", 1, "a failing test of add", meta)
        expect(said.structured_content["success"], said)
        await a.until(lambda: a.updated)
        seen = json.loads(await a.read("hive://signals"))["signals"]
        expect(any(line["agent"] == "agent-b" and line["phase"] == "I" for line in seen), seen)
        unseen = await b.say("V", 2, "it works", meta)
        expect(unseen.structured_content["violations"] == ["REWARD_HACK"], unseen)

        write(red)
        steps: list[str] = []

        async def step(_done: float, _total: float | None, message: str | None) -> None:
            steps.append(message or "")

        witnessed = await b.client.call_tool(
            "hive_witness", {"phase": "I"}, meta=meta, progress_callback=step
        )
        expect(witnessed.structured_content["proven"] and steps, witnessed)
        write(green)
        said = await b.say("V", 2, "it works", meta)
        expect(said.structured_content["success"], said)
        witnessed = await b.use("hive_witness", meta, phase="V")
        expect(witnessed.structured_content["proven"], witnessed)
        said = await a.say("E", 3, "delivered", meta)
        expect(said.structured_content["success"], said)
        state = await a.use("hive_getState", meta)
        expect(state.structured_content["reached"] == ["H", "I", "V", "E"], state)


CHECKS = {
    name: check
    for name, check in globals().items()
    if inspect.iscoroutinefunction(check) and check.__module__ == __name__
}

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in CHECKS:
        sys.exit(f"usage: checks.py {'|'.join(CHECKS)}")
    anyio.run(CHECKS[sys.argv[1]])
