import HiveProcess
package import HiveSignal

// What a model may answer
//
// Plain text, which is the message, or one JSON object, alone or in a ```json fence:
//
//     {"msg": "…", "confidence": 0.8, "result": {…}}
//
// What a model says of its own cost is hearsay: only the server and the price table count.

/// A model's answer, read as an outcome.
package enum ModelOutcome {
    /// Of an answer that ended because it might have no more tokens, and does not say.
    package static let cutConfidence = 0.4
    /// Of any other answer that does not say how sure it is.
    package static let confidence = ExecAnswer.confidence

    /// Reads an answer.
    ///
    /// - Parameters:
    ///   - reply: The answer and what it took.
    ///   - model: The model that was asked; what the server names counts before it.
    ///   - price: What tokens cost, where the server does not say; nil: nobody knows.
    /// - Returns: The outcome; a failure where the answer says nothing.
    package static func outcome(of reply: ModelReply, model: String, price: Price?) -> Outcome {
        let answer = reply.answer
        let model = shownName(answer.model ?? model)
        var outcome = read(answer)
        if outcome.message.isEmpty {
            outcome.message = "\(model) answered nothing"
            outcome.confidence = ExecAnswer.failureConfidence
            outcome.isFailure = true
        }
        var facts: JSONObject = ["model": .string(model)]
        if let usage = answer.usage {
            facts["inputTokens"] = .integer(usage.inputTokens)
            facts["outputTokens"] = .integer(usage.outputTokens)
        }
        facts["latencyMs"] = .integer(Int64(reply.latencyMilliseconds))
        facts["attempts"] = .integer(Int64(reply.attempts))
        outcome.details = merged(outcome.details, facts)
        outcome.dollars = reply.spent.dollars(at: price)
        return SecretValues.ofTheWork.masked(outcome)
    }

    /// What becomes of a question that was not answered.
    ///
    /// - Parameters:
    ///   - error: Why.
    ///   - model: The model that was asked.
    ///   - price: What tokens of answers that could not be used cost; nil: nobody knows.
    /// - Returns: A failure.
    package static func failure(
        _ error: ModelError,
        model: String,
        price: Price? = nil
    ) -> Outcome {
        let facts: JSONObject = [
            "model": .string(shownName(model)), "attempts": .integer(Int64(error.attempts)),
        ]
        var outcome = Outcome(
            message: bounded(PlainText.clean(error.description)),
            confidence: ExecAnswer.failureConfidence,
            details: facts,
            isFailure: true
        )
        outcome.dollars = error.wasted.dollars(at: price)
        return SecretValues.ofTheWork.masked(outcome)
    }

    private static func read(_ answer: ModelAnswer) -> Outcome {
        let text = PlainText.clean(String(withoutThoughts(answer.text)))
        let unsaid = answer.isCut ? cutConfidence : confidence
        guard let object = object(in: text), let message = object.message else {
            return Outcome(message: bounded(text), confidence: unsaid)
        }
        return Outcome(
            message: message,
            confidence: object.confidence ?? unsaid,
            details: object.details
        )
    }

    /// What models that think aloud put before their answer is none of it.
    private static func withoutThoughts(_ text: String) -> Substring {
        let rest = text.drop(while: \.isWhitespace)
        guard rest.hasPrefix("<think>") else { return rest }
        let thoughts = Array(rest.utf8)
        let end = Array("</think>".utf8)
        guard let start = thoughts.offsets(of: end, max: 1).first else { return "" }
        return rest[rest.utf8.index(rest.startIndex, offsetBy: start + end.count)...]
    }

    /// The object that is the whole text, or all that its one fence holds; nil for any other text.
    private static func object(in text: String) -> AnswerObject? {
        let json = unfenced(text)
        guard json.first == "{", let value = try? JSONValue(parsing: String(json)) else {
            return nil
        }
        return value.objectValue.map(AnswerObject.init)
    }

    private static func unfenced(_ text: String) -> Substring {
        let fence = "```"
        guard text.hasPrefix(fence), text.hasSuffix(fence),
            let firstEnd = text.firstIndex(of: "\n")
        else { return text[...] }
        let info = text[..<firstEnd].dropFirst(fence.count)
        guard ["", "json"].contains(PlainText.oneLine(String(info)).lowercased()) else {
            return text[...]
        }
        return text[firstEnd...].dropLast(fence.count).drop(while: \.isWhitespace)
    }

    /// hive's own facts beside the model's; of two with one name hive's holds, and where both are
    /// too long hive's alone.
    private static func merged(_ told: JSONObject, _ facts: JSONObject) -> JSONObject {
        var merged = told
        for (key, value) in facts { merged[key] = value }
        let isBounded = JSONValue.object(merged).text.utf8.count <= Outcome.detailsBytesMax
        return isBounded ? merged : facts
    }

    private static func shownName(_ model: String) -> String {
        PlainText.cut(PlainText.oneLine(model), toBytes: AnswerDraft.modelBytesMax)
    }

    private static func bounded(_ message: String) -> String {
        PlainText.cut(message, toBytes: Outcome.messageBytesMax)
    }
}
