import Crypto
import HiveKernel
import HiveLedger
import HiveSignal

/// One question of a scatter, as a task line or a persona puts it.
struct ScatterQuestion: Sendable, Hashable {
    /// The caller's name for it; nil: one is made.
    var name: String?
    /// Who is to answer; nil: the port's persona, or nobody in particular.
    var agent: String?
    var prompt: String
    /// Nil: the port's persona, or none.
    var systemPrompt: String?
    /// Names of tools, for workers that have any.
    var tools: [String] = []
    var port: Port?
    var phase: Phase?
    /// Nil: the scatter's.
    var model: String?
    /// Set: it goes on from another task's answer.
    var follow: Follow?

    /// As it is stored and as `digest` takes it; members that say nothing are left out.
    var json: JSONValue {
        var object: JSONObject = ["prompt": .string(prompt)]
        object["agent"] = agent.map { .string($0) }
        object["systemPrompt"] = systemPrompt.map { .string($0) }
        if !tools.isEmpty { object["tools"] = .array(tools.map { .string($0) }) }
        object["port"] = port.map { .integer(Int64($0.rawValue)) }
        object["phase"] = phase.map { .string($0.letter) }
        object[Follow.key] = follow?.json
        return .object(object)
    }

    /// SHA-256 of all that makes one answer differ from another, as hex digits.
    func digest(backend: Backend, model: String, outputTokensMax: Int64) -> String {
        let asked: JSONValue = [
            "backend": .string(backend.rawValue),
            "model": .string(model),
            "maxTokens": .integer(outputTokensMax),
            "task": json,
        ]
        return Hex.encode(Array(SHA256.hash(data: Array(asked.text.utf8))))
    }
}

/// What `scatter` asks for, read and checked.
struct ScatterRequest: Sendable {
    var identifier: String
    var questions: [ScatterQuestion]
    var backend: Backend
    /// Of the command line or the caller; nil: as the settings say.
    var model: String?
    var concurrency: Int64
    var timeoutMilliseconds: Int64
    var outputTokensMax: Int64
    var dollarsMax: Double?
    var isDryRun: Bool

    /// Tasks of one scatter.
    static let tasksMax = 65_536
    /// Bytes of one prompt, and of one system prompt.
    static let promptBytesMax = 1 << 20
    /// `--swarm 3`: 8³ workers.
    static let swarmMax: Int64 = 3
    static let outputTokensLimit: Int64 = 1_000_000
    static let timeoutMillisecondsLimit: Int64 = 86_400_000
    private static let nameBytesMax = 256

    /// A request whose parts are settled.
    init(
        identifier: String,
        questions: [ScatterQuestion],
        backend: Backend,
        limits: AskLimits
    ) {
        self.identifier = identifier
        self.questions = questions
        self.backend = backend
        model = nil
        concurrency = limits.concurrency
        timeoutMilliseconds = limits.timeoutMilliseconds
        outputTokensMax = limits.outputTokensMax
        dollarsMax = limits.dollarsMax
        isDryRun = false
    }

    /// Reads HiveControl's `Method.scatter`.
    ///
    /// - Throws: exit code 2 for what cannot be.
    init(_ params: JSONValue, settings: Settings, rules: Rules) throws(HiveError) {
        identifier = try Self.identifier(params["scatterId"])
        backend = try Self.backend(params["backend"], settings)
        model = params["model"]?.stringValue
        isDryRun = params["dryRun"]?.boolValue ?? false
        let swarm = try Self.whole(params["swarm"], "--swarm", 1...Self.swarmMax)
        let workers = swarm.map { power in (0..<power).reduce(Int64(1)) { one, _ in one * 8 } }
        concurrency =
            try Self.whole(params["concurrency"], "--concurrency", 1...Int64(Settings.workersLimit))
            ?? workers ?? Int64(settings.workersMax)
        timeoutMilliseconds =
            try Self.whole(params["timeoutMs"], "--timeout", 1...Self.timeoutMillisecondsLimit)
            ?? settings.models.timeoutMilliseconds
        outputTokensMax =
            try Self.whole(params["maxTokens"], "--max-tokens", 1...Self.outputTokensLimit)
            ?? rules.model.outputTokens
        dollarsMax = try Self.dollars(params["dollars"])
        let phase = try Self.phase(params["phase"], "--phase")
        questions = try Self.questions(params, workers: workers)
        try settle(TaskPlaces(params), phase: phase, isSwarm: workers != nil, rules)
    }

