// `hive witness` tells the board of a receipt by a metric of port 4 that carries its own proof:
//
//   {"ts":…,"mark":1,"pull":"lateral","msg":SUMMARY,"type":"metric","hive":"I","gen":87,"port":4,
//    "agent":"hive-witness","evidence":"r-…","traceparent":…,"board":…,"cycle":3,"key":…,
//    "receipt":{"id":"r-…","kind":"red","proven":true,"tree":…},"signature":"…"}
//
// It is signed as every `SignedLine` is, by the key of the machine that witnessed. Board,
// generation, trace and cycle are under the signature, so that the line counts in that place alone.

/// What a machine that witnessed says of a receipt: where it counts, and by whose word.
package struct WitnessClaim: Sendable, Hashable {
    package var receipt: ReceiptName
    package var kind: ReceiptKind
    package var isProven: Bool
    /// The tree that was witnessed, hexadecimal digits.
    package var tree: String
    package var boardID: String
    package var generation: Int64
    /// The trace's cycle as it stood then; 0 where none had begun.
    package var cycle: Int64
    /// The fingerprint of the key that signs: 16 lower-case hex digits.
    package var key: String

    package init(
        receipt: ReceiptName,
        kind: ReceiptKind,
        isProven: Bool,
        tree: String,
        boardID: String,
        generation: Int64,
        cycle: Int64,
        key: String
    ) {
        self.receipt = receipt
        self.kind = kind
        self.isProven = isProven
        self.tree = tree
        self.boardID = boardID
        self.generation = generation
        self.cycle = cycle
        self.key = key
    }
}

/// The line of a receipt that is to be signed.
package struct WitnessLine: Sendable, Hashable {
    package var claim: WitnessClaim
    /// When, in RFC 3339.
    package var timestamp: String
    /// What the receipt says, for people; its beginning where it is long.
    package var message: String
    /// Names the trace; nil for the generation's own.
    package var traceparent: String?

    package init(
        claim: WitnessClaim,
        timestamp: String,
        message: String,
        traceparent: String? = nil
    ) {
        self.claim = claim
        self.timestamp = timestamp
        self.message = message
        self.traceparent = traceparent
    }

    /// The line up to where its signature comes.
    package var unsigned: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        func member(_ key: String, _ value: JSONValue) {
            writer.key(key)
            writer.value(value)
        }
        member("ts", .string(timestamp))
        member("mark", .integer(claim.isProven ? 1 : 0))
        member("pull", "lateral")
        member("msg", .string(message.cut(toBytes: Self.messageBytesMax)))
        member("type", "metric")
        member("hive", .string(claim.kind.phase.letter))
        member("gen", .integer(claim.generation))
        member("port", .integer(4))
        member("agent", "hive-witness")
        member("evidence", .string(claim.receipt.text))
        if let traceparent { member("traceparent", .string(traceparent)) }
        member("board", .string(claim.boardID))
        member("cycle", .integer(claim.cycle))
        member("key", .string(claim.key))
        writer.key("receipt")
        writer.beginObject()
        member("id", .string(claim.receipt.text))
        member("kind", .string(claim.kind.rawValue))
        member("proven", .bool(claim.isProven))
        member("tree", .string(claim.tree))
        writer.endObject()
        return writer.bytes
    }

    /// What the signature is made over.
    package var messageToSign: [UInt8] { SignedLine.message(of: unsigned, for: Self.purpose) }

    /// The whole line, without LF; the signature is Ed25519's 64 bytes over `messageToSign`.
    package func line(signature: [UInt8]) -> [UInt8] {
        SignedLine(unsigned: unsigned, signature: signature).line
    }

    static let purpose = "witness 1"
    private static let messageBytesMax = 1_024
}

/// A line of a receipt as it was read: what it claims, and its signature, which is yet to be
/// verified.
package struct SignedWitness: Sendable, Hashable {
    package var claim: WitnessClaim
    /// What the signature must be over.
    package var message: [UInt8]
    package var signature: [UInt8]

    /// Reads a line that is known to be one JSON object; nil where it is no signed line of a
    /// receipt.
    package init?(line: [UInt8]) {
        guard let value = try? JSONValue(parsing: line) else { return nil }
        self.init(line: line, value)
    }

    private init?(line: [UInt8], _ value: JSONValue) {
        guard let signed = SignedLine(line: line), let object = value["receipt"],
            let id = object["id"]?.stringValue, let receipt = ReceiptName(id),
            value["evidence"]?.stringValue == id, value["type"]?.stringValue == "metric",
            let kind = object["kind"]?.stringValue.flatMap(ReceiptKind.init(rawValue:)),
            value["hive"]?.stringValue == kind.phase.letter,
            let isProven = object["proven"]?.boolValue, let tree = object["tree"]?.stringValue,
            let board = value["board"]?.stringValue, let cycle = value["cycle"]?.integerValue,
            let generation = value["gen"]?.integerValue, let key = value["key"]?.stringValue
        else { return nil }
        claim = WitnessClaim(
            receipt: receipt,
            kind: kind,
            isProven: isProven,
            tree: tree,
            boardID: board,
            generation: generation,
            cycle: cycle,
            key: key
        )
        signature = signed.signature
        message = signed.message(for: WitnessLine.purpose)
    }

    /// What a metric is found to be.
    package enum Reading: Sendable, Hashable {
        /// It has no `receipt`: any metric may name evidence.
        case plain
        /// It has one, and is not signed as `WitnessLine` says.
        case unreadable
        case signed(SignedWitness)
    }

    /// Reads a line that is known to be one JSON object, and a metric.
    package static func read(_ line: [UInt8]) -> Reading {
        guard let value = try? JSONValue(parsing: line), let receipt = value["receipt"],
            !receipt.isNull
        else { return .plain }
        return SignedWitness(line: line, value).map(Reading.signed) ?? .unreadable
    }
}
