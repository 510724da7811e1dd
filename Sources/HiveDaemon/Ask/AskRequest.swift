import HiveKernel
import HiveSignal

/// How the steps of an ask may be asked.
struct AskLimits: Sendable, Hashable {
    /// How many agents' steps may be under way at once.
    var concurrency: Int64
    /// Of one request.
    var timeoutMilliseconds: Int64
    var outputTokensMax: Int64
    /// Nil: what the rules allow.
    var dollarsMax: Double?
}

/// What `ask` asks for, read and checked: all that its course depends on, but for the answers.
///
/// It is stored with the ask's tasks and stands first in a record, so that the ask can be gone on
/// with, and counted again.
struct AskRequest: Sendable, Hashable {
    /// Of its scatter: `sc-` and 16 hex digits.
    var identifier: String
    var mission: String
    /// All agents, disruptors too.
    var swarm: Int
    var disruptors: Int
    /// For each agent.
    var probes: Int
    /// In which an agent answers, one behind the other: 1 or 2.
    var calls: Int
    var backend: Backend
    /// Taken in turn; empty: what the settings and personas say.
    var models: [String]
    /// Who is a disruptor, what the probes are and in which order all is asked: 0 to 2⁵³ − 1.
    var seed: UInt64
    var limits: AskLimits
    /// Unix milliseconds.
    var startedMilliseconds: Int64
    /// What the agents perceive of the board, as JSON on one line each.
    var context: [String] = []
    /// The question's id on the board; nil: it stands on none.
    var question: String?

    static let swarmDefault: Int64 = 10
    static let disruptorsDefault: Int64 = 1
    static let probesDefault: Int64 = 2
    static let callsDefault: Int64 = 2
    static let swarmMax: Int64 = 512
    static let probesMax: Int64 = 16
    static let callsMax: Int64 = 2
    static let modelsMax = 64
    /// Longer missions are no question.
    static let missionBytesMax = 64 << 10
    /// Integers that JSON readers of all languages keep exactly: RFC 8259 §6.
    static let seedMax: Int64 = 1 << 53 - 1
    private static let modelBytesMax = 256

    /// Reads HiveControl's `Method.ask`.
    ///
    /// - Throws: exit code 2 for what cannot be.
    init(_ params: JSONValue, settings: Settings, rules: Rules) throws(HiveError) {
        identifier = try ScatterRequest.identifier(params["askId"])
        guard let text = params["mission"]?.stringValue, text.contains(where: { !$0.isWhitespace })
        else { throw .usage("nothing to ask", hint: #"hive ask "What is 2+2?""#) }
        guard text.utf8.count <= Self.missionBytesMax else {
            throw .usage(
                "the question has \(text.utf8.count) bytes; expected at most"
                    + " \(Self.missionBytesMax)",
                hint: "ask less at once"
            )
        }
        mission = text
        swarm = Int(
            try ScatterRequest.whole(params["swarm"], "--swarm", 1...Self.swarmMax)
                ?? Self.swarmDefault
        )
        let usual = swarm > 1 ? Self.disruptorsDefault : 0
        disruptors = Int(
            try ScatterRequest.whole(
                params["disruptors"],
                "--disruptors",
                0...Int64(swarm - 1)
            ) ?? usual
        )
        probes = Int(
            try ScatterRequest.whole(params["probes"], "--probes", 0...Self.probesMax)
                ?? Self.probesDefault
        )
        calls = Int(
            try ScatterRequest.whole(params["calls"], "--calls", 1...Self.callsMax)
                ?? Self.callsDefault
        )
        seed = UInt64(
            try ScatterRequest.whole(params["seed"], "--seed", 0...Self.seedMax)
                ?? Int64.random(in: 0...Self.seedMax)
        )
        backend = try ScatterRequest.backend(params["backend"], settings)
        models = try Self.models(params["models"])
        limits = AskLimits(
            concurrency: try ScatterRequest.whole(
                params["concurrency"],
                "--concurrency",
                1...Int64(Settings.workersLimit)
            ) ?? Int64(settings.workersMax),
            timeoutMilliseconds: try ScatterRequest.whole(
                params["timeoutMs"],
                "--timeout",
                1...ScatterRequest.timeoutMillisecondsLimit
            ) ?? settings.models.timeoutMilliseconds,
            outputTokensMax: try ScatterRequest.whole(
                params["maxTokens"],
                "--max-tokens",
                1...ScatterRequest.outputTokensLimit
            ) ?? rules.model.outputTokens,
            dollarsMax: try ScatterRequest.dollars(params["dollars"])
        )
        startedMilliseconds = SystemClock.now().milliseconds
    }

    private static func models(_ value: JSONValue?) throws(HiveError) -> [String] {
        guard let value, !value.isNull else { return [] }
        let names = value.arrayValue?.compactMap(\.stringValue) ?? []
        let isGood = names.allSatisfy { name in
            !name.isEmpty && name.utf8.count <= modelBytesMax
                && name.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
        }
        guard isGood, (1...modelsMax).contains(names.count) else {
            throw .usage(
                "--model: found \(RuleValue.quoted(value.text)); expected 1 to \(modelsMax) names",
                hint: "such as --model gpt-4o-mini,gpt-4o"
            )
        }
        return names
    }

    // MARK: As it is stored

    var json: JSONValue {
        [
            "askId": .string(identifier), "mission": .string(mission),
            "swarm": .integer(Int64(swarm)), "disruptors": .integer(Int64(disruptors)),
            "probes": .integer(Int64(probes)), "calls": .integer(Int64(calls)),
            "seed": .integer(Int64(seed)),
            "backend": .string(backend.rawValue),
            "models": .array(models.map { .string($0) }),
            "concurrency": .integer(limits.concurrency),
            "timeoutMs": .integer(limits.timeoutMilliseconds),
            "maxTokens": .integer(limits.outputTokensMax),
            "dollars": limits.dollarsMax.map { .double($0) } ?? .null,
            "startMs": .integer(startedMilliseconds),
            "context": .array(context.map { .string($0) }),
            "question": .optional(question),
        ]
    }

    /// As `json` has it.
    ///
    /// - Throws: exit code 2 for what no ask can have been.
    init(stored: JSONValue, settings: Settings, rules: Rules) throws(HiveError) {
        var params = stored.objectValue ?? [:]
        if stored["models"]?.arrayValue?.isEmpty == true { params["models"] = nil }
        guard stored["askId"]?.stringValue != nil, stored["seed"]?.integerValue != nil,
            let start = stored["startMs"]?.integerValue, start >= 0
        else { throw .usage("this is no ask that hive has stored", hint: "ask anew") }
        try self.init(.object(params), settings: settings, rules: rules)
        startedMilliseconds = start
        context = stored["context"]?.arrayValue?.compactMap(\.stringValue) ?? []
        question = stored["question"]?.stringValue
    }

    /// The 16 digits that names of its signals are made with.
    var digits: Substring { identifier.dropFirst(3) }
    /// The ask's own trace on the board.
    var trace: TraceID { GenerationTrace.of("hive ask \(identifier)") }
}