    private static func questions(
        _ params: JSONValue,
        workers: Int64?
    ) throws(HiveError) -> [ScatterQuestion] {
        if let lines = params["tasks"]?.arrayValue {
            guard params["prompt"] == nil, params["count"] == nil else {
                throw .usage("tasks and a prompt do not go together", hint: "give one of them")
            }
            guard (1...tasksMax).contains(lines.count) else {
                let found = lines.isEmpty ? "no task" : "\(lines.count) tasks"
                throw .usage("found \(found); expected 1 to \(tasksMax)", hint: "split the file")
            }
            let places = TaskPlaces(params)
            var questions: [ScatterQuestion] = []
            var names: Set<String> = []
            for (index, line) in lines.enumerated() {
                let question = try ScatterQuestion(line, at: places[index])
                if let name = question.name, !names.insert(name).inserted {
                    throw .usage(
                        "\(places[index]): the id \(RuleValue.quoted(name)) is there already",
                        hint: "give each task an id of its own, or none"
                    )
                }
                questions.append(question)
            }
            return questions
        }
        guard let prompt = params["prompt"]?.stringValue, !prompt.isEmpty else {
            throw .usage("nothing to ask", hint: "give --tasks FILE or --prompt TEXT")
        }
        try requireSize(prompt, "--prompt")
        let count = try whole(params["count"], "--count", 1...Int64(tasksMax)) ?? workers ?? 1
        return Array(repeating: ScatterQuestion(prompt: prompt), count: Int(count))
    }

    /// Gives tasks their port and phase, where the caller names a phase or wants a swarm.
    ///
    /// Ports take turns by pairs, 0 and 7, 1 and 6, 2 and 5, 3 and 4, so that a swarm is spread
    /// over all phases alike.
    private mutating func settle(
        _ places: TaskPlaces,
        phase: Phase?,
        isSwarm: Bool,
        _ rules: Rules
    ) throws(HiveError) {
        let pairs = phase.map { rules.ports(of: $0) } ?? Phase.cycle.flatMap { rules.ports(of: $0) }
        var turn = 0
        for index in questions.indices {
            var question = questions[index]
            if question.port == nil, let own = question.phase {
                let ports = rules.ports(of: own)
                question.port = ports[index % ports.count]
            } else if question.port == nil, phase != nil || isSwarm {
                question.port = pairs[turn % pairs.count]
                turn += 1
            }
            if let port = question.port {
                let spoken = question.phase ?? phase ?? rules.phaseOfPort[Int(port.rawValue)]
                question.phase = spoken
                guard rules.ports(of: spoken).contains(port) || rules.roamingPorts.contains(port)
                else {
                    throw .usage(
                        "\(places[index]): port \(port.rawValue) does not speak in phase "
                            + spoken.letter,
                        hint: "leave out the port or the phase"
                    )
                }
            }
            questions[index] = question
        }
    }
}

/// Where tasks stand, for messages: `tasks.jsonl:7` where the caller says so, else `task 7`.
private struct TaskPlaces {
    private let file: String?
    private let lines: [JSONValue]

    private static let fileBytesMax = 4_096

    init(_ params: JSONValue) {
        file = params["file"]?.stringValue.flatMap { $0.utf8.count <= Self.fileBytesMax ? $0 : nil }
        lines = params["lines"]?.arrayValue ?? []
    }

    subscript(index: Int) -> String {
        guard let file, index < lines.count, let line = lines[index].integerValue else {
            return "task \(index + 1)"
        }
        return "\(file):\(line)"
    }
}

// MARK: - Values

extension ScatterRequest {
    static func requireSize(_ text: String, _ place: String) throws(HiveError) {
        guard text.utf8.count <= promptBytesMax else {
            throw .usage(
                "\(place): \(text.utf8.count) bytes; expected at most \(promptBytesMax)",
                hint: "ask less at once"
            )
        }
    }

    /// `sc-` and 16 hex digits, chosen by the caller so that asking twice is asking once.
    static func identifier(_ value: JSONValue?) throws(HiveError) -> String {
        guard let value else { return newIdentifier() }
        guard let text = value.stringValue, isIdentifier(text) else {
            throw .usage("scatterId: expected sc- and 16 hex digits", hint: "or leave it out")
        }
        return text
    }

