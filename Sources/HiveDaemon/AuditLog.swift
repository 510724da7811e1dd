import HiveBlackboard
import HiveKernel
package import HiveSignal

/// What a line of `pyre_audit.jsonl` says: decisions, which no fold of the board could find again.
package enum AuditEvent: Sendable, Hashable {
    /// The board's first line: it has this id from now on.
    case adopted(boardID: String, generation: Int64)
    /// From this offset on the lines are judged by these rules.
    case rules(generation: Int64, offset: Int64, source: String, text: String, mode: String?)
    case released(entry: String, as: String?)
    case restored(entry: String)
    case discarded(entries: [String])
    case tampered(generation: Int64, message: String, lost: LostRange)
    case repaired(generation: Int64)
    /// A person ends the generation; what stands behind it in the audit says that it has ended.
    case flipping(Flip)
    /// The generation ended behind the bytes and lines that are named.
    case flipped(Flip)
    /// It did not: the board could not be archived.
    case notFlipped(generation: Int64)
    case late(LateLines)
    case overridden(OverrideEvent)
    case witnessed(WitnessedEvent)
    case checkpoint(generation: Int64, sequence: Int64, offset: Int64, chain: String)

    /// Judged bytes that are no longer in the file.
    package struct LostRange: Sendable, Hashable {
        package var offset: Int64
        package var length: Int64
    }

    /// The end of a generation.
    package struct Flip: Sendable, Hashable {
        package var generation: Int64
        package var next: Int64
        package var summary: String
        package var isForced: Bool
        /// The board's inode: the archive's, once the names are exchanged.
        package var inode: UInt64
        /// Bytes judged of the generation's file.
        package var offset: Int64
        /// The last sequence.
        package var sequence: Int64
        /// The chain's head, in hex.
        package var chain: String
        /// How many cycles had reached I and not E.
        package var openCycles: Int64
        /// When the audit was told, in Unix milliseconds; it writes the time of each event itself.
        package var endedMilliseconds: Int64 = 0
    }

    /// Lines of an ended generation that were judged after its end, in one batch.
    package struct LateLines: Sendable, Hashable {
        package var generation: Int64
        /// Which bytes of its archive.
        package var offset: Int64
        package var end: Int64
        /// The last sequence before theirs.
        package var after: Int64
        /// How many sequences they took.
        package var count: Int64
        /// How many were copied to the board, and are blank here.
        package var copied: Int64
        /// The board's generation then, and how far it was judged.
        package var boardGeneration: Int64
        package var boardOffset: Int64
    }

    /// An override that was taken.
    package struct OverrideEvent: Sendable, Hashable {
        package var generation: Int64
        /// Where its line stands.
        package var offset: Int64
        package var action: String
        package var reason: String
        /// The key that it was verified with, in base 64.
        package var key: String
        /// What the rules would have said: `LAZY_AI`, or nothing.
        package var warnings: [String]
    }

    /// A receipt on the board that was verified, and counts in its cycle.
    package struct WitnessedEvent: Sendable, Hashable {
        package var generation: Int64
        /// Where its line stands.
        package var offset: Int64
        package var receipt: ReceiptName
        package var kind: ReceiptKind
        /// The fingerprint of the key that signed it.
        package var key: String
    }

    /// The event as one line of JSON, with its LF.
    package func line(at now: Timestamp) -> [UInt8] {
        var object: JSONObject = ["ts": .string(now.rfc3339)]
        switch self {
        case .adopted(let boardID, let generation):
            object["event"] = "adopted"
            object["boardId"] = .string(boardID)
            object["gen"] = .integer(generation)
        case .rules(let generation, let offset, let source, let text, let mode):
            object["event"] = "rules"
            object["gen"] = .integer(generation)
            object["offset"] = .integer(offset)
            object["source"] = .string(source)
            object["mode"] = mode.map { .string($0) } ?? .null
            object["text"] = .string(text)
        case .released(let entry, let identifier):
            object["event"] = "released"
            object["entry"] = .string(entry)
            object["as"] = identifier.map { .string($0) } ?? .null
        case .restored(let entry):
            object["event"] = "restored"
            object["entry"] = .string(entry)
        case .discarded(let entries):
            object["event"] = "discarded"
            object["entries"] = .array(entries.map { .string($0) })
        case .tampered(let generation, let message, let lost):
            object["event"] = "tampered"
            object["gen"] = .integer(generation)
            object["message"] = .string(message)
            object["lostOffset"] = .integer(lost.offset)
            object["lostLength"] = .integer(lost.length)
        case .repaired(let generation):
            object["event"] = "repaired"
            object["gen"] = .integer(generation)
        case .flipping(let flip): object.put(flip, "flipping")
        case .flipped(let flip): object.put(flip, "flipped")
        case .notFlipped(let generation):
            object["event"] = "notFlipped"
            object["gen"] = .integer(generation)
        case .late(let late): object.put(late)
        case .overridden(let override): object.put(override)
        case .witnessed(let receipt): object.put(receipt)
        case .checkpoint(let generation, let sequence, let offset, let chain):
            object["event"] = "checkpoint"
            object["gen"] = .integer(generation)
            object["sequence"] = .integer(sequence)
            object["offset"] = .integer(offset)
            object["chain"] = .string(chain)
        }
        var writer = JSONWriter()
        writer.value(.object(object))
        writer.newline()
        return writer.bytes
    }

    /// Reads one line; nil for an event of another version of hive, or no event at all.
    package init?(parsing line: UnsafeRawBufferPointer) {
        guard let value = try? JSONValue(parsing: line), let event = value["event"]?.stringValue
        else { return nil }
        let generation = value["gen"]?.integerValue ?? 0
        func text(_ key: String) -> String { value[key]?.stringValue ?? "" }
        func number(_ key: String) -> Int64 { value[key]?.integerValue ?? 0 }
        switch event {
        case "adopted": self = .adopted(boardID: text("boardId"), generation: generation)
        case "rules":
            self = .rules(
                generation: generation,
                offset: number("offset"),
                source: text("source"),
                text: text("text"),
                mode: value["mode"]?.stringValue
            )
        case "released": self = .released(entry: text("entry"), as: value["as"]?.stringValue)
        case "restored": self = .restored(entry: text("entry"))
        case "discarded":
            let entries = value["entries"]?.arrayValue ?? []
            self = .discarded(entries: entries.compactMap(\.stringValue))
        case "tampered":
            let lost = LostRange(offset: number("lostOffset"), length: number("lostLength"))
            self = .tampered(generation: generation, message: text("message"), lost: lost)
        case "repaired": self = .repaired(generation: generation)
        case "flipping": self = .flipping(Flip(value))
        case "flipped": self = .flipped(Flip(value))
        case "notFlipped": self = .notFlipped(generation: generation)
        case "late": self = .late(LateLines(value))
        case "overridden": self = .overridden(OverrideEvent(value))
        case "witnessed":
            guard let receipt = WitnessedEvent(value) else { return nil }
            self = .witnessed(receipt)
        case "checkpoint":
            self = .checkpoint(
                generation: generation,
                sequence: number("sequence"),
                offset: number("offset"),
                chain: text("chain")
            )
        default: return nil
        }
    }
}
