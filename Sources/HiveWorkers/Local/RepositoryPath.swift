/// A file's name as git and the kernel know it: bytes, from the repository's top level on.
struct RepositoryPath: Sendable, Hashable, Comparable {
    /// Neither NUL nor a leading slash; perhaps not UTF-8.
    let bytes: [UInt8]

    init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

    /// The name as messages show it: at most `Readable.nameBytesMax` bytes.
    var shown: String { Readable.name(bytes) }

    /// The name with what is no UTF-8 repaired: to look at, not to open.
    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// What follows the last slash.
    var lastComponent: String {
        let start = bytes.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
        return String(decoding: bytes[start...], as: UTF8.self)
    }

    /// The last component up to its last dot; one that starts with its only dot is whole.
    var stem: String {
        let name = lastComponent
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name }
        return String(name[..<dot])
    }

    /// What follows the last dot of the last component, lower case; empty where there is none.
    var fileExtension: String {
        let name = lastComponent
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
        return name[name.index(after: dot)...].lowercased()
    }

    /// A pathspec that leaves out exactly this file, whatever characters its name has.
    ///
    /// Words of a command are text. In a name that is not, each byte outside ASCII may be any
    /// other, which at worst leaves out a file that is called nearly the same.
    var excludingPathspec: String {
        if let text = String(validating: bytes, as: UTF8.self) {
            return ":(top,exclude,literal)\(text)"
        }
        var pattern = ":(top,exclude,glob)"
        for byte in bytes {
            let character = Character(Unicode.Scalar(byte))
            if byte >= 0x80 {
                pattern.append("?")
            } else {
                if "*?[\\".contains(character) { pattern.append("\\") }
                pattern.append(character)
            }
        }
        return pattern
    }

    /// By bytes, as git sorts.
    static func < (left: RepositoryPath, right: RepositoryPath) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}
