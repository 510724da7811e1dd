package import HiveSignal

/// Why one check failed, for people: what was found, what was expected, and what mends it.
package struct Explanation: Sendable, Hashable {
    /// A gate (`G1`) or a violation (`SKIPPED_HUNT`).
    package var code: String
    package var found: String
    package var expected: String
    package var cure: String

    /// How much of a hostile value is quoted, in Unicode scalars: a character may have thousands.
    static let quotedScalarsMax = 80

    /// `CODE: found; expected`.
    package var sentence: String { "\(code): \(found); expected \(expected)" }

    /// One explanation for every failed gate and violation, in the order of the entry.
    package static func list(
        line: ScannedLine,
        bytes: UnsafeRawBufferPointer,
        judgement: Judgement,
        rules: Rules
    ) -> [Explanation] {
        var list: [Explanation] = []
        for name in judgement.gates.names {
            // A time that only the clock refused is explained by its violation.
            if name == "G0" && line.fields.timestamp.state == .good && line.failure == nil {
                continue
            }
            list.append(gate(name, line, bytes, judgement, rules))
        }
        for violation in judgement.violations {
            list.append(self.violation(violation, line, bytes, judgement, rules))
        }
        return list
    }
}

// MARK: Gates

extension Explanation {
    private static func gate(
        _ name: String,
        _ line: ScannedLine,
        _ bytes: UnsafeRawBufferPointer,
        _ judgement: Judgement,
        _ rules: Rules
    ) -> Explanation {
        if let failure = line.failure { return frame(name, failure) }
        let fields = line.fields
        let found = FoundText(line: line, bytes: bytes)
        func made(_ found: String, _ expected: String, _ cure: String) -> Explanation {
            Explanation(code: name, found: found, expected: expected, cure: cure)
        }
        switch name {
        case "G0":
            return made(
                found.field("ts", fields.timestamp),
                "an RFC 3339 date-time such as 2026-01-31T12:00:00Z",
                "write ts with date, T, time and Z or an offset such as +02:00"
            )
        case "G1":
            return made(
                found.field("mark", fields.mark),
                "a number from 0 to 1",
                "set mark to your confidence, 0 to 1"
            )
        case "G2":
            return made(
                found.field("pull", fields.pull),
                "upstream, downstream or lateral",
                "set pull to one of the three words"
            )
        case "G3":
            return made(
                found.text("msg", fields.message),
                "a string with at least one visible character",
                "say something in msg"
            )
        case "G4":
            return made(
                found.field("type", fields.type),
                "signal, event, error or metric",
                "set type to one of the four words"
            )
        case "G5":
            return made(
                found.field("hive", fields.phase),
                "H, I, V, E or X",
                "set hive to the letter of the phase"
            )
        case "G6":
            return made(
                found.field("gen", fields.generation),
                "an integer of at least \(rules.minimumGeneration)",
                "set gen to the board's generation (hive state)"
            )
        case "G7":
            return made(
                found.field("port", fields.port),
                "an integer from 0 to 7",
                "set port to the number of the commander who speaks"
            )
        default: return envelopeOrTrace(name, line, found, judgement)
        }
    }

    private static func envelopeOrTrace(
        _ name: String,
        _ line: ScannedLine,
        _ found: FoundText,
        _ judgement: Judgement
    ) -> Explanation {
        switch name {
        case "G8" where !line.isEnvelope:
            return Explanation(
                code: name,
                found: "no specversion",
                expected: "a CloudEvents 1.0 envelope, which the rules require",
                cure:
                    "wrap the signal: specversion, id, source, type, hfogen, hfohive, hfoport, data"
            )
        case "G8":
            return Explanation(
                code: name,
                found: "a CloudEvents envelope with faults in "
                    + line.envelopeFaults.intersection(.gate8).names.joined(separator: ", "),
                expected:
                    "specversion \"1.0\"; id, source, type not empty; the signal as JSON in data",
                cure: "mend the attributes named"
            )
        case "G9" where line.trace.hasBadTracestate:
            return Explanation(
                code: name,
                found: "tracestate is not well formed",
                expected: "key=value members with commas between, such as vendor=1,other=x",
                cure: "copy the tracestate whole, or leave it out"
            )
        case "G9":
            return Explanation(
                code: name,
                found: "traceparent is not valid",
                expected:
                    "W3C Trace Context: 00-<32 hex>-<16 hex>-<2 hex>, lower case, not all zero",
                cure:
                    "copy the traceparent whole, or leave it out (hive emit --trace new makes one)"
            )
        case "G10":
            return Explanation(
                code: name,
                found: "\(found.text("parent", line.fields.parent)), which speaks in another trace"
                    + " than \(judgement.trace.hex)",
                expected: "the trace-id of its parent",
                cure: "put the parent's traceparent on the answer"
            )
        default:
            return Explanation(
                code: name,
                found: line.envelopeFaults.intersection(.gate11).names.joined(separator: ", ")
                    + " absent or not equal to the data's",
                expected: "hfogen, hfohive, hfoport equal to gen, hive, port in the data",
                cure: "copy gen, hive and port of the signal into the attributes"
            )
        }
    }

