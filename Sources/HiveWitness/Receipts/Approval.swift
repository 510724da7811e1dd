import HiveSignal

/// A person's word that these rules hold and that these machines may witness.
///
/// It is `specs/approval.json`, one signed line. The rules are named by the SHA-256 of the rule
/// book's bytes, so that a test command that somebody else wrote into them proves nothing.
package struct Approval: Sendable, Hashable {
    /// SHA-256 of the rule book, hexadecimal digits.
    package var rules: String
    /// The test command in it, for people.
    package var command: [String]
    /// The keys whose receipts count.
    package var witnesses: [OwnerKey]
    package var reason: String
    /// When, in RFC 3339.
    package var timestamp: String

    package init(
        rules: String,
        command: [String],
        witnesses: [OwnerKey],
        reason: String,
        timestamp: String
    ) {
        self.rules = rules
        self.command = command
        self.witnesses = witnesses
        self.reason = reason
        self.timestamp = timestamp
    }

    /// Where it is, from the top of the repository.
    package static let path = "specs/approval.json"
    package static let bytesMax = 1 << 16
    /// More machines than any project has.
    package static let witnessesMax = 256
    private static let purpose = "approval 1"

    /// The file's bytes, signed by the person's key.
    ///
    /// - Throws: `WitnessError` where the key does not sign.
    package func signed(by key: SecretKey) throws(WitnessError) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        func member(_ key: String, _ value: JSONValue) {
            writer.key(key)
            writer.value(value)
        }
        member("hive", "approval")
        member("version", 1)
        member("rules", .string(rules))
        member("test", .array(command.map { .string($0) }))
        member("witnesses", .array(witnesses.map { .string($0.base64) }))
        member("reason", .string(reason))
        member("ts", .string(timestamp))
        member("owner", .string(key.owner.base64))
        let message = SignedLine.message(of: writer.bytes, for: Self.purpose)
        let signature = try key.signature(of: message)
        return SignedLine(unsigned: writer.bytes, signature: signature).line
            + [UInt8(ascii: "\n")]
    }

    /// Reads the file; nil where it is none, or the owner has not signed it, byte for byte.
    package init?(file: [UInt8], owner: OwnerKey) {
        var line = file[...]
        if line.last == UInt8(ascii: "\n") { line.removeLast() }
        guard line.count <= Self.bytesMax, let signed = SignedLine(line: line),
            owner.verifies(signed.signature, of: signed.message(for: Self.purpose)),
            let value = try? JSONValue(parsing: Array(line)), value["hive"] == "approval",
            value["owner"]?.stringValue == owner.base64, let rules = value["rules"]?.stringValue,
            let command = value.strings("test"), let keys = value.strings("witnesses"),
            keys.count <= Self.witnessesMax, let reason = value["reason"]?.stringValue,
            let timestamp = value["ts"]?.stringValue
        else { return nil }
        let witnesses = keys.compactMap { OwnerKey(base64: $0) }
        guard witnesses.count == keys.count else { return nil }
        self.init(
            rules: rules,
            command: command,
            witnesses: witnesses,
            reason: reason,
            timestamp: timestamp
        )
    }
}

extension OwnerKey {
    package var base64: String { String(decoding: Base64.encode(bytes), as: UTF8.self) }

    /// Nil for anything but the 44 digits of a key.
    package init?(base64 text: String) {
        guard let bytes = Base64.decode(Array(text.utf8)) else { return nil }
        self.init(bytes: bytes)
    }
}
