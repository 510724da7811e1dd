import Glibc
import HiveControl
import HiveSignal

/// What Tab can offer: the newest ids, asked for when they are needed.
extension Session {
    private static let offeredMax: Int64 = 200
    private static let offeredScattersMax: Int64 = 20

    /// The words of one kind that are known now; none where they cannot be had.
    func known(_ kind: CommandBook.Completes) -> [String] {
        switch kind {
        case .entry:
            let entries = try? link.list(
                Method.quarantineList,
                ["all": false, "limit": .integer(Self.offeredMax)],
                "entries"
            )
            return (entries ?? []).compactMap { $0.text("id").map(Format.shortID) }
        case .task:
            let tasks = try? link.list(Method.tasks, ["last": .integer(Self.offeredMax)], "tasks")
            return (tasks ?? []).compactMap { $0.text("id") }
        case .scatter:
            let last: JSONValue = ["last": .integer(Self.offeredScattersMax)]
            let scatters = try? link.list(Method.scatters, last, "scatters")
            return (scatters ?? []).compactMap { $0.text("scatterId") }
        case .signal: return recent.filter(\.isAccepted).map { SignalID.of($0) }
        case .agent: return recent.compactMap { $0.text("agent") }
        case .trace:
            let cycles = (try? link.call(Method.state))?["cycles"]?.arrayValue
            return (cycles ?? []).compactMap { $0.text("traceId") }
        case .command, .filter, .phase, .standing, .violation: return []
        }
    }

    private var recent: [JSONValue] {
        (try? link.list(Method.logRead, ["last": .integer(Self.offeredMax)], "lines")) ?? []
    }
}