    private static func frame(_ name: String, _ failure: FrameFailure) -> Explanation {
        let (found, expected, cure) = frameTexts(failure.fault)
        // A line that is too long is so as a whole.
        let place = failure.fault == .oversize ? "" : " at byte \(failure.position) of the line"
        return Explanation(
            code: name,
            found: found + place,
            expected: expected,
            cure: cure
        )
    }

    private static func frameTexts(_ fault: FrameFault) -> (String, String, String) {
        let utf8 = "UTF-8 text"
        let object = "one JSON object on the line"
        switch fault {
        case .invalidUTF8:
            return ("bytes that are not UTF-8", utf8, "save and append as UTF-8")
        case .byteOrderMark:
            return ("a byte order mark", "none inside the file", "append without a BOM")
        case .utf16:
            return (
                "UTF-16", utf8,
                "in PowerShell: Add-Content -Encoding utf8 (or $OutputEncoding), not >>"
            )
        case .nul: return ("a NUL byte", utf8, "take the NUL out of the writer's output")
        case .loneSurrogate:
            return (
                "half of a surrogate pair in an escape", "both halves, or the character itself",
                "write the character as UTF-8"
            )
        case .oversize:
            return (
                "a line over 1 MiB", "at most \(LineFramer.lineBytesMax) bytes",
                "put large content in a file and name it in msg"
            )
        case .notAnObject:
            return ("something that is not an object", object, "write {\"ts\":…} on one line")
        case .syntax: return ("a fault in the JSON", object, "let a JSON library write the line")
        case .trailingData:
            return ("more after the object", object, "one object a line: end each with a line feed")
        case .duplicateKey: return ("a key given twice", "each key once", "leave one of them out")
        case .tooDeep:
            return ("nesting over 64 levels", "64 at most", "put deep data in a file")
        }
    }
}

/// Quotes what a field held, bounded.
struct FoundText {
    var line: ScannedLine
    var bytes: UnsafeRawBufferPointer

    func field<Value>(_ key: String, _ field: Field<Value>) -> String {
        field.state == .absent
            ? "\(key) is missing" : "\(key) is \(quote(field.token.range))"
    }

    func text(_ key: String, _ field: TextField) -> String {
        guard field.state != .absent else { return "\(key) is missing" }
        return "\(key) is \(field.state == .wrongType ? "" : "\"")\(quote(field.content.range))"
            + (field.state == .wrongType ? "" : "\"")
    }

    private func quote(_ range: Range<Int>) -> String {
        line.withFieldBytes(bytes) { buffer in
            guard range.upperBound <= buffer.count else { return "?" }
            // A scalar has four bytes at most: the last one read may be torn, and is never quoted.
            let read = buffer[range].prefix(4 * (Explanation.quotedScalarsMax + 1))
            let text = String(decoding: read, as: UTF8.self)
            let quoted = text.unicodeScalars.prefix(Explanation.quotedScalarsMax)
            guard quoted.endIndex < text.endIndex else { return text }
            return String(quoted) + "…"
        }
    }
}

extension EnvelopeFaults {
    /// The attributes at fault, by their wire names.
    package var names: [String] {
        let all: [(EnvelopeFaults, String)] = [
            (.specversion, "specversion"), (.identifier, "id"), (.source, "source"),
            (.type, "type"),
            (.time, "time"), (.attributeName, "an attribute's name"),
            (.dataContentType, "datacontenttype"), (.data, "data"), (.hfogen, "hfogen"),
            (.hfohive, "hfohive"), (.hfoport, "hfoport"),
        ]
        return all.filter { contains($0.0) }.map(\.1)
    }
}
