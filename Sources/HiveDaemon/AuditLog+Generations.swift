import HiveSignal

// The events of a generation's end, of overrides and of receipts, as members of a line and back.

extension JSONObject {
    mutating func put(_ flip: AuditEvent.Flip, _ event: String) {
        self["event"] = .string(event)
        self["gen"] = .integer(flip.generation)
        self["next"] = .integer(flip.next)
        self["summary"] = .string(flip.summary)
        self["forced"] = .bool(flip.isForced)
        self["inode"] = .string("\(flip.inode)")
        self["offset"] = .integer(flip.offset)
        self["sequence"] = .integer(flip.sequence)
        self["chain"] = .string(flip.chain)
        self["openCycles"] = .integer(flip.openCycles)
    }

    mutating func put(_ late: AuditEvent.LateLines) {
        self["event"] = "late"
        self["gen"] = .integer(late.generation)
        self["offset"] = .integer(late.offset)
        self["end"] = .integer(late.end)
        self["after"] = .integer(late.after)
        self["count"] = .integer(late.count)
        self["copied"] = .integer(late.copied)
        self["boardGen"] = .integer(late.boardGeneration)
        self["boardOffset"] = .integer(late.boardOffset)
    }

    mutating func put(_ override: AuditEvent.OverrideEvent) {
        self["event"] = "overridden"
        self["gen"] = .integer(override.generation)
        self["offset"] = .integer(override.offset)
        self["action"] = .string(override.action)
        self["reason"] = .string(override.reason)
        self["key"] = .string(override.key)
        self["warnings"] = .array(override.warnings.map { .string($0) })
    }

    mutating func put(_ receipt: AuditEvent.WitnessedEvent) {
        self["event"] = "witnessed"
        self["gen"] = .integer(receipt.generation)
        self["offset"] = .integer(receipt.offset)
        self["receipt"] = .string(receipt.receipt.text)
        self["kind"] = .string(receipt.kind.rawValue)
        self["key"] = .string(receipt.key)
    }
}

extension AuditEvent.Flip {
    init(_ value: JSONValue) {
        self.init(
            generation: value["gen"]?.integerValue ?? 0,
            next: value["next"]?.integerValue ?? 0,
            summary: value["summary"]?.stringValue ?? "",
            isForced: value["forced"]?.boolValue ?? false,
            inode: value["inode"]?.stringValue.flatMap { UInt64($0) } ?? 0,
            offset: value["offset"]?.integerValue ?? 0,
            sequence: value["sequence"]?.integerValue ?? 0,
            chain: value["chain"]?.stringValue ?? "",
            openCycles: value["openCycles"]?.integerValue ?? 0
        )
        let text = value["ts"]?.stringValue ?? ""
        endedMilliseconds = Timestamp(rfc3339: text)?.milliseconds ?? 0
    }
}

extension AuditEvent.LateLines {
    init(_ value: JSONValue) {
        self.init(
            generation: value["gen"]?.integerValue ?? 0,
            offset: value["offset"]?.integerValue ?? 0,
            end: value["end"]?.integerValue ?? 0,
            after: value["after"]?.integerValue ?? 0,
            count: value["count"]?.integerValue ?? 0,
            copied: value["copied"]?.integerValue ?? 0,
            boardGeneration: value["boardGen"]?.integerValue ?? 0,
            boardOffset: value["boardOffset"]?.integerValue ?? 0
        )
    }
}

extension AuditEvent.OverrideEvent {
    init(_ value: JSONValue) {
        self.init(
            generation: value["gen"]?.integerValue ?? 0,
            offset: value["offset"]?.integerValue ?? 0,
            action: value["action"]?.stringValue ?? "",
            reason: value["reason"]?.stringValue ?? "",
            key: value["key"]?.stringValue ?? "",
            warnings: value["warnings"]?.arrayValue?.compactMap(\.stringValue) ?? []
        )
    }
}

extension AuditEvent.WitnessedEvent {
    /// Nil where it names no receipt.
    init?(_ value: JSONValue) {
        guard let receipt = value["receipt"]?.stringValue.flatMap({ ReceiptName($0) }),
            let kind = value["kind"]?.stringValue.flatMap(ReceiptKind.init(rawValue:))
        else { return nil }
        self.init(
            generation: value["gen"]?.integerValue ?? 0,
            offset: value["offset"]?.integerValue ?? 0,
            receipt: receipt,
            kind: kind,
            key: value["key"]?.stringValue ?? ""
        )
    }
}
