import HiveKernel

/// The keys about work: who is asked, how much, and the programs that may run.
extension RuleBook {
    /// A chain of reactions longer than this is a loop.
    private static let depthLimit: Int64 = 8
    static let yearInSeconds: Int64 = 31_536_000
    private static let tasksLimit: Int64 = 1_000_000
    private static let tasksOpenLimit: Int64 = 10_000
    private static let dollarsLimit = 1_000_000.0
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
        let keys = try value?.mapping(of: ["tasks_per_hour", "tasks_open", "dollars_per_day"])
        if let tasks = keys?["tasks_per_hour"] {
            rules.tasksPerHour = try tasks.integer(in: 0...tasksLimit)
        }
        if let open = keys?["tasks_open"] {
            rules.tasksOpen = try open.integer(in: 1...tasksOpenLimit)
        }
        if let dollars = keys?["dollars_per_day"] {
            rules.dollarsPerDay =
                dollars.isNull ? nil : try dollars.decimal(in: 0...dollarsLimit)
        }
        return rules
    }

    /// Reads what may run and how far it may go over the defaults; `name` is the command's own key.
    static func read(
        _ value: RuleValue?,
        named name: String,
        into rule: inout CommandRule
    ) throws(HiveError) {
        guard let value else { return }
        let keys = try value.mapping(of: [name, "seconds", "memory_mib", "output_kib"])
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
    }
}
