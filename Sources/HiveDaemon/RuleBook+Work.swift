import HiveKernel

/// The keys about work: who is asked, how much, and the programs that may run.
extension RuleBook {
    /// A chain of reactions longer than this is a loop.
    private static let depthLimit: Int64 = 8
    static let yearInSeconds: Int64 = 31_536_000
    private static let tasksLimit: Int64 = 1_000_000
    private static let tasksOpenLimit: Int64 = 10_000
    private static let dollarsLimit = 1_000_000.0
    private static let outputTokensLimit: Int64 = 1_000_000
    private static let retriesLimit: Int64 = 10
    private static let dayInSeconds: Int64 = 86_400
    private static let memoryMebibytesLimit: Int64 = 1 << 20
    private static let outputKibibytesLimit: Int64 = 1 << 16

    static func reactions(from value: RuleValue?) throws(HiveError) -> ReactionRules {
        var rules = ReactionRules()
        let keys = try value?.mapping(of: [
            "enabled", "depth", "minimum_mark", "half_life_seconds",
        ])
        if let enabled = keys?["enabled"] { rules.isEnabled = try enabled.boolean() }
        if let depth = keys?["depth"] {
            rules.depthMax = UInt8(truncatingIfNeeded: try depth.integer(in: 0...depthLimit))
        }
        if let mark = keys?["minimum_mark"] { rules.minimumMark = try mark.decimal(in: 0...1) }
        if let halfLife = keys?["half_life_seconds"] {
            rules.halfLifeSeconds = try halfLife.integerOrNull(in: 1...yearInSeconds)
        }
        return rules
    }

    static func budget(from value: RuleValue?) throws(HiveError) -> BudgetRules {
        var rules = BudgetRules()
        let keys = try value?.mapping(of: [
            "tasks_per_hour", "tasks_open", "dollars_per_run", "dollars_per_day", "dollars_total",
        ])
        if let tasks = keys?["tasks_per_hour"] {
            rules.tasksPerHour = try tasks.integer(in: 0...tasksLimit)
        }
        if let open = keys?["tasks_open"] {
            rules.tasksOpen = try open.integer(in: 1...tasksOpenLimit)
        }
        rules.dollarsPerRun = try keys?["dollars_per_run"].flatMap(dollars)
        rules.dollarsPerDay = try keys?["dollars_per_day"].flatMap(dollars)
        rules.dollarsTotal = try keys?["dollars_total"].flatMap(dollars)
        return rules
    }

    private static func dollars(_ value: RuleValue) throws(HiveError) -> Double? {
        value.isNull ? nil : try value.decimal(in: 0...dollarsLimit)
    }

    static func model(from value: RuleValue?) throws(HiveError) -> ModelRules {
        var rules = ModelRules()
        let keys = try value?.mapping(of: [
            "output_tokens", "answer_kib", "connect_ms", "first_byte_ms", "retries",
            "requests_per_minute", "http2",
        ])
        if let tokens = keys?["output_tokens"] {
            rules.outputTokens = try tokens.integer(in: 1...outputTokensLimit)
        }
        if let answer = keys?["answer_kib"] {
            rules.answerKibibytes = try answer.integer(in: 1...outputKibibytesLimit)
        }
        if let connect = keys?["connect_ms"] {
            rules.connectMilliseconds = try connect.integer(in: 1...dayInSeconds * 1_000)
        }
        if let first = keys?["first_byte_ms"] {
            rules.firstByteMilliseconds = try first.integerOrNull(in: 1...dayInSeconds * 1_000)
        }
        if let retries = keys?["retries"] {
            rules.retries = try retries.integer(in: 0...retriesLimit)
        }
        if let requests = keys?["requests_per_minute"] {
            rules.requestsPerMinute = try requests.integerOrNull(in: 1...tasksLimit)
        }
        if let http2 = keys?["http2"] { rules.speaksHTTP2 = try http2.boolean() }
        return rules
    }

    /// Reads the test command with its limits, and how the witness goes about it.
    static func readWitness(_ value: RuleValue?, into rules: inout Rules) throws(HiveError) {
        let own = ["runner", "setup", "readable", "tests", "pinned"]
        guard let keys = try read(value, named: "test", and: own, into: &rules.test) else { return }
        if let runner = keys["runner"], !runner.isNull {
            rules.witness.runner = try runner.word(among: RunnerName.allCases).rawValue
        }
        if let setup = keys["setup"] { rules.witness.setup = try setup.wordsOrNull() }
        if let readable = keys["readable"] {
            rules.witness.readable = try readable.texts("an absolute path") { $0.hasPrefix("/") }
        }
        rules.witness.tests = try globs(keys["tests"])
        rules.witness.pinned = try globs(keys["pinned"])
    }

    private static func globs(_ value: RuleValue?) throws(HiveError) -> [String]? {
        guard let value, !value.isNull else { return nil }
        return try value.texts("a glob such as Tests/**") { !$0.isEmpty }
    }

    /// Reads what may run and how far it may go over the defaults; `name` is the command's own key,
    /// `others` are keys that somebody else reads.
    ///
    /// Gives all the keys that are there.
    @discardableResult
    static func read(
        _ value: RuleValue?,
        named name: String,
        and others: [String] = [],
        into rule: inout CommandRule
    ) throws(HiveError) -> [String: RuleValue]? {
        guard let value else { return nil }
        let keys = try value.mapping(of: [name, "seconds", "memory_mib", "output_kib"] + others)
        if let command = keys[name] { rule.words = try command.wordsOrNull() }
        if let seconds = keys["seconds"] {
            rule.seconds = try seconds.integer(in: 1...dayInSeconds)
        }
        if let memory = keys["memory_mib"] {
            rule.memoryMebibytes = try memory.integerOrNull(in: 1...memoryMebibytesLimit)
        }
        if let output = keys["output_kib"] {
            rule.outputKibibytes = try output.integer(in: 1...outputKibibytesLimit)
        }
        return keys
    }
}

/// The families of test runners, as `TestRunners.names` has them.
private enum RunnerName: String, CaseIterable {
    case swift, pytest, go, cargo, node, jest, vitest, junit, tap
}
