/// One scatter: many questions, asked at once.
package struct ScatterRow: Sendable, Hashable {
    /// Its number in the file; 0 until it is stored.
    package var number: Int64 = 0
    /// `sc-` and 16 hex digits.
    package var identifier: String
    package var backend: String
    /// How many of its questions may be under way at once.
    package var concurrency: Int64
    /// How long one request may take; milliseconds.
    package var timeoutMilliseconds: Int64
    /// The most tokens that an answer may have.
    package var outputTokensMax: Int64
    /// What it may cost; nil: what the rules allow.
    package var dollarsMax: Double?
    /// Set: its tasks are the steps of an ask, which this JSON object describes.
    package var ask: String?
    /// Unix milliseconds.
    package var startedMilliseconds: Int64
    /// Nil while a task of it is open.
    package var finishedMilliseconds: Int64?

    package init(
        identifier: String,
        backend: String,
        concurrency: Int64,
        timeoutMilliseconds: Int64,
        outputTokensMax: Int64,
        dollarsMax: Double?,
        startedMilliseconds: Int64
    ) {
        self.identifier = identifier
        self.backend = backend
        self.concurrency = concurrency
        self.timeoutMilliseconds = timeoutMilliseconds
        self.outputTokensMax = outputTokensMax
        self.dollarsMax = dollarsMax
        self.startedMilliseconds = startedMilliseconds
    }
}

/// How far a question has come.
package enum ScatterTaskState: Int64, Sendable, Hashable, CaseIterable {
    /// Not sent, or to be sent again.
    case pending = 0
    /// A request of it is under way, or was when the process ended.
    case running = 1
    case completed = 2
    case failed = 3
    /// Never to be sent: the budget does not allow it, or a person said so.
    case cancelled = 4

    package var isOpen: Bool { rawValue < ScatterTaskState.completed.rawValue }

    /// The word in results: what runs is `pending` to those who wait.
    package var word: String { self == .running ? "pending" : "\(self)" }
}

/// One question of a scatter, and what became of it.
package struct ScatterTaskRow: Sendable, Hashable {
    /// Its number in the file; 0 until it is stored.
    package var number: Int64 = 0
    /// The number of its scatter.
    package var scatter: Int64 = 0
    /// The caller's name for it, or one made from the digest.
    package var name: String
    /// SHA-256 of what is asked, 64 lower-case hex digits.
    package var digest: String
    /// Which of the scatter's questions with this digest, from 0: samples of one question.
    package var sample: Int64
    /// The model it is asked of.
    package var model: String
    /// What is asked, as one JSON object.
    package var request: String
    /// The task of the same scatter whose answer it needs; nil: it needs none.
    package var follows: String?
    package var state: ScatterTaskState = .pending
    /// Requests sent.
    package var attempts: Int64 = 0
    /// Of these, those that were under way when the process ended: paid for, it may be, in vain.
    package var interrupted: Int64 = 0
    /// Unix milliseconds.
    package var startedMilliseconds: Int64?
    package var finishedMilliseconds: Int64?
    /// Of the request that was answered.
    package var latencyMilliseconds: Int64?
    package var output: String?
    package var error: String?
    package var answeredBy: String?
    /// How sure the worker is, 0…0.9.
    package var confidence: Double?
    package var inputTokens: Int64?
    package var outputTokens: Int64?
    package var dollars: Double?

    package init(
        name: String,
        digest: String,
        sample: Int64,
        model: String,
        request: String
    ) {
        self.name = name
        self.digest = digest
        self.sample = sample
        self.model = model
        self.request = request
    }
}

/// What a scatter has come to, all tasks together.
package struct ScatterTotals: Sendable, Hashable {
    package var tasks: Int64 = 0
    package var open: Int64 = 0
    package var completed: Int64 = 0
    package var failed: Int64 = 0
    package var cancelled: Int64 = 0
    /// Requests sent.
    package var attempts: Int64 = 0
    package var interrupted: Int64 = 0
    package var inputTokens: Int64 = 0
    package var outputTokens: Int64 = 0
    package var dollars: Double = 0
    /// Of the answers, their sum and the longest of the quickest 95 %; milliseconds.
    package var latencySum: Int64 = 0
    package var latency95: Int64 = 0
    /// Unix milliseconds of the last answer.
    package var lastMilliseconds: Int64?

    package init() {}
}
