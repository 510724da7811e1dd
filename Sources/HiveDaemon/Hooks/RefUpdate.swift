import HiveSignal

/// A ref that is about to move, as git tells a hook.
struct RefUpdate: Sendable, Hashable {
    /// Where it was, and where it goes; nil: nowhere.
    var old: String?
    var new: String?
    var name: String

    static let branches = "refs/heads/"

    /// A line of `pre-receive` and `reference-transaction`: `OLD NEW NAME`.
    static func list(_ input: [UInt8]) -> [RefUpdate] {
        lines(input).map { RefUpdate(old: id($0[0]), new: id($0[1]), name: $0[2]) }
    }

    /// A line of `pre-push`: `NAME NEW THEIR-NAME OLD`.
    static func pushed(_ input: [UInt8]) -> [RefUpdate] {
        // Its own name of what it pushes may be an expression with blanks.
        lines(input).filter { $0.count >= 4 }.map { $0.suffix(3) }
            .map { words in
                let first = words.startIndex
                return RefUpdate(
                    old: id(words[first + 2]),
                    new: id(words[first]),
                    name: words[first + 1]
                )
            }
    }

    private static func lines(_ input: [UInt8]) -> [[String]] {
        input.split(separator: UInt8(ascii: "\n")).map { line in
            line.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
        }.filter { $0.count >= 3 }
    }

    /// Zeros, and what only names another ref, are no object.
    private static func id(_ word: String) -> String? {
        word.hasPrefix("ref:") || word.utf8.allSatisfy { $0 == UInt8(ascii: "0") } ? nil : word
    }
}
