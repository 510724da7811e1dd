import Glibc
import HiveSignal

/// An ask of ten agents by the real daemon to an endpoint that answers each request after a fixed
/// time: two calls deep, probes and disruptors beside.
extension Bench {
    func measureAsk(_ table: inout Table) throws {
        guard access(arguments.endpoint, X_OK) == 0 else {
            return table.note("no \(arguments.endpoint): make bench builds it")
        }
        let endpoint = try startEndpoint()
        let daemon = try startSwarmDaemon(endpoint.address)
        // The first one opens what the process keeps.
        _ = try ask(daemon)
        let runs = try (0..<Self.askRuns).map { _ in try ask(daemon) }.sorted()
        try end(daemon.child)
        try end(endpoint.child)
        let depth = Double(2 * Self.latencyMilliseconds)
        let target = "≤ \(Table.fixed(1.2 * depth, 0)) ms"
        for (name, wall) in [("median", runs[runs.count / 2]), ("slowest", runs[runs.count - 1])] {
            table.add(
                Table.Row(
                    figure: "ask of \(Self.askAgents), two calls of"
                        + " \(Self.latencyMilliseconds) ms deep, \(name) of \(runs.count)",
                    unit: .milliseconds,
                    hive: wall,
                    rival: nil,
                    target: target
                )
            )
            let ratio = Table.fixed(wall / depth, 2)
            table.note("ask, \(name): \(ratio) × \(Table.fixed(depth, 0)) ms")
        }
    }

    private static let askAgents = 10
    private static let askRuns = 9
    private static let askSecondsMax = 120

    /// The milliseconds from the request to the last answer, as the artifact tells them.
    private func ask(_ daemon: SwarmDaemon) throws -> Double {
        guard let hive = realpath(arguments.hive, nil) else {
            throw BenchError("find \(arguments.hive)", errno: errno)
        }
        defer { free(hive) }
        let command = try Child(
            "env",
            [
                "-C", daemon.project, String(cString: hive), "ask", "--json", "--swarm",
                "\(Self.askAgents)", Self.prompt,
            ]
        )
        let ending = try command.finish(within: Self.askSecondsMax)
        // The endpoint turns prompts round: whether agents agree is of no account here.
        guard [0, 1].contains(ending.code), let artifact = try? JSONValue(parsing: ending.output),
            artifact["evidence"]?["abstained"]?.arrayValue?.isEmpty == true,
            let elapsed = artifact["evidence"]?["timing"]?["elapsedMs"]?.integerValue
        else {
            throw BenchError(
                "hive ask ended with \(ending.code) and without timing",
                hint: "run it by hand in \(daemon.project)"
            )
        }
        return Double(elapsed)
    }
}
