import HiveKernel
import HiveSignal
import HiveWitness

/// The keys about what agents' tools and commits may do.
extension RuleBook {
    /// A longer list is no list that a person keeps.
    private static let globsMax = 1_000

    static func paths(from value: RuleValue?) throws(HiveError) -> PathRules {
        var rules = PathRules()
        let keys = try value?.mapping(of: ["guarded", "interfaces", "docs"])
        if let guarded = keys?["guarded"] { rules.guarded = try patterns(guarded) }
        if let interfaces = keys?["interfaces"] { rules.interfaces = try patterns(interfaces) }
        if let docs = keys?["docs"] { rules.docs = try patterns(docs) }
        return rules
    }

    static func actions(from value: RuleValue?) throws(HiveError) -> ActionRules {
        var rules = ActionRules()
        let keys = try value?.mapping(of: ["names", "default", "phases"])
        let kinds = ActionRules.ToolKind.allCases
        for (name, value) in try keys?["names"]?.mapping(of: kinds.map(\.rawValue)) ?? [:] {
            guard let kind = ActionRules.ToolKind(rawValue: name) else { continue }
            rules.tools[kind] = try patterns(value).map { PathGlob($0) }
        }
        if let unnamed = keys?["default"] {
            rules.allowsUnnamed = try unnamed.word(among: Unnamed.allCases) == .allow
        }
        for (letter, value) in try keys?["phases"]?.mapping(of: Phase.cycle.map(\.letter)) ?? [:] {
            guard let phase = Phase(letter: letter), var rule = rules.phases[phase] else {
                continue
            }
            let lists = try value.mapping(of: ["allow", "block"])
            if let allow = lists["allow"] { rule.allow = try patterns(allow).map { PathGlob($0) } }
            if let block = lists["block"] { rule.block = try patterns(block).map { PathGlob($0) } }
            rules.phases[phase] = rule
        }
        return rules
    }

    private enum Unnamed: String, CaseIterable {
        case allow, block
    }

    private static func patterns(_ value: RuleValue) throws(HiveError) -> [String] {
        let patterns = try value.texts("a glob such as edit.*") {
            !$0.isEmpty && $0.utf8.count <= PathGlob.patternBytesMax
        }
        guard patterns.count <= globsMax else {
            throw value.refusal(
                found: "\(patterns.count) globs",
                expected: "at most \(globsMax)"
            )
        }
        return patterns
    }
}

extension RepositoryParts {
    /// The parts as a rule book has them, the usual places where it names none.
    init(_ rules: Rules) {
        self.init(
            rules.paths,
            tests: rules.witness.tests ?? WitnessRules.defaultTests,
            config: rules.witness.pinned ?? WitnessRules.defaultPinned
        )
    }
}
