package import HiveSignal

/// What a commit's message says it is.
package struct CommitClaim: Sendable, Hashable {
    /// Nil: the message names no phase.
    package var phase: Phase?
    /// Where it says so, for people.
    package var source: String

    /// Reads the trailer `Hive-Phase: V`, else a subject such as `V: …` or, by Conventional
    /// Commits, `feat(scope)!: …`.
    package init(_ commit: CommitInfo) {
        for line in commit.trailers.split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased() == "hive-phase" else { continue }
            let letter = parts[1].filter { !$0.isWhitespace }
            if let phase = Phase(letter: letter), phase != .handoff {
                self.init(phase: phase, source: "trailer Hive-Phase")
                return
            }
        }
        let head = commit.subject.prefix { $0 != ":" && !$0.isWhitespace }
        guard head.count < commit.subject.count, commit.subject.dropFirst(head.count).first == ":"
        else {
            self.init(phase: nil, source: "the message names no phase")
            return
        }
        if let phase = Phase(letter: String(head)), phase != .handoff {
            self.init(phase: phase, source: "subject \(head):")
            return
        }
        let type = head.prefix { $0 != "(" && $0 != "!" }.lowercased()
        self.init(phase: Self.conventional[type], source: "subject \(head):")
    }

    private init(phase: Phase?, source: String) {
        self.phase = phase
        self.source = source
    }

    /// Types of Conventional Commits, by the phase in which such work is done; others (`chore`,
    /// `build`, `ci`) say nothing of it.
    private static let conventional: [String: Phase] = [
        "docs": .hunt, "test": .interlock, "feat": .validate, "fix": .validate,
        "perf": .validate, "refactor": .evolve, "style": .evolve,
    ]
}
