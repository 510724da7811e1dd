import Glibc

/// Round trips of `hive_validateSignal` over stdio, by one and the same client: `hive mcp` with a
/// daemon, beside the Python SDK's server with the same eight checks.
extension Bench {
    private static let roundTrips = 2_000
    private static let mcpSecondsMax = 120
    /// Where `make test-mcp` installs the SDK.
    private static let python = ".build/mcp-sdk/venv/bin/python"

    func measureMCP(_ table: inout Table) throws {
        guard let python = Self.absolute(Self.python), access(python, X_OK) == 0 else {
            return table.note("mcp: no Python SDK to measure beside: make test-mcp installs it")
        }
        guard let hive = Self.absolute(arguments.hive) else {
            throw BenchError("find \(arguments.hive)", errno: errno)
        }
        let path = "\(folder)/mcp"
        _ = try Child("rm", ["-rf", path]).finish(within: Self.mcpSecondsMax)
        mkdir(path, 0o755)
        guard let board = Self.absolute(path) else {
            throw BenchError("find \(path)", errno: errno)
        }
        let places = ["--board=\(board)/board.jsonl", "--state-dir=\(board)/state"]
        guard
            try Child(hive, ["up", "--detach"] + places).finish(within: Self.mcpSecondsMax).code
                == 0
        else { throw BenchError("start hive up", hint: "its message is on standard error") }
        defer { _ = try? Child(hive, ["down"] + places).finish(within: Self.mcpSecondsMax) }
        let client = [python, "\(arguments.rivals)/mcp_roundtrip.py", "\(Self.roundTrips)"]
        let own = try roundTrips(client + [hive, "mcp"] + places)
        let rival = try roundTrips(client + [python, "\(arguments.rivals)/mcp_server.py"])
        for name in ["p50", "p99"] {
            table.add(
                Table.Row(
                    figure: "mcp, validate a signal, \(name)",
                    unit: .microseconds,
                    hive: own.number(name).map { $0 / 1_000 },
                    rival: rival.number(name).map { $0 / 1_000 },
                    target: "below Python's"
                )
            )
        }
        table.note("mcp: \(Self.roundTrips) round trips over stdio; the rival is the Python SDK")
    }

    private func roundTrips(_ command: [String]) throws(BenchError) -> Figures {
        try Rivals.run(command[0], Array(command.dropFirst()), within: Self.mcpSecondsMax)
    }

    /// A link stays one: a virtual environment is known by its own name.
    private static func absolute(_ path: String) -> String? {
        guard !path.hasPrefix("/") else { return path }
        guard let here = realpath(".", nil) else { return nil }
        defer { free(here) }
        return "\(String(cString: here))/\(path)"
    }
}
