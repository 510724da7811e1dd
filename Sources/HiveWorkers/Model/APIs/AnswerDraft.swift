import HiveProcess
import HiveSignal

/// An answer in the making: what the documents that were read so far have said.
///
/// Servers' figures are input: what cannot be true counts as not said.
struct AnswerDraft: Sendable {
    /// More tokens than any model takes or makes in one answer.
    static let tokensMax: Int64 = 1_000_000_000
    /// More than any answer costs.
    static let dollarsMax = 100_000.0
    /// A longer name of a model is cut.
    static let modelBytesMax = 200
    /// How much of a word of the server a message shows, bytes.
    static let wordBytesMax = 64

    /// How much of a refusal is kept, but for the end of its last piece; and shown.
    static let refusalBytesMax = 240

    /// As long as the bytes it was read from at most, and those are bounded by the transport.
    private(set) var text = ""
    /// What was added to `text` since `takeFresh()`.
    private var fresh = ""
    private(set) var model: String?
    var inputTokens: Int64?
    var outputTokens: Int64?
    var dollars: Double?
    /// Why the model stopped, in the server's word; nil: it has not yet.
    private(set) var stopReason: String?
    /// It stopped because it might say no more.
    private(set) var isCut = false
    /// The stream has said its last word.
    var isOver = false
    /// There was text that is no part of the answer: the model's thoughts.
    var hasReasoning = false

    /// What the model said in an answer's place.
    private var refusal = ""

    /// Notes that the model refuses; no such text is an answer.
    mutating func note(refusal piece: String) {
        if refusal.utf8.count < Self.refusalBytesMax { refusal += piece }
    }

    mutating func append(_ piece: String) {
        text += piece
        fresh += piece
    }

    /// The text that came since the last call.
    mutating func takeFresh() -> String {
        defer { fresh = "" }
        return fresh
    }

    /// Notes which model answers, where the value says so.
    mutating func note(model value: JSONValue?) {
        // Each piece of a stream says it.
        if model == nil { model = value.flatMap(Self.modelName) }
    }

    /// Notes why the model stopped, where the value says so.
    ///
    /// - `isCut`: the word says that it might say no more.
    mutating func note(stopReason value: JSONValue?, isCut: (String) -> Bool) {
        guard let reason = value?.stringValue, !reason.isEmpty else { return }
        stopReason = PlainText.cut(PlainText.oneLine(reason), toBytes: Self.wordBytesMax)
        self.isCut = isCut(reason)
    }

    /// The answer.
    ///
    /// - Throws: `.malformed` where it has no text, with the reason as far as the server says.
    func answer() throws(ModelFault) -> ModelAnswer {
        guard text.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) else {
            let said = PlainText.cut(PlainText.oneLine(refusal), toBytes: Self.refusalBytesMax)
            guard said.isEmpty else { throw ModelFault(.malformed, "the model refused: \(said)") }
            throw ModelFault(.malformed, "the answer has no text: \(emptiness)")
        }
        return ModelAnswer(
            text: text,
            model: model,
            usage: usage,
            dollars: dollars,
            isCut: isCut
        )
    }

    /// Nil where the server does not count both.
    private var usage: TokenUsage? {
        guard let inputTokens, let outputTokens else { return nil }
        return TokenUsage(inputTokens: inputTokens, outputTokens: outputTokens)
    }

    /// The fault with what the answer cost all the same.
    func charging(_ fault: ModelFault) -> ModelFault {
        var fault = fault
        fault.spent = ModelSpending(usage: usage, dollars: dollars)
        return fault
    }

    private var emptiness: String {
        switch stopReason {
        case _ where hasReasoning && isCut:
            "all the tokens it might have went into reasoning; allow it more"
        case _ where isCut: "it might have no more tokens; allow it more"
        case "content_filter", "refusal": "the server withheld it (\(stopReason ?? ""))"
        case "tool_calls", "tool_use", "function_call": "the model asked for a tool instead"
        case _ where hasReasoning: "the model reasoned and then said nothing"
        case let reason?: "the model stopped at once (\(reason))"
        case nil: "the model said nothing"
        }
    }
}

// MARK: - Servers' figures

extension AnswerDraft {
    /// A count of tokens; nil for what is none.
    static func tokens(_ value: JSONValue?) -> Int64? {
        let count = value?.integerValue ?? value?.doubleValue.flatMap(Int64.init(exactly:))
        return count.flatMap { (0...tokensMax).contains($0) ? $0 : nil }
    }

    /// A sum of money; nil for what is none.
    static func dollars(_ value: JSONValue?) -> Double? {
        value?.doubleValue.flatMap { (0...dollarsMax).contains($0) ? $0 : nil }
    }

    /// A model's name, on one line and bounded; nil for what is none.
    static func modelName(_ value: JSONValue) -> String? {
        let name = PlainText.oneLine(value.stringValue ?? "").cut(toBytes: modelBytesMax)
        return name.isEmpty ? nil : name
    }

    /// The text of a message's content: a string, or an array of parts of which some are text.
    static func text(of content: JSONValue?) -> String {
        if let text = content?.stringValue { return text }
        let parts = content?.arrayValue ?? []
        return parts.compactMap { part in
            let type = part["type"]?.stringValue ?? "text"
            return type == "text" || type == "output_text" ? part["text"]?.stringValue : nil
        }.joined()
    }

    /// True for a text that says something, under any of these members.
    static func hasText(in object: JSONObject, under keys: [String]) -> Bool {
        keys.contains { object[$0]?.stringValue?.isEmpty == false }
    }
}
