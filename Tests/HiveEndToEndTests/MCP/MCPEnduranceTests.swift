import Dispatch
import HiveSignal
import HiveTestKit
import Testing

/// Clients that say too much, listen too little or go away, and daemons that come and go.
@Suite struct MCPEnduranceTests {
    /// Memory that a session may take over what it had: the bounds, and what the allocator keeps.
    private static let growthBytesMax = 64 << 20

    @Test func `a line of 100 MB is refused and not kept`() throws {
        let desk = try MCPDesk(in: try TemporaryFolder())
        let before = try desk.peakMemory()
        let piece = [UInt8](repeating: UInt8(ascii: "a"), count: 1 << 20)
        for _ in 0..<100 { #expect(desk.process.write(piece) == piece.count) }
        let answer = try desk.answer(to: "")
        #expect(answer["error"]?["code"] == -32600, "\(answer.text)")
        #expect(try desk.ask("ping") == [:], "it lives on")
        let growth = try desk.peakMemory() - before
        #expect(growth < Self.growthBytesMax, "\(growth) bytes")
        #expect(desk.end() == 0)
    }

    @Test func `a client that stops to read waits for itself, and finds everything`() throws {
        let desk = try MCPDesk(in: try TemporaryFolder())
        let count = 30_000
        let before = try desk.peakMemory()
        let said = DispatchSemaphore(value: 0)
        let writer = Writer(desk.process)
        // 30,000 answers of 4 KB.
        let thread = try JoinedThread {
            for id in 1...count {
                let request = #"{"jsonrpc":"2.0","id":"r\#(id)","method":"resources/list"}"# + "\n"
                writer.process.write(Array(request.utf8))
            }
            said.signal()
        }
        // A server without bounds would take it all in this time; one with bounds never does, and
        // however long this is, the test holds.
        _ = said.wait(timeout: .now() + 2)
        var seen: Set<String> = []
        while seen.count < count, let message = try desk.hear() {
            seen.insert(message["id"]?.stringValue ?? "")
        }
        thread.join()
        #expect(seen.count == count)
        let growth = try desk.peakMemory() - before
        #expect(growth < Self.growthBytesMax, "\(growth) bytes")
        #expect(try desk.ask("ping") == [:])
        #expect(desk.end() == 0)
    }

    /// The process, for the thread that writes to it.
    ///
    /// Unchecked because a process is no value: this thread only writes, the other only reads.
    private struct Writer: @unchecked Sendable {
        let process: Spawned

        init(_ process: Spawned) { self.process = process }
    }

    @Test(arguments: [false, true])
    func `a client that closes in the middle of a scatter ends the session`(
        closesBoth: Bool
    ) async throws {
        let folder = try TemporaryFolder()
        try folder.makeEmptyBoard()
        let endpoint = try ScriptedEndpoint.silent()
        let environment = MCPSilence.environment(endpoint)
        let desk = try MCPDesk(in: folder, environment: environment)
        _ = desk.begin("tools/call", MCPSilence.scatter)
        try desk.awaitNotification("notifications/progress")
        await endpoint.waitFor(requests: 1)
        if closesBoth { desk.process.endOutput() }
        #expect(desk.end() == 0)
    }

    @Test func `a daemon's scatter goes on without the client that asked for it`() async throws {
        let folder = try TemporaryFolder()
        let endpoint = try ScriptedEndpoint.silent()
        let daemon = try DaemonUnderTest(
            in: folder,
            environment: MCPSilence.environment(endpoint)
        )
        let desk = try MCPDesk(in: folder)
        _ = desk.begin("tools/call", MCPSilence.scatter)
        try desk.awaitNotification("notifications/progress")
        await endpoint.waitFor(requests: 4)
        #expect(desk.end() == 0)
        let listed = try daemon.hive("tasks", "--json").lines
        #expect(listed.contains { $0.contains("\"pending\":4") }, "\(listed)")
        #expect(daemon.stop() == 0)
    }

    @Test func `a daemon that stops and starts under a live session is joined again`() throws {
        let folder = try TemporaryFolder()
        let first = try DaemonUnderTest(in: folder)
        let desk = try MCPDesk(in: folder)
        try desk.ask("logging/setLevel", ["level": "info"])
        try desk.ask("resources/subscribe", ["uri": "hive://signals"])
        #expect(try desk.emit("H", 0, "look")["isError"] == false)
        try desk.awaitNotification("notifications/resources/updated")
        #expect(first.stop() == 0)
        try desk.awaitNotification("notifications/message") {
            $0["data"]?["event"] == "daemon gone"
        }

        // Without one, the same engine answers in the process, and the board's file is watched.
        #expect(try desk.emit("I", 1, "a failing test")["isError"] == false)
        try desk.awaitNotification("notifications/resources/updated")

        let second = try DaemonUnderTest(in: folder)
        #expect(try desk.emit("V", 2, "it passes")["isError"] == false)
        try desk.awaitNotification("notifications/resources/updated")
        let said = try second.hive(
            "emit",
            "--phase",
            "H",
            "--port",
            "0",
            "--trace",
            "new",
            "from elsewhere"
        )
        #expect(said.exitCode == 0, "\(said)")
        try desk.awaitNotification("notifications/resources/updated")
        let state = try desk.use("hive_getState")["structuredContent"]
        #expect(state?["reached"] == ["H", "I", "V"])
        #expect(second.stop() == 0)
        #expect(desk.end() == 0)
    }

    @Test func `the end of the input is the end, and what was asked is answered`() throws {
        let folder = try TemporaryFolder()
        let lines = [
            #"{"jsonrpc":"2.0","id":1,"method":"initialize","params":"#
                + #"{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"x"}}}"#,
            #"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"hive_emitSignal","#
                + #""arguments":{"signal":{"hive":"H","port":0,"msg":"look"}}}}"#,
        ]
        let daemon = try DaemonUnderTest(in: folder)
        // The last line has no LF.
        let run = try HiveProgram.run(
            ["mcp"],
            in: folder.path,
            input: Array(lines.joined(separator: "\n").utf8)
        )
        #expect(run.exitCode == 0, "\(run)")
        #expect(run.lines.count == 2, "\(run.standardOutput)")
        #expect(try daemon.state()["accepted"] == 1)
        #expect(daemon.stop() == 0)
    }

    @Test func `the client's trace is not another session's`() throws {
        let folder = try TemporaryFolder()
        let daemon = try DaemonUnderTest(in: folder)
        let (one, two) = (try MCPDesk(in: folder), try MCPDesk(in: folder))
        #expect(try one.emit("H", 0, "look")["isError"] == false)
        let early = try two.emit("I", 1, "a failing test")
        #expect(early["structuredContent"]?["violations"] == ["SKIPPED_HUNT"], "\(early.text)")
        #expect(early["structuredContent"]?["nextAllowed"]?.arrayValue?.first?["phase"] == "H")
        #expect(daemon.stop() == 0)
        #expect(one.end() == 0 && two.end() == 0)
    }
}
