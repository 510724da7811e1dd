import HiveBlackboard
import HiveKernel
package import HiveLedger
import HiveSignal

/// A line that is to be emitted.
struct EmittedLine: Sendable {
    var bytes: [UInt8]
    /// True: hive's own commands made it of what they were given.
    ///
    /// Where the rules require envelopes it goes out in one; a ready line is judged as it is.
    var isPlainSignal = false
}

/// What became of one emitted line.
package struct EmitResult: Sendable {
    /// The verdict the line got: at its offset, or before it reached the board.
    package var row: Row
    /// False: the line was refused and is not on the board.
    package var wasAppended: Bool

    package enum Row: Sendable {
        case accepted(SignalRow)
        case quarantined(QuarantineRow)
    }
}

extension Engine {
    /// True where the last line on the board has no LF yet: an append must wait, or end it.
    package func hasTornTail() throws(HiveError) -> Bool {
        try HiveError.wrap { try !board.endsInLineFeed() }
    }

    /// Judges a line first; what passes is appended in one write and judged where it stands.
    ///
    /// What fails goes to the quarantine and never reaches the board. If the board does not end in
    /// LF, an LF goes in front, in the same write, so that the line is never glued to a torn tail.
    /// Another writer may come in between: the verdict given back is the one the line got at its
    /// offset.
    ///
    /// - Throws: exit code 2 for a blank line or one with an LF in it, 3 where the machine fails.
    package func emit(_ line: [UInt8]) throws(HiveError) -> EmitResult {
        let (preview, now) = try preview(line)
        guard preview.judgement.isAccepted else {
            return try refuse(line, preview.judgement, preview.reason, now)
        }
        let result = try append(judging: [line])[0]
        return EmitResult(row: result.row, wasAppended: true)
    }

    func emit(_ line: EmittedLine) throws(HiveError) -> EmitResult {
        try emit(try fold.bytes(of: line, now: clock()))
    }

    /// What a line would be judged as, on the board as it is now.
    func preview(_ line: [UInt8]) throws(HiveError) -> (Fold.Preview, now: Timestamp) {
        guard !line.contains(UInt8(ascii: "\n")) else {
            throw .usage("the signal holds a line feed", hint: "one signal is one line: emit each")
        }
        try requireBoard()
        try look(live: true)
        let now = clock()
        return (try fold.preview(line, now: now), now)
    }

    /// Appends whole lines in one write, and gives the verdict of each at its offset.
    func append(judging lines: [[UInt8]]) throws(HiveError) -> [LineResult] {
        var bytes = try hasTornTail() ? [UInt8(ascii: "\n")] : []
        var places: [Int64] = []
        for line in lines {
            places.append(Int64(bytes.count))
            bytes += line + [UInt8(ascii: "\n")]
        }
        let start = try HiveError.wrap { try board.append(bytes) }
        try onStep(.appended)
        places = places.map { start + $0 + fold.position.shift }
        for place in places { awaited.updateValue(nil, forKey: place) }
        defer { awaited = [:] }
        do {
            try catchUp(live: true)
        } catch {
            // Whoever hears only of a failure sends the line again, and it counts twice.
            throw HiveError(
                exitCode: error.exitCode,
                message: "the signal stands on the board at byte \(start), not judged yet:"
                    + " \(error.message)",
                hint: "do not send it again: it is judged once the cause is mended"
            )
        }
        return try places.map { (place) throws(HiveError) in
            guard let result = awaited[place] ?? nil else {
                throw .machine(
                    "the signal was appended at byte \(place) and could not be read back",
                    hint: "see hive log"
                )
            }
            return result
        }
    }

    /// Quarantines the line just previewed, which never reaches the board.
    func refuse(
        _ line: [UInt8],
        _ judgement: Judgement,
        _ reason: String,
        _ now: Timestamp
    ) throws(HiveError) -> EmitResult {
        try mendQuarantine()
        let row = line.withUnsafeBytes { fold.refusal($0, judgement, reason: reason, now: now) }
        try HiveError.wrap {
            try quarantine.append(lines: row.entry + [UInt8(ascii: "\n")])
            try quarantine.sync()
        }
        do {
            fold.position.refused += 1
            fold.position.quarantineBytes = quarantine.size
            var batch = Batch(position: fold.settledPosition)
            batch.quarantined = [row]
            try HiveError.wrap { _ = try ledger.commit(batch) }
        } catch {
            try reload()
            throw error
        }
        return EmitResult(row: .quarantined(row), wasAppended: false)
    }

    func requireBoard() throws(HiveError) {
        guard boardIsMissing else { return }
        throw .machine(
            "there is no board at \(settings.board): it was deleted or renamed",
            hint: "put it back, or run: hive doctor --repair"
        )
    }
}

extension Fold {
    /// The line as it goes out by the rules that hold now.
    ///
    /// Throws exit code 2 for a plain signal that is none.
    func bytes(of line: EmittedLine, now: Timestamp) throws(HiveError) -> [UInt8] {
        guard line.isPlainSignal, context.rules.requiresEnvelope else { return line.bytes }
        guard let signal = (try? JSONValue(parsing: line.bytes))?.objectValue else {
            throw .usage("the signal is no JSON object", hint: "give one object on one line")
        }
        let text = String(decoding: line.bytes, as: UTF8.self)
        // The same signal may be said twice: what was judged before tells the two apart.
        let made = "e-\(GenerationTrace.span(of: "\(state.sequence) \(text)"))"
        let envelope = SignalEnvelope(
            identifier: signal["id"]?.stringValue ?? made,
            source: "/hive/emit",
            type: "hive.signal",
            traceparent: signal["traceparent"]?.stringValue
        )
        var writer = JSONWriter()
        writer.value(.object(envelope.around(signal, now: now)))
        return writer.bytes
    }
}