    static func newIdentifier() -> String {
        let number = UInt64.random(in: .min ... .max)
        return "sc-" + Hex.encode((0..<8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) })
    }

    static func isIdentifier(_ text: String) -> Bool {
        let digits = text.utf8.dropFirst(3)
        return text.hasPrefix("sc-") && digits.count == 16
            && digits.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    static func backend(
        _ value: JSONValue?,
        _ settings: Settings
    ) throws(HiveError) -> Backend {
        guard let name = value?.stringValue else {
            guard let unknown = settings.unknownBackend else { return settings.backend }
            throw unknownBackend(unknown, "HIVE_BACKEND")
        }
        guard let backend = Backend(rawValue: name) else {
            throw unknownBackend(name, "--backend")
        }
        return backend
    }

    private static func unknownBackend(_ name: String, _ place: String) -> HiveError {
        let known = Backend.allCases.map(\.rawValue).joined(separator: ", ")
        return .usage("\(place): found \(RuleValue.quoted(name)); expected \(known)", hint: "")
    }

    static func whole(
        _ value: JSONValue?,
        _ name: String,
        _ range: ClosedRange<Int64>
    ) throws(HiveError) -> Int64? {
        guard let value, !value.isNull else { return nil }
        guard let number = value.integerValue, range.contains(number) else {
            let expected = "\(range.lowerBound) to \(range.upperBound)"
            throw .usage(
                "\(name): found \(value.text); expected \(expected)",
                hint: name == "--swarm"
                    ? "1, 2 and 3 stand for 8, 64 and 512 workers" : "or leave \(name) out"
            )
        }
        return number
    }

    static func dollars(_ value: JSONValue?) throws(HiveError) -> Double? {
        guard let value, !value.isNull else { return nil }
        guard let dollars = value.doubleValue, dollars.isFinite, dollars >= 0 else {
            throw .usage(
                "--budget: found \(value.text); expected dollars, 0 or more",
                hint: "such as --budget 0.50"
            )
        }
        return dollars
    }

    static func phase(_ value: JSONValue?, _ place: String) throws(HiveError) -> Phase? {
        guard let value, !value.isNull else { return nil }
        let phase = Phase.cycle.first { $0.letter == value.stringValue }
        guard let phase else {
            throw .usage("\(place): found \(value.text); expected H, I, V or E", hint: "")
        }
        return phase
    }
}

extension ScatterQuestion {
    private static let nameBytesMax = 256
    private static let toolsMax = 64

    /// Reads a task line: `{"id","agent","prompt","systemPrompt","tools","port","phase"}`.
    ///
    /// - Parameters:
    ///   - line: what stands there.
    ///   - place: where, for messages: `tasks.jsonl:7`.
    /// - Throws: exit code 2, with the place.
    init(_ line: JSONValue, at place: String) throws(HiveError) {
        guard let object = line.objectValue else {
            throw .usage("\(place): expected a JSON object", hint: "one object a line")
        }
        var texts: [String: String] = [:]
        for (key, value) in object where !value.isNull {
            switch key {
            case "id", "agent", "prompt", "systemPrompt", "model":
                guard let text = value.stringValue else {
                    throw Self.refusal(place, key, value, "a string")
                }
                texts[key] = text
            case "tools", "port", "phase": continue
            default:
                throw .usage(
                    "\(place): \(RuleValue.quoted(key)) is no key of a task",
                    hint: "id, agent, prompt, systemPrompt, model, tools, port and phase are"
                )
            }
        }
        guard let prompt = texts["prompt"], !prompt.isEmpty else {
            throw .usage("\(place): it has no prompt", hint: "say what to ask")
        }
        for key in ["prompt", "systemPrompt"] {
            try ScatterRequest.requireSize(texts[key] ?? "", "\(place): \(key)")
        }
        for key in ["id", "agent", "model"] {
            guard let text = texts[key] else { continue }
            let isPlain = text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
            guard !text.isEmpty, text.utf8.count <= Self.nameBytesMax, isPlain else {
                throw Self.refusal(place, key, line[key] ?? nil, "1 to 256 bytes on one line")
            }
        }
        self.init(prompt: prompt)
        name = texts["id"]
        agent = texts["agent"]
        systemPrompt = texts["systemPrompt"]
        model = texts["model"]
        tools = try Self.tools(object["tools"], place)
        phase = try ScatterRequest.phase(object["phase"], "\(place): phase")
        if let value = object["port"], !value.isNull {
            guard
                let port = value.integerValue.flatMap(UInt8.init(exactly:))
                    .flatMap(Port.init(rawValue:))
            else { throw Self.refusal(place, "port", value, "0 to 7") }
            self.port = port
        }
    }

    private static func tools(_ value: JSONValue?, _ place: String) throws(HiveError) -> [String] {
        guard let value, !value.isNull else { return [] }
        let names = value.arrayValue?.compactMap(\.stringValue)
        guard let names, names.count == value.arrayValue?.count, names.count <= toolsMax else {
            throw refusal(place, "tools", value, "a list of at most \(toolsMax) names")
        }
        return names
    }

    private static func refusal(
        _ place: String,
        _ key: String,
        _ value: JSONValue?,
        _ expected: String
    ) -> HiveError {
        let found = RuleValue.quoted(value?.text ?? "")
        return .usage("\(place): \(key): found \(found); expected \(expected)", hint: "")
    }
}

extension Rules {
    /// The ports that own a phase, lowest first.
    func ports(of phase: Phase) -> [Port] {
        Port.all.filter { phaseOfPort[Int($0.rawValue)] == phase }
    }
}
