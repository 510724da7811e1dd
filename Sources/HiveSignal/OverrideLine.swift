// An override is an X signal with an object `override`, and `signature` as its last key:
//
//   {"ts":…,"mark":1,"pull":"lateral","msg":REASON,"type":"event","hive":"X","gen":87,"port":7,
//    "override":{"action":"phase","phase":"V","board":…,"nonce":…,"sequence":12,"chain":…,
//    "key":…},"signature":"…"}
//
// It is signed as every `SignedLine` is.

/// The line of an override that is to be signed.
package struct OverrideLine: Sendable, Hashable {
    package var claim: OverrideClaim
    /// When, in RFC 3339.
    package var timestamp: String
    /// Why: the signal's message.
    package var reason: String
    /// The trace that a phase is forced in; nil for the generation's own.
    package var trace: TraceID?
    package var agent: String?

    package init(
        claim: OverrideClaim,
        timestamp: String,
        reason: String,
        trace: TraceID? = nil,
        agent: String? = nil
    ) {
        self.claim = claim
        self.timestamp = timestamp
        self.reason = reason
        self.trace = trace
        self.agent = agent
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
        member("mark", .integer(1))
        member("pull", "lateral")
        member("msg", .string(reason))
        member("type", "event")
        member("hive", "X")
        member("gen", .integer(claim.generation))
        member("port", .integer(7))
        if let agent { member("agent", .string(agent)) }
        if let trace { member("traceparent", .string(Self.traceparent(trace, claim.nonce))) }
        writer.key("override")
        writer.beginObject()
        member("action", .string(claim.override.action))
        for (key, value) in claim.override.members { member(key, value) }
        member("board", .string(claim.boardID))
        member("nonce", .string(claim.nonce))
        member("sequence", .integer(claim.head.sequence))
        member("chain", .string(Hex.encode(claim.head.chain)))
        member("key", .string(claim.key))
        writer.endObject()
        return writer.bytes
    }

    /// What the signature is made over.
    package var message: [UInt8] { SignedLine.message(of: unsigned, for: Self.purpose) }

    /// The whole line, without LF; the signature is Ed25519's 64 bytes over `message`.
    package func line(signature: [UInt8]) -> [UInt8] {
        SignedLine(unsigned: unsigned, signature: signature).line
    }

    static let purpose = "override 1"

    /// The nonce's half names the span: nobody else's has it.
    private static func traceparent(_ trace: TraceID, _ nonce: String) -> String {
        "00-\(trace.hex)-\(nonce.prefix(16))-01"
    }
}

extension Override {
    /// What the action needs to be told, as it stands on the wire.
    fileprivate var members: [(String, JSONValue)] {
        switch self {
        case .phase(let phase): [("phase", .string(phase.letter))]
        case .release(let sha256): [("sha256", .string(Hex.encode(sha256)))]
        case .generation(let generation): [("to", .integer(generation))]
        case .port(let port, let isMuted):
            [("port", .integer(Int64(port.rawValue))), ("muted", .bool(isMuted))]
        case .tampering: []
        }
    }

    /// Nil where the object does not say what an override needs to.
    fileprivate init?(_ object: JSONValue) {
        switch object["action"]?.stringValue {
        case "phase":
            guard let letter = object["phase"]?.stringValue,
                let phase = Phase.cycle.first(where: { $0.letter == letter })
            else { return nil }
            self = .phase(phase)
        case "release":
            guard let sha256 = object["sha256"]?.stringValue.flatMap({ Hex.decode($0) }),
                sha256.count == 32
            else { return nil }
            self = .release(sha256: sha256)
        case "gen":
            guard let generation = object["to"]?.integerValue else { return nil }
            self = .generation(generation)
        case "port":
            guard let number = object["port"]?.integerValue.flatMap({ UInt8(exactly: $0) }),
                let port = Port(rawValue: number), let isMuted = object["muted"]?.boolValue
            else { return nil }
            self = .port(port, isMuted: isMuted)
        case "tampered": self = .tampering
        default: return nil
        }
    }
}

/// An override as it was read: what it claims, and its signature, which is yet to be verified.
package struct SignedOverride: Sendable, Hashable {
    package var claim: OverrideClaim
    /// What the signature must be over.
    package var message: [UInt8]
    package var signature: [UInt8]

    /// Reads a line that is known to be one JSON object; nil where it is no override.
    package init?(line: [UInt8]) {
        guard let signed = SignedLine(line: line),
            let value = try? JSONValue(parsing: line), let object = value["override"],
            let override = Override(object), let generation = value["gen"]?.integerValue,
            let board = object["board"]?.stringValue, let nonce = object["nonce"]?.stringValue,
            nonce.utf8.count == 32, Hex.decode(nonce) != nil,
            let sequence = object["sequence"]?.integerValue,
            let chain = object["chain"]?.stringValue.flatMap({ Hex.decode($0) }),
            let key = object["key"]?.stringValue
        else { return nil }
        claim = OverrideClaim(
            override: override,
            boardID: board,
            generation: generation,
            nonce: nonce,
            head: ChainHead(sequence: sequence, chain: chain),
            key: key
        )
        signature = signed.signature
        message = signed.message(for: OverrideLine.purpose)
    }
}
