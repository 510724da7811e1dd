import HiveKernel
import HiveProcess
import HiveSignal
import HiveWitness

/// Something that the rules have against a commit.
package struct HookFinding: Sendable, Hashable {
    /// A file or a commit.
    package var subject: String
    package var reason: String
    /// Where the rule is: a key of the rule book, or a violation.
    package var rule: String

    package init(_ subject: String, _ reason: String, rule: String) {
        self.subject = subject
        self.reason = reason
        self.rule = rule
    }
}

/// What the rule book says of the changes of one commit.
///
/// Prose is free in every phase. What the rules themselves stand on is judged by who approved it
/// (`Verifier`), and not by phase.
struct CommitRules: Sendable {
    let rules: Rules
    private let parts: RepositoryParts

    init(_ rules: Rules) {
        self.rules = rules
        parts = RepositoryParts(rules)
    }

    /// The changes that phases have a say in.
    func counting(_ changes: [CommitChange]) -> [CommitChange] {
        changes.filter { change in
            !change.isProse(parts)
                && change.actions(parts).contains { $0.part != .guarded }
        }
    }

    /// What a phase has against changes; nil: no cycle has begun.
    func findings(on changes: [CommitChange], in phase: Phase?) -> [HookFinding] {
        counting(changes).compactMap { change in
            refused(change, in: phase).map { action in
                HookFinding(
                    change.name,
                    "\(Self.words(action)) is not of \(phase?.letter ?? "any phase before H")",
                    rule: "tools.phases.\((phase ?? .hunt).letter)"
                )
            }
        }
    }

    private func refused(_ change: CommitChange, in phase: Phase?) -> Action? {
        change.actions(parts).first { action in
            action.part != .guarded && action.part != .docs
                && rules.actions.refusal(of: action, in: phase, rules: rules) != nil
        }
    }

    /// The phases that would take all the changes, in the order of a cycle.
    func phases(taking changes: [CommitChange]) -> [Phase] {
        let counting = counting(changes)
        return Phase.cycle.filter { phase in
            counting.allSatisfy { refused($0, in: phase) == nil }
        }
    }

    /// The changes of tests that a phase does not take.
    func refusedTests(_ changes: [CommitChange], in phase: Phase?) -> [CommitChange] {
        counting(changes).filter { change in
            change.actions(parts).contains { $0.part == .tests }
                && refused(change, in: phase) != nil
        }
    }

    /// The changes of guards' settings: `hive guard` reads them, and a commit may not quietly take
    /// it out of them.
    func guarded(_ changes: [CommitChange]) -> [CommitChange] {
        changes.filter { change in
            change.before != nil
                && change.actions(parts).contains { $0.part == .guarded }
                && !Self.ownersPaths.contains(String(decoding: change.path, as: UTF8.self))
        }
    }

    /// True for a file that goes from among what is guarded to elsewhere.
    func leavesGuarded(_ change: CommitChange) -> Bool {
        guard case .renamed = change.kind else { return false }
        return parts.part(of: change.path) != .guarded
    }

    private static let ownersPaths = [Verifier.rulesPath, Verifier.ownerPath, Approval.path]

    // MARK: Words

    static func named(_ phase: Phase) -> String {
        switch phase {
        case .hunt: "H (hunt: research)"
        case .interlock: "I (interlock: contracts and failing tests)"
        case .validate: "V (validate: the implementation)"
        case .evolve: "E (evolve: refactor, deliver)"
        case .handoff: "X"
        }
    }

    /// `edit.tests` as a person would say it.
    private static func words(_ action: Action) -> String {
        guard let part = action.part else { return action.name }
        let (new, thing) =
            switch part {
            case .guarded: ("what the rules stand on", "what the rules stand on")
            case .tests: ("a new test", "a test")
            case .docs: ("a new document", "a document")
            case .interfaces: ("a new interface", "an interface")
            case .config: ("new configuration", "configuration")
            case .code: ("new code", "code")
            }
        return switch action {
        case .create: new
        case .delete: "deleting \(thing)"
        default: "changing \(thing)"
        }
    }
}

/// Marks in a message by which CI services pass a commit over.
enum SkipMark {
    private static let marks = [
        "[skip ci]", "[ci skip]", "[no ci]", "[skip actions]", "[actions skip]", "***no_ci***",
        "[skip-ci]", "[ci-skip]", "[skip travis]", "[skip azurepipelines]",
    ]
    private static let trailers = ["skip-checks:", "ci-skip:"]

    /// The mark that a message has; nil: none.
    static func found(in message: String) -> String? {
        let text = message.lowercased()
        if let mark = marks.first(where: text.contains) { return mark }
        return text.split(whereSeparator: \.isNewline).compactMap { line in
            trailers.first { line.hasPrefix($0) }
        }.first
    }
}
