/// A file of a git tree: what git records, which is all that the witness goes by.
package struct TreeFile: Sendable, Hashable {
    package enum Mode: String, Sendable, Hashable {
        case file = "100644"
        case executable = "100755"
        case symbolicLink = "120000"
        /// The commit of a submodule, whose files are not part of the tree.
        case submodule = "160000"
    }

    /// From the top, with `/` between; bytes, as nothing says that they are UTF-8.
    package var path: [UInt8]
    package var mode: Mode
    /// The object's id in hexadecimal digits.
    package var blob: String

    package init(path: [UInt8], mode: Mode, blob: String) {
        self.path = path
        self.mode = mode
        self.blob = blob
    }

    /// The path for people and globs; U+FFFD stands for what is no UTF-8.
    package var name: String { String(decoding: path, as: UTF8.self) }
}

/// A git tree with all its files.
package struct GitTree: Sendable, Hashable {
    /// The tree's id in hexadecimal digits.
    package var id: String
    /// In the order of their paths, byte by byte.
    package var files: [TreeFile]

    package init(id: String, files: [TreeFile]) {
        self.id = id
        self.files = files
    }
}
