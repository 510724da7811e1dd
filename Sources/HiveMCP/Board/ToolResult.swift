internal import HiveControl
internal import HiveSignal

/// What a tool came to: a `CallToolResult`.
struct ToolResult {
    /// As the tool's output schema has it, unless `keepsSchema` is false.
    var structured: JSONObject
    /// A sentence or two for people.
    var text: String
    /// The rules, or the machine, say no.
    var isError = false
    /// False: it has not what the tool's output schema asks for.
    ///
    /// It must not be structured content then: clients hold that against the schema in errors, too,
    /// and the model would never see the reason.
    var keepsSchema = true

    /// As the client's version has it: before structured content there was only text.
    ///
    /// `meta` goes along as `_meta`.
    func json(_ version: ProtocolVersion, meta: JSONObject) -> JSONValue {
        var content: [JSONValue] = [["type": "text", "text": .string(text)]]
        var result: JSONObject = [:]
        if keepsSchema && version.hasStructuredContent {
            result["structuredContent"] = .object(structured)
        } else if !structured.isEmpty {
            content.append(["type": "text", "text": .string(JSONValue.object(structured).text)])
        }
        result["content"] = .array(content)
        result["isError"] = .bool(isError)
        result["_meta"] = .object(meta)
        return .object(result)
    }
}

/// Why a tool has no answer: told to the model, which can do something about it.
struct ToolFailure: Error {
    var message: String
    var hint: String
    /// What a program can read of it: told as a second text.
    var details: JSONObject = [:]

    init(_ message: String, hint: String, details: JSONObject = [:]) {
        self.message = message
        self.hint = hint
        self.details = details
    }

    init(_ error: ControlError) {
        self.init(Self.forModels(error.message), hint: Self.forModels(error.hint))
    }

    var result: ToolResult {
        let text = hint.isEmpty ? message : "\(message). \(hint)"
        return ToolResult(structured: details, text: text, isError: true, keepsSchema: false)
    }

    /// The command line's flags that are arguments of tools: a model has no other.
    private static let arguments = [
        ("--tasks FILE", "tasks"), ("--prompt TEXT", "prompt"), ("--prompt", "prompt"),
        ("--count", "count"), ("--concurrency", "concurrency"), ("--timeout", "timeout"),
        ("--swarm", "swarm"), ("--disruptors", "disruptors"), ("--model", "model"),
        ("--backend", "backend"),
    ]

    /// What is said to people at a command line, in the words of the tools' schemas.
    private static func forModels(_ text: String) -> String {
        guard text.contains("--") else { return text }
        return arguments.reduce(text) { text, argument in
            text.replacing(argument.0, with: "`\(argument.1)`")
        }
    }
}

/// A tool's arguments, read and checked.
struct ToolArguments {
    let json: JSONObject

    func text(_ key: String) throws(ToolFailure) -> String? {
        try read(key, "a string") { $0.stringValue }
    }

    func whole(_ key: String) throws(ToolFailure) -> Int64? {
        try read(key, "an integer") { $0.integerValue }
    }

    func flag(_ key: String) throws(ToolFailure) -> Bool? {
        try read(key, "true or false") { $0.boolValue }
    }

    func list(_ key: String) throws(ToolFailure) -> [JSONValue]? {
        try read(key, "an array") { $0.arrayValue }
    }

    func texts(_ key: String) throws(ToolFailure) -> [String]? {
        try read(key, "an array of strings") { value in
            guard let list = value.arrayValue else { return nil }
            let texts = list.compactMap(\.stringValue)
            return texts.count == list.count ? texts : nil
        }
    }

    func phase(_ key: String) throws(ToolFailure) -> Phase? {
        try read(key, "H, I, V, E or X") { value in
            value.stringValue.flatMap { Phase(letter: $0.uppercased()) }
        }
    }

    /// A trace, by its id or by a traceparent.
    func trace(_ key: String) throws(ToolFailure) -> TraceID? {
        try read(key, "a trace: 32 lower-case hex digits, not all zero, or a traceparent") {
            value in
            guard let text = value.stringValue else { return nil }
            let trace = Traceparent(text)?.trace ?? TraceID(hex: text)
            return trace?.isZero == false ? trace : nil
        }
    }

    /// An argument that must be there.
    func needed<Value>(_ key: String, _ value: Value?) throws(ToolFailure) -> Value {
        guard let value else {
            throw ToolFailure("`\(key)` is missing", hint: "See the tool's schema.")
        }
        return value
    }

    /// `null` is as if it were not there.
    private func read<Value>(
        _ key: String,
        _ expected: String,
        _ convert: (JSONValue) -> Value?
    ) throws(ToolFailure) -> Value? {
        guard let value = json[key], !value.isNull else { return nil }
        guard let converted = convert(value) else {
            throw ToolFailure("`\(key)` is not \(expected)", hint: "See the tool's schema.")
        }
        return converted
    }
}

extension JSONValue {
    /// The strings of a member that is an array of such; none for anything else.
    func texts(_ key: String) -> [String] {
        self[key]?.arrayValue?.compactMap(\.stringValue) ?? []
    }

    static func texts(_ list: [String]) -> JSONValue { .array(list.map { .string($0) }) }

    static func maybe(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
}

extension String {
    /// On one line, and without what a terminal would obey or what hides or reorders text: a person
    /// decides by what is shown.
    var onOneLine: String {
        let plain = unicodeScalars.map { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: Character(" ")
            default: Character(scalar)
            }
        }
        return String(plain).split(separator: " ").joined(separator: " ")
    }
}
