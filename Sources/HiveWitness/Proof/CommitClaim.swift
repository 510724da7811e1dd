package import HiveSignal

/// What a commit's message says it is.
package struct CommitClaim: Sendable, Hashable {
    /// Nil: the message names no phase.
    package var phase: Phase?
    /// Where it says so, for people.
    package var source: String
    /// True: the subject has the form of a phase or of Conventional Commits, or is git's own.
    package var isNamed: Bool

    /// Reads the trailer `Hive-Phase: V`, else a subject such as `V: …` or, by Conventional
    /// Commits, `feat(scope)!: …`.
    ///
    /// `fixup! …`, `squash! …` and `amend! …` are of the phase of what they mend.
    package init(_ commit: CommitInfo) {
        let subject = Self.withoutMending(commit.subject)
        for line in commit.trailers.split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased() == "hive-phase" else { continue }
            let letter = parts[1].filter { !$0.isWhitespace }
            if let phase = Phase(letter: letter), phase != .handoff {
                self.init(phase: phase, source: "trailer Hive-Phase", isNamed: true)
                return
            }
        }
        let head = subject.prefix { $0 != ":" && !$0.isWhitespace && $0 != "(" }
        let scope = subject.dropFirst(head.count)
        let mark = scope.first == "(" ? scope.drop { $0 != ")" }.dropFirst() : scope
        guard mark.first == ":" || mark.hasPrefix("!:") else {
            let isGits = Self.gitsOwn.contains { subject.hasPrefix($0) }
            self.init(phase: nil, source: "the message names no phase", isNamed: isGits)
            return
        }
        if let phase = Phase(letter: String(head)), phase != .handoff {
            self.init(phase: phase, source: "subject \(head):", isNamed: true)
            return
        }
        let type = head.filter { $0 != "!" }.lowercased()
        self.init(
            phase: Self.conventional[type],
            source: "subject \(head):",
            isNamed: Self.conventional[type] != nil || Self.neutral.contains(type)
        )
    }

    private init(phase: Phase?, source: String, isNamed: Bool) {
        self.phase = phase
        self.source = source
        self.isNamed = isNamed
    }

    private static func withoutMending(_ subject: String) -> Substring {
        var rest = subject[...]
        while let mark = ["fixup! ", "squash! ", "amend! "].first(where: rest.hasPrefix) {
            rest = rest.dropFirst(mark.count)
        }
        return rest
    }

    /// How git begins the subjects that it writes itself.
    private static let gitsOwn = ["Merge ", "Revert \"", "Reapply \""]

    /// Types of Conventional Commits that say nothing of a phase.
    private static let neutral: Set<String> = ["chore", "build", "ci", "revert"]

    /// Types of Conventional Commits, by the phase in which such work is done.
    private static let conventional: [String: Phase] = [
        "docs": .hunt, "test": .interlock, "feat": .validate, "fix": .validate,
        "perf": .validate, "refactor": .evolve, "style": .evolve,
    ]
}
