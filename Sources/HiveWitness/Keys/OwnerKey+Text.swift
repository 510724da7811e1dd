import HiveSignal

// How a public key is written down, in `specs/owner.pub` and in a pin: one line,
//
//   hive-ed25519 BASE64 FINGERPRINT
//
// The fingerprint is for people; one that is not the key's own tells of a slip of the hand.

extension OwnerKey {
    /// The first word of the line.
    private static let kind = "hive-ed25519"

    /// A file longer than this holds no key.
    package static let textBytesMax = 8_192

    /// One line, with its LF.
    package var text: String {
        "\(Self.kind) \(String(decoding: Base64.encode(bytes), as: UTF8.self)) \(fingerprint)\n"
    }

    /// Reads the line; blank lines, and lines that begin with `#`, may stand around it.
    ///
    /// Nil for anything else: no key, two keys, a fingerprint of another.
    package init?(text: String) {
        let lines = text.split(whereSeparator: \.isNewline)
            .map { $0.split(separator: " ") }
            .filter { $0.first.map { !$0.hasPrefix("#") } ?? false }
        guard lines.count == 1, let words = lines.first, words.count == 3,
            words[0] == Self.kind, let bytes = Base64.decode(Array(words[1].utf8))
        else { return nil }
        self.init(bytes: bytes)
        guard fingerprint == words[2] else { return nil }
    }
}
