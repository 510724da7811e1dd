import HiveKernel
import HiveSignal

/// Where the agent stands, as `Method.standing` tells it.
struct GuardStanding: Sendable {
    let phase: Phase?
    let port: Port?
    let mode: Mode
    let evidence: Evidence
    let cycle: Int64
    let trace: String
    /// The phases that the agent may go to now, and by which ports.
    let moves: [(phase: Phase, ports: [Int64])]
    let allowed: [String]
    let unresolved: [JSONValue]

    /// - Throws: exit code 3 where the answer is not one of this version's.
    init(_ answer: JSONValue) throws(HiveError) {
        guard let mode = answer["mode"]?.stringValue.flatMap(Mode.init(rawValue:)),
            let evidence = answer["evidence"]?.stringValue.flatMap(Evidence.init(rawValue:)),
            let moves = answer["nextAllowed"]?.arrayValue,
            let allowed = answer["allowed"]?.arrayValue
        else {
            throw .machine(
                "the answer to `standing` is not one that this hive knows",
                hint: "the daemon is another version: hive down, then hive up --detach"
            )
        }
        self.mode = mode
        self.evidence = evidence
        self.allowed = allowed.compactMap(\.stringValue)
        phase = answer["phase"]?.stringValue.flatMap(Phase.init(letter:))
        port = answer["port"]?.integerValue.flatMap(UInt8.init(exactly:))
            .flatMap(Port.init(rawValue:))
        cycle = answer["cycle"]?.integerValue ?? 0
        trace = answer["traceId"]?.stringValue ?? ""
        unresolved = answer["unresolved"]?.arrayValue ?? []
        self.moves = moves.compactMap { move in
            guard let phase = move["phase"]?.stringValue.flatMap(Phase.init(letter:)) else {
                return nil
            }
            return (phase, move["ports"]?.arrayValue?.compactMap(\.integerValue) ?? [])
        }
    }

    /// As people say it.
    var phaseText: String { phase.map { "phase \($0.letter)" } ?? "no phase yet (as H)" }
}
