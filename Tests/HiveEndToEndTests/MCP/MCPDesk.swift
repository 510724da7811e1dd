import Glibc
import HiveSignal
import HiveTestKit

/// A client of the real `hive mcp` that says just what a test has it say.
final class MCPDesk {
    let process: Spawned
    /// Kept for as long as the server works in it.
    private let folder: TemporaryFolder
    /// What came between answers, in order.
    private(set) var notifications: [JSONValue] = []
    private var lastID: Int64 = 0

    /// Starts the server, and initializes the session unless `version` is nil.
    init(
        in folder: TemporaryFolder,
        environment: [String: String] = [:],
        version: String? = "2025-11-25",
        flags: [String] = []
    ) throws {
        self.folder = folder
        process = try Spawned.start(
            HiveProgram.path,
            ["mcp"] + flags,
            in: folder.path,
            environment: environment,
            errors: folder.at("mcp.log"),
            keepsInput: true
        )
        if let version {
            try initialize(version)
            say(#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#)
        }
    }

    @discardableResult
    func initialize(_ version: String) throws -> JSONValue {
        try ask(
            "initialize",
            [
                "protocolVersion": .string(version), "capabilities": [:],
                "clientInfo": ["name": "desk", "version": "1"],
            ]
        )
    }

    /// Writes a line.
    func say(_ line: String) { process.write(Array((line + "\n").utf8)) }

    /// The next message; nil where the server has ended.
    func hear() throws -> JSONValue? {
        try process.readLine().map { try JSONValue(parsing: $0) }
    }

    /// The next message of a kind; nil where the server has ended.
    func hear(where accepts: (JSONValue) -> Bool) throws -> JSONValue? {
        while let message = try hear() { if accepts(message) { return message } }
        return nil
    }

    /// Says a line, and gives the next message that is no notification.
    func answer(to line: String) throws -> JSONValue {
        say(line)
        return try nextAnswer()
    }

    func nextAnswer() throws -> JSONValue {
        while let message = try hear() {
            guard message["method"] != nil else { return message }
            notifications.append(message)
        }
        throw TestKitError("the server ended: exit \(process.wait())")
    }

    /// The result of a request, or its error as `{"code","message"}`.
    @discardableResult
    func ask(_ method: String, _ params: JSONValue = [:]) throws -> JSONValue {
        let id = begin(method, params)
        let message = try nextAnswer()
        guard message["id"] == .integer(id) else {
            throw TestKitError("another answer than that to \(id): \(message.text)")
        }
        return message["result"] ?? message["error"] ?? .null
    }

    /// Sends a request, and gives its id.
    func begin(_ method: String, _ params: JSONValue = [:]) -> Int64 {
        lastID += 1
        let request: JSONValue = [
            "jsonrpc": "2.0", "id": .integer(lastID), "method": .string(method), "params": params,
        ]
        say(request.text)
        return lastID
    }

    /// Uses a tool; its `CallToolResult`.
    func use(_ tool: String, _ arguments: JSONValue = [:]) throws -> JSONValue {
        try ask("tools/call", ["name": .string(tool), "arguments": arguments])
    }

    func emit(_ phase: String, _ port: Int64, _ message: String) throws -> JSONValue {
        let signal: JSONValue = [
            "hive": .string(phase), "port": .integer(port), "msg": .string(message),
        ]
        return try use("hive_emitSignal", ["signal": signal])
    }

    /// Waits for a notification, those that came before among them.
    func awaitNotification(
        _ method: String,
        where accepts: (JSONValue) -> Bool = { _ in true }
    ) throws {
        func isIt(_ message: JSONValue) -> Bool {
            message["method"] == .string(method) && accepts(message["params"] ?? .null)
        }
        if let place = notifications.firstIndex(where: isIt) {
            notifications.removeFirst(place + 1)
            return
        }
        while let message = try hear() {
            if isIt(message) { return }
            guard message["method"] != nil else {
                throw TestKitError("an answer came before \(method): \(message.text)")
            }
        }
        throw TestKitError("the server ended without \(method)")
    }

    /// Ends the input; the server's exit code.
    func end() -> Int32 {
        process.endInput()
        return process.wait()
    }

    /// The most memory that the server ever had, in bytes.
    func peakMemory() throws -> Int {
        guard let file = fopen("/proc/\(process.pid)/status", "r") else {
            throw TestKitError("no status of \(process.pid)")
        }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 8_192)
        let count = fread(&bytes, 1, bytes.count, file)
        let lines = String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n")
        let words = lines.first { $0.hasPrefix("VmHWM:") }?.split(separator: " ") ?? []
        guard words.count > 1, let kibibytes = Int(words[1]) else {
            throw TestKitError("no VmHWM of \(process.pid)")
        }
        return kibibytes << 10
    }
}

extension TemporaryFolder {
    /// A board on which nothing was said, for a session without a daemon; nobody reacts.
    ///
    /// `mode` is the rule book's; nil: the usual one.
    func makeEmptyBoard(mode: String? = nil) throws {
        try makeQuietRules()
        if let mode {
            let rules = bytes("specs/rules.yaml") + Array("mode: \(mode)\n".utf8)
            try write(rules, to: "specs/rules.yaml")
        }
        try makeFolder("sandbox")
        try write([], to: "sandbox/obsidianblackboard.jsonl")
    }
}
