import HiveKernel
import HiveProcess
import HiveSignal

/// What the guard says to an agent: why something is refused, and what comes next.
struct GuardWords: Sendable {
    let rules: Rules
    let standing: GuardStanding
    let caller: GuardCaller

    /// A refused file or command is told up to here.
    private static let shownBytesMax = 160

    // MARK: Refusals

    /// Why, where the agent stands, what is allowed, and the next command.
    func refusal(_ refusals: [GuardJudge.Refusal]) -> String {
        var lines = refusals.map { "hive refuses this: \(reason($0))" }
        let isPersonal = refusals.allSatisfy { refusal in
            switch refusal.why {
            case .rule(.guarded, _), .keys, .personal: true
            case .rule, .tool: false
            }
        }
        lines.append(
            "You are \(caller.name), in \(standing.phaseText). Allowed now: "
                + grouped(standing.allowed) + "."
        )
        if isPersonal {
            lines.append(
                "Next: leave it as it is; where it must change, ask the person you work for."
            )
        } else {
            lines.append("Next: " + next(for: refusals))
        }
        return lines.joined(separator: "\n")
    }

    private func reason(_ refusal: GuardJudge.Refusal) -> String {
        let what = Self.shown(refusal.what)
        let letter = standing.phase?.letter ?? "H"
        switch refusal.why {
        case .rule(.guarded, let action):
            return "\(what): the rules stand on it, and no tool may change it (\(action.name))"
        case .rule(.phase, let action):
            return "\(what) is \(action.name), which phase \(letter) does not allow"
                + " (specs/rules.yaml, tools.phases.\(letter))"
        case .rule(.port, let action):
            let ports = rules.ports(of: letter).map(String.init).joined(separator: " and ")
            return "\(what) is \(action.name), which in phase \(letter) belongs to ports \(ports);"
                + " you spoke last from port \(standing.port.map { "\($0.rawValue)" } ?? "?")"
        case .tool(let name):
            return "the tool \(Self.shown(name)) is not allowed in phase \(letter)"
                + " (specs/rules.yaml, tools.phases.\(letter))"
        case .keys: return "\(what) is in the folder of private keys"
        case .personal(let why): return "\(what): \(why)"
        }
    }

    // MARK: What comes next

    /// The step that brings the agent to where the refused would be allowed.
    private func next(for refusals: [GuardJudge.Refusal]) -> String {
        let present = standing.phase ?? .hunt
        if refusals.contains(where: { if case .rule(.port, _) = $0.why { true } else { false } }) {
            return "speak from a port of phase \(present.letter): "
                + emit(present, ports: rules.ports(of: present.letter))
        }
        let actions = refusals.compactMap { refusal -> Action? in
            if case .rule(_, let action) = refusal.why { action } else { nil }
        }
        let moves = standing.moves.filter { $0.phase != standing.phase }
        let fitting = moves.first { move in
            actions.allSatisfy {
                rules.actions.refusal(of: $0, in: move.phase, rules: rules) == nil
            }
        }
        guard
            let move = fitting ?? moves.first(where: { $0.phase.rawValue > present.rawValue })
                ?? moves.first
                ?? standing.moves.first
        else { return "hive state shows where the cycle stands" }
        return step(to: move.phase, ports: move.ports)
    }

    /// What to do to come to a phase.
    func step(to phase: Phase, ports: [Int64]) -> String {
        let present = standing.phase
        guard standing.evidence != .off, let present, phase.rawValue > present.rawValue,
            present != .hunt
        else {
            return emit(phase, ports: ports)
        }
        // What was done in a phase is shown by its receipt, which the next signal names.
        return "hive witness --phase \(present.letter)\(trace), and when it is proven: "
            + emit(phase, ports: ports)
    }

    /// The command by which the agent says that it goes on to a phase.
    func emit(_ phase: Phase, ports: [Int64]) -> String {
        let owners = rules.ports(of: phase.letter)
        let port = ports.first { owners.contains($0) } ?? owners.first ?? ports.first ?? 0
        let agent = ShellWord.quoted(caller.name)
        return "hive emit --phase \(phase.letter) --port \(port) --agent \(agent)\(trace) "
            + "\"\(Self.purpose(phase))\""
    }

    private var trace: String { caller.trace.map { " --trace \($0)" } ?? "" }

    private static func purpose(_ phase: Phase) -> String {
        switch phase {
        case .hunt: "what you look for"
        case .interlock: "what you found, and what the tests will fix"
        case .validate: "what you will change to make the tests pass"
        case .evolve: "what is done, and what you will clean up"
        case .handoff: ""
        }
    }

    /// `edit.tests, edit.docs` as `edit (tests, docs)`.
    func grouped(_ names: [String]) -> String {
        var order: [Substring] = []
        var groups: [Substring: [Substring]] = [:]
        for name in names {
            let parts = name.split(separator: ".", maxSplits: 1)
            guard let first = parts.first else { continue }
            if groups[first] == nil { order.append(first) }
            groups[first, default: []] += parts.dropFirst()
        }
        return order.map { verb in
            let parts = groups[verb] ?? []
            return parts.isEmpty ? String(verb) : "\(verb) (\(parts.joined(separator: ", ")))"
        }.joined(separator: ", ")
    }

    /// Text from outside on one line, and no longer than is told.
    static func shown(_ text: String) -> String {
        PlainText.cut(PlainText.oneLine(text), toBytes: shownBytesMax)
    }
}

extension Rules {
    /// The ports that own a phase, by its letter.
    func ports(of letter: String) -> [Int64] {
        Port.all.filter { owner(of: $0).letter == letter }.map { Int64($0.rawValue) }
    }
}
