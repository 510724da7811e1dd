/// What an accepted signal sets off, and when it no longer does (SPEC §5).
package struct ReactionRules: Sendable, Hashable {
    /// False: nobody is asked.
    package var isEnabled = true
    /// How many steps a chain takes: 1 answers signals but not their answers.
    package var depthMax: UInt8 = 1
    /// 0…1: a weaker signal asks nobody, and a waiting task that fades below it lapses.
    package var minimumMark = 0.3
    /// After so many seconds a waiting task's mark counts half; nil: it does not fade.
    package var halfLifeSeconds: Int64? = 3_600

    package init() {}
}

/// How much work hive sets off at most (SPEC §5).
package struct BudgetRules: Sendable, Hashable {
    /// Tasks assigned in any `TaskBudget.windowSeconds`.
    package var tasksPerHour: Int64 = 1_000
    /// Tasks not yet answered, waiting ones and those under way.
    package var tasksOpen: Int64 = 256
    /// Dollars that answers of the last 24 hours may have cost, as the workers tell; nil: any.
    package var dollarsPerDay: Double?
    /// Dollars that one scatter may cost; nil: any.
    package var dollarsPerRun: Double?
    /// Dollars that all answers ever may have cost; nil: any.
    package var dollarsTotal: Double?

    package init() {}
}

/// How models are asked over HTTP.
package struct ModelRules: Sendable, Hashable {
    /// The most tokens that an answer may have.
    package var outputTokens: Int64 = 1_024
    /// How much of an answer is read.
    package var answerKibibytes: Int64 = 256
    /// Until a connection stands.
    package var connectMilliseconds: Int64 = 10_000
    /// Until the first byte of an answer; nil: as long as the whole may take.
    package var firstByteMilliseconds: Int64?
    /// How often a request that failed is sent again.
    package var retries: Int64 = 4
    /// Requests a minute with each key; nil: any.
    package var requestsPerMinute: Int64?
    /// True: `http:` addresses are spoken to in HTTP/2 from the start (`https:` agrees on it).
    package var speaksHTTP2 = false

    package init() {}
}

/// A program that the rules name, word by word, run without a shell.
package struct CommandRule: Sendable, Hashable {
    /// The program, then its arguments; nil: none is named.
    package var words: [String]?
    /// How long it may run.
    package var seconds: Int64
    /// How much memory each of its processes may take (RLIMIT_DATA); nil: any.
    package var memoryMebibytes: Int64?
    /// How much of its output is read.
    package var outputKibibytes: Int64

    package init(seconds: Int64, outputKibibytes: Int64) {
        self.seconds = seconds
        self.outputKibibytes = outputKibibytes
    }
}

/// What the witness goes by, beside the test command.
package struct WitnessRule: Sendable, Hashable {
    /// Who reads the test command's report; nil: told from its words.
    package var runner: String?
    /// Fetches dependencies, with the network; nil: nothing to fetch.
    package var setup: [String]?
    /// Folders outside the repository that tests may read; absolute.
    package var readable: [String] = []
    /// Globs of tests, and of what else must hold still; nil: the usual places.
    package var tests: [String]?
    package var pinned: [String]?

    package init() {}
}
