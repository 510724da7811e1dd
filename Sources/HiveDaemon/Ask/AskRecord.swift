import Glibc
import HiveControl
import HiveKernel
import HiveLedger
package import HiveSignal

// A record
//
// JSON lines: `{"event":"ask","ask":{…}}`, the request with its seed and context; one
// `{"event":"result",…}` a task, in the order in which they ended, with what was asked and what was
// answered; last `{"event":"artifact","artifact":{…}}`. To replay it is to count it again: roles,
// probes and order come from the seed, the answers from the record, and nobody is asked.

/// An ask written down, and counted again.
package enum AskRecord {
    /// A larger file is no record of an ask.
    static let bytesMax = 256 << 20
    /// Numbers in a record beyond it are refused: sums of them fit.
    private static let countMax: Int64 = 1 << 45
    private static let dollarsMax = 1e9

    /// The lines of a record.
    static func lines(
        _ request: AskRequest,
        _ rows: [ScatterTaskRow],
        _ artifact: JSONValue
    ) -> [JSONValue] {
        let ended = rows.sorted { left, right in
            (left.finishedMilliseconds ?? .max, left.number)
                < (right.finishedMilliseconds ?? .max, right.number)
        }
        return [["event": "ask", "ask": request.json]] + ended.map(line)
            + [["event": "artifact", "artifact": artifact]]
    }

    private static func line(_ row: ScatterTaskRow) -> JSONValue {
        [
            "event": "result",
            "task": .string(row.name),
            "status": .string("\(row.state)"),
            "model": .string(row.model),
            "asked": (try? JSONValue(parsing: Array(row.request.utf8))) ?? .null,
            "output": .optional(row.output),
            "error": .optional(row.error),
            "attempts": .integer(row.attempts),
            "startMs": row.startedMilliseconds.map { .integer($0) } ?? .null,
            "endMs": row.finishedMilliseconds.map { .integer($0) } ?? .null,
            "latencyMs": row.latencyMilliseconds.map { .integer($0) } ?? .null,
            "inputTokens": row.inputTokens.map { .integer($0) } ?? .null,
            "outputTokens": row.outputTokens.map { .integer($0) } ?? .null,
            "dollars": row.dollars.map { .double($0) } ?? .null,
        ]
    }

    /// Writes a record, whole or not at all.
    ///
    /// - Throws: exit code 3.
    package static func write(_ lines: [JSONValue], to path: String) throws(HiveError) {
        var writer = JSONWriter()
        for line in lines {
            writer.value(line)
            writer.newline()
        }
        do throws(HiveError) {
            try FreshFile.replace(path, writer.bytes)
        } catch {
            throw .machine(error.message, hint: placeHint)
        }
    }

    /// Refuses a path that no record can be written to, before anybody is asked for money.
    ///
    /// - Throws: exit code 3.
    package static func requireWritable(_ path: String) throws(HiveError) {
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { String(path[...$0]) } ?? "."
        guard access(folder, W_OK | X_OK) == 0 else {
            throw .machine("cannot write \(path): \(BoundedFile.reason(errno))", hint: placeHint)
        }
        guard !FileProbe.isFolder(path) else {
            throw .machine("cannot write \(path): it is a folder", hint: placeHint)
        }
    }

    private static let placeHint = "name a file in a folder that is there and yours to write in"

    // MARK: Replay

    /// What a record comes to.
    package struct Replayed: Sendable {
        package var artifact: JSONValue
        /// False: the record has another artifact, or none.
        package var isAsRecorded: Bool
    }

    /// Counts a record again; nobody is asked, and no board is written on.
    ///
    /// - Parameters:
    ///   - path: the record; `-` is standard input.
    ///   - settings: whose rules say what an ask may be.
    ///   - notify: told of steps and votes as a living ask tells them.
    /// - Returns: the artifact that it comes to.
    /// - Throws: exit code 2 for a file that is no record, 3 for one that cannot be read.
    package static func replay(
        _ path: String,
        settings: Settings,
        _ notify: @escaping @Sendable (String, JSONValue) -> Void
    ) async throws(HiveError) -> Replayed {
        let bytes = try WholeFile.read(path, bytesMax: bytesMax)
        let rules = settings.rules(of: try RuleBook.load(path: settings.rulesPath))
        var request: AskRequest?
        var recorded: JSONValue?
        var rows: [ScatterTaskRow] = []
        for (index, line) in bytes.split(separator: UInt8(ascii: "\n")).enumerated() {
            let place = "\(path):\(index + 1)"
            let value: JSONValue
            do {
                value = try JSONValue(parsing: Array(line))
            } catch {
                throw .usage("\(place): \(error)", hint: "is it what --record wrote?")
            }
            switch value["event"]?.stringValue {
            case "ask":
                request = try AskRequest(
                    stored: value["ask"] ?? .null,
                    settings: settings,
                    rules: rules
                )
            case "result": rows.append(try row(value, place))
            case "artifact": recorded = value["artifact"]
            default:
                throw .usage("\(place): no line of a record", hint: "is it what --record wrote?")
            }
        }
        guard let request else {
            throw .usage("\(path): no ask stands in it", hint: "give a file that --record wrote")
        }
        let plan = AskPlan(request)
        var telling = AskTelling(request, plan) { notify($0, $1) }
        do {
            try await telling.begin()
            for row in rows { try await telling.take(row) }
            try await telling.tally()
        } catch {
            throw HiveError(error)
        }
        let artifact = AskCount(request, plan, rows).artifact
        return Replayed(
            artifact: artifact,
            isAsRecorded: recorded.map { $0.text == artifact.text } ?? false
        )
    }

    private static func row(_ value: JSONValue, _ place: String) throws(HiveError) -> ScatterTaskRow
    {
        func refusal(_ key: String) -> HiveError {
            .usage(
                "\(place): \(key): found \(RuleValue.quoted(value[key]?.text ?? "nothing"))",
                hint: "is it what --record wrote?"
            )
        }
        func number(_ key: String) throws(HiveError) -> Int64? {
            guard let found = value[key], !found.isNull else { return nil }
            guard let number = found.integerValue, (0...countMax).contains(number) else {
                throw refusal(key)
            }
            return number
        }
        guard let name = value["task"]?.stringValue else { throw refusal("task") }
        guard let model = value["model"]?.stringValue else { throw refusal("model") }
        let word = value["status"]?.stringValue
        guard let state = ScatterTaskState.allCases.first(where: { "\($0)" == word }) else {
            throw refusal("status")
        }
        var row = ScatterTaskRow(name: name, digest: "", sample: 0, model: model, request: "")
        row.state = state
        row.output = value["output"]?.stringValue
        row.error = value["error"]?.stringValue
        row.attempts = try number("attempts") ?? 0
        row.startedMilliseconds = try number("startMs")
        row.finishedMilliseconds = try number("endMs")
        row.latencyMilliseconds = try number("latencyMs")
        row.inputTokens = try number("inputTokens")
        row.outputTokens = try number("outputTokens")
        if let dollars = value["dollars"], !dollars.isNull {
            guard let amount = dollars.doubleValue, (0...dollarsMax).contains(amount) else {
                throw refusal("dollars")
            }
            row.dollars = amount
        }
        return row
    }
}
