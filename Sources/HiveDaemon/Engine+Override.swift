import HiveBlackboard
import HiveKernel
import HiveLedger
import HiveSignal
package import HiveWitness

/// An override that was accepted, for the audit.
struct AcceptedOverride {
    var generation: Int64
    var offset: Int64
    var raw: [UInt8]
    var reason: String
    var warnings: [String]

    init(_ row: SignalRow) {
        generation = row.boardGeneration
        offset = row.offset
        raw = row.raw
        reason = row.message
        warnings = row.warnings.split(separator: ",").map(String.init)
    }
}

/// Where the key is that overrides of a board are verified with.
package typealias KeySource = (Settings) -> () throws(HiveError) -> OwnerKey?

extension Engine {
    /// The key that is pinned for a board, looked up anew each time it is asked for.
    ///
    /// An X is rare, and a person may pin a key while the daemon runs.
    package static func pinnedKey(
        _ settings: Settings
    ) -> () throws(HiveError) -> OwnerKey? {
        let board = ResolvedPath.of(settings.board)
        return { () throws(HiveError) in
            try HiveError.wrap { try KeyFolder.ofProcess().pin(forBoard: board) }
        }
    }

    /// Has the fold verify overrides and receipts, and know the overrides that were spent.
    func takeKeys() throws(HiveError) {
        fold.verifyOverrides(ownerKey)
        fold.verifyReceipts(witnesses)
        try fold.spendNonces(in: ledger)
    }

    func recordOverride(_ override: AcceptedOverride) throws(HiveError) {
        let isAudited =
            override.generation == fold.position.generation
            && fold.overrides.audited[override.offset] != nil
        guard !isRefolding, !isAudited, let signed = SignedOverride(line: override.raw) else {
            return
        }
        let key = fold.overrides.key()?.bytes ?? []
        try record(
            .overridden(
                AuditEvent.OverrideEvent(
                    generation: override.generation,
                    offset: override.offset,
                    action: signed.claim.override.action,
                    reason: override.reason,
                    key: String(decoding: Base64.encode(key), as: UTF8.self),
                    warnings: override.warnings
                )
            )
        )
    }

    // MARK: Methods

    /// HiveControl's `Method.overrideBasis`.
    func overrideBasis() throws(HiveError) -> JSONValue {
        try requireBoard()
        try look(live: true)
        var key: OwnerKey?
        var fault: String?
        do throws(HiveError) {
            key = try ownerKey()
            if key == nil {
                fault = "no key is pinned for \(settings.board); hive init pins yours"
            }
        } catch {
            fault = "\(error.message); \(error.hint)"
        }
        let head = fold.overrides.heads.present
        return [
            "boardId": .string(fold.position.boardID),
            "gen": .integer(fold.position.generation),
            "traceId": .string(GenerationTrace.of(fold.position.generation).hex),
            "sequence": .integer(head.sequence),
            "chain": .string(Hex.encode(head.chain)),
            "key": .optional(key?.fingerprint),
            "fault": .optional(fault),
        ]
    }

    /// HiveControl's `Method.override`.
    func override(_ params: JSONValue) throws(HiveError) -> JSONValue {
        let line = Array((params["line"]?.stringValue ?? "").utf8)
        guard let signed = SignedOverride(line: line) else {
            throw .usage(
                "the line is no signed override",
                hint: "hive override composes and signs it"
            )
        }
        var answer: JSONObject
        var released: JSONValue = .null
        switch signed.claim.override {
        case .release(let sha256): (answer, released) = try release(line, sha256: sha256)
        case .generation:
            try requireEnding(line)
            answer = try emit(line).json.objectValue ?? [:]
        case .phase, .port, .tampering: answer = try emit(line).json.objectValue ?? [:]
        }
        answer["released"] = released
        answer["flip"] = try takeForcedFlip()?.json(flipped: true, dryRun: false, archives) ?? .null
        try look(live: true)
        return .object(answer)
    }

    /// Refuses what would end the generation and cannot, before it stands on the board.
    private func requireEnding(_ line: [UInt8]) throws(HiveError) {
        try requireBoard()
        try look(live: true)
        let preview = line.withUnsafeBytes { fold.preview($0) }
        guard preview?.judgement.isAccepted == true else { return }
        try requireWholeBoard()
        try prepareArchive()
    }

    /// Appends an override and the line that it lets pass, where both would.
    private func release(
        _ line: [UInt8],
        sha256: [UInt8]
    ) throws(HiveError) -> (JSONObject, JSONValue) {
        try requireBoard()
        try look(live: true)
        let entry = try quarantined(sha256)
        guard let raw = StoredEntry(json: entry.entry)?.raw else {
            throw .refused(
                "\(entry.identifier) was too large to be copied",
                hint: "append it yourself: hive quarantine release \(entry.identifier) --line …"
            )
        }
        // Tried on a copy: nothing is appended that would not pass.
        var trial = fold
        let now = clock()
        trial.context.now = now
        let place = FramedLine(
            offset: trial.position.offset,
            length: Int64(line.count),
            number: trial.position.lines + 1,
            start: nil
        )
        let first = line.withUnsafeBytes { trial.judge(place, bytes: $0, known: nil, now: now) }
        guard case .accepted = first else {
            return (try emit(line).json.objectValue ?? [:], .null)
        }
        let second = raw.withUnsafeBytes { trial.preview($0) }
        guard let second, second.judgement.isAccepted else {
            throw .refused(
                "\(entry.identifier) would not pass all the same: "
                    + (second?.reason ?? "it is blank"),
                hint: "mend it: hive quarantine release \(entry.identifier) --line …"
            )
        }
        let results = try append(judging: [line, raw]).map {
            EmitResult(row: $0.row, wasAppended: true)
        }
        if case .accepted(let signal) = results[1].row {
            let name = signal.identifier ?? "line \(signal.line)"
            let event = AuditEvent.released(entry: entry.identifier, as: name)
            try record(event)
            try apply(event)
            try savePosition()
        }
        return (results[0].json.objectValue ?? [:], results[1].json)
    }

    /// The newest entry of a line with these bytes.
    private func quarantined(_ sha256: [UInt8]) throws(HiveError) -> QuarantineRow {
        let ledger = self.ledger
        let found = try HiveError.wrap { try ledger.quarantine(sha256: Hex.encode(sha256)) }
        guard let found else {
            throw .usage(
                "no line in quarantine has the SHA-256 \(Hex.encode(sha256))",
                hint: "hive quarantine list shows what is there"
            )
        }
        return found
    }
}
