import HiveProcess
import HiveSignal

// What a program may answer
//
// Exit code 0 and either text, which is the message, or one JSON object:
//
//     {"msg": "…", "confidence": 0.8, "dollars": 0.02, "result": {…}, "is_error": false}
//
// `message`, or a `result` that is text, stand for `msg`, and `total_cost_usd` for `dollars`: so
// `claude -p --output-format json` is a worker as it is. With its verbose mode on, that prints an
// array whose last `result` object is the answer, and as `stream-json` the same as lines.

/// What a worker program printed, read as an outcome.
enum ExecAnswer {
    /// Of an answer that does not say how sure it is.
    static let confidence = 0.6
    /// Of work that failed.
    static let failureConfidence = 0.3

    /// Reads what the program left behind.
    ///
    /// - `program`: its name, for messages.
    static func outcome(
        of result: CommandResult,
        program: String,
        limits: Command.Limits
    ) -> Outcome {
        guard let trouble = trouble(in: result, limits: limits) else {
            return answer(in: result, program: program)
        }
        var outcome = failure("\(program) \(trouble)", result)
        // What a program says of its own failure stands in its errors, else in its answer.
        let reason = PlainText.lastLine(result.errors)
        let said = reason.isEmpty ? saidFailing(in: result) : reason
        if !said.isEmpty { outcome.message += ": \(said)" }
        return outcome
    }

    /// Why the output is no answer; nil where it may be one.
    private static func trouble(in result: CommandResult, limits: Command.Limits) -> String? {
        if result.isOutputCut {
            return "was ended: it wrote more than \(limits.outputBytes / 1_024) KiB"
        }
        switch result.ending {
        case .exited(0): return nil
        case .exited(let code): return "failed with exit code \(code)"
        case .signalled(let number): return "was ended by signal \(number)"
        case .timedOut: return "was ended: it took longer than \(Seconds.text(limits.seconds))"
        }
    }

    private static func answer(in result: CommandResult, program: String) -> Outcome {
        if let object = object(in: result.output) { return outcome(of: object, program, result) }
        let message = PlainText.clean(result.output)
        guard !message.isEmpty else {
            let reason = PlainText.lastLine(result.errors)
            let said = reason.isEmpty ? "" : ": \(reason)"
            return failure("\(program) answered nothing\(said)", result)
        }
        return Outcome(message: bounded(message), confidence: confidence)
    }

    private static func outcome(
        of object: JSONObject,
        _ program: String,
        _ result: CommandResult
    ) -> Outcome {
        let isError = object["is_error"]?.boolValue ?? false
        let answer = AnswerObject(object)
        var outcome: Outcome
        if let message = answer.message {
            outcome = Outcome(
                message: message,
                confidence: answer.confidence ?? confidence,
                details: answer.details,
                isFailure: isError
            )
        } else {
            let kind = object["subtype"]?.stringValue.map { " (\(PlainText.oneLine($0)))" } ?? ""
            outcome = failure(
                "\(program) answered without msg, message or result\(kind)",
                result
            )
        }
        if isError { outcome.confidence = min(outcome.confidence, failureConfidence) }
        let dollars = (object["dollars"] ?? object["total_cost_usd"])?.doubleValue
        if let dollars, dollars >= 0, dollars.isFinite { outcome.dollars = dollars }
        return outcome
    }

    /// What a program that failed says of it in its answer, on one line; empty where nothing.
    private static func saidFailing(in result: CommandResult) -> String {
        guard !result.isOutputCut, let object = object(in: result.output),
            let message = AnswerObject(object).message
        else { return "" }
        return PlainText.cut(PlainText.oneLine(message), toBytes: PlainText.lineBytesMax)
    }

    private static func failure(_ message: String, _ result: CommandResult) -> Outcome {
        var details: JSONObject = ["seconds": .double(Seconds.rounded(result.seconds))]
        switch result.ending {
        case .exited(let code): details["exit"] = .integer(Int64(code))
        case .signalled(let number): details["signal"] = .integer(Int64(number))
        case .timedOut: details["timedOut"] = true
        }
        return Outcome(
            message: message,
            confidence: failureConfidence,
            details: details,
            isFailure: true
        )
    }

    private static func bounded(_ message: String) -> String {
        PlainText.cut(message, toBytes: Outcome.messageBytesMax)
    }
}

// MARK: - The JSON in an output

extension ExecAnswer {
    /// The object that is the answer; nil for text, which JSON that is broken is, too.
    private static func object(in output: [UInt8]) -> JSONObject? {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let bytes = output.starts(with: mark) ? output.dropFirst(mark.count) : output[...]
        let blank: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D]
        guard let first = bytes.first(where: { !blank.contains($0) }),
            first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
        else { return nil }
        if let value = try? JSONValue(parsing: Array(bytes)) {
            return value.objectValue ?? value.arrayValue?.last(where: isResult)?.objectValue
        }
        let last = bytes.split(separator: UInt8(ascii: "\n")).last { line in
            !line.allSatisfy(blank.contains)
        }
        let value = last.flatMap { try? JSONValue(parsing: Array($0)) }
        return value.flatMap { isResult($0) ? $0.objectValue : nil }
    }

    private static func isResult(_ value: JSONValue) -> Bool {
        value["type"]?.stringValue == "result"
    }
}

/// Seconds as people read them.
enum Seconds {
    /// `0.4 s`, `31 s`; what takes time takes at least `0.1 s`.
    static func text(_ seconds: Double) -> String {
        let tenths = max(0.1, rounded(seconds))
        let isWhole = tenths == tenths.rounded()
        return isWhole && tenths < 1e15 ? "\(Int64(tenths)) s" : "\(tenths) s"
    }

    /// To a tenth.
    static func rounded(_ seconds: Double) -> Double { (seconds * 10).rounded() / 10 }
}
