// What hive signs is a JSON object on one line whose last member is its signature:
//
//   {"hive":"receipt", …,"signature":"…"}
//
// What is signed is the line itself, byte for byte, up to the comma before `"signature"`, behind a
// word that says what it is for and that no other signature of hive's begins with. So nothing that
// is read from the line is outside the signature, and no second form of the same object has to be
// agreed on.

/// A JSON object on one line that is signed by its last member.
package struct SignedLine: Sendable, Hashable {
    /// The line up to the comma before its signature.
    package var unsigned: [UInt8]
    /// Ed25519's 64 bytes.
    package var signature: [UInt8]

    /// `unsigned` is an object without the brace that closes it.
    package init(unsigned: [UInt8], signature: [UInt8]) {
        self.unsigned = unsigned
        self.signature = signature
    }

    /// Takes a line apart; nil where it does not end in a signature.
    ///
    /// That what stands before is JSON is not looked at.
    package init?(line: some Collection<UInt8>) {
        var line = Array(line)[...]
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        let tailCount = Self.key.utf8.count + Self.signatureDigits + 2
        guard line.count > tailCount else { return nil }
        let tail = line.suffix(tailCount)
        guard tail.starts(with: Self.key.utf8),
            tail.suffix(2).elementsEqual(Self.ending.utf8),
            let signature = Base64.decode(Array(tail.dropLast(2).suffix(Self.signatureDigits))),
            signature.count == Self.signatureBytes
        else { return nil }
        self.signature = signature
        unsigned = Array(line.dropLast(tailCount))
    }

    /// The whole line, without LF.
    package var line: [UInt8] {
        unsigned + Array(Self.key.utf8) + Base64.encode(signature) + Array(Self.ending.utf8)
    }

    /// What the signature is made over.
    package func message(for purpose: String) -> [UInt8] {
        Self.message(of: unsigned, for: purpose)
    }

    /// What a signature over this object is to be made over.
    package static func message(of unsigned: [UInt8], for purpose: String) -> [UInt8] {
        Array("hive \(purpose)\n".utf8) + unsigned
    }

    private static let key = #","signature":""#
    private static let ending = #""}"#
    private static let signatureBytes = 64
    /// In base 64.
    private static let signatureDigits = 88
}
