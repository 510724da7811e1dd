import Glibc

extension RuleBook {
    /// A rule book larger than this is refused unread.
    package static let bytesMax = 1 << 20

    /// The rule book in this file, or the built-in one for nil.
    ///
    /// - Throws: exit code 2 for a file that is no rule book, 3 for one that cannot be read.
    package static func load(path: String?) throws(HiveError) -> RuleBook {
        guard let path else { return builtIn }
        switch BoundedFile.read(path, bytesMax: bytesMax) {
        case .bytes(let bytes):
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw .usage(
                    "\(path): the rule book is not UTF-8",
                    hint: "save it as UTF-8; PowerShell's `>` writes UTF-16"
                )
            }
            return RuleBook(rules: try parse(text: text, file: path), text: text, source: path)
        case .tooLarge:
            throw .usage(
                "\(path): the rule book is larger than \(bytesMax) bytes",
                hint: "is this the right file? name another with --rules or HIVE_RULES"
            )
        case .failed(let code) where BoundedFile.isMissing(code) || code == EISDIR:
            throw .machine(
                "cannot read the rule book \(path): \(BoundedFile.reason(code))",
                hint: "name a file with --rules or HIVE_RULES; without either, built-in rules hold"
            )
        case .failed(let code):
            throw .machine(
                "cannot read the rule book \(path): \(BoundedFile.reason(code))",
                hint: "make the file readable for this user, or name another with --rules"
            )
        }
    }
}

extension Settings {
    /// Where the rule book is now: the usual file counts from the moment it is there.
    var presentRulesPath: String? {
        if let rulesPath { return rulesPath }
        let usual = "\(workingFolder)/specs/rules.yaml"
        return FileProbe.exists(usual) ? usual : nil
    }
}

/// Reads small files whole: the rule book and `.env`.
enum BoundedFile {
    enum Outcome {
        case bytes([UInt8])
        case tooLarge
        /// An errno.
        case failed(Int32)
    }

    private static let chunkBytes = 64 << 10

    /// Stops at `bytesMax`, so that a device or a wrong path costs no more than that.
    static func read(_ path: String, bytesMax: Int) -> Outcome {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return .failed(errno) }
        defer { close(descriptor) }
        return read(descriptor, bytesMax: bytesMax)
    }

    /// The same of what is open already.
    static func read(_ descriptor: Int32, bytesMax: Int) -> Outcome {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: chunkBytes)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { return .failed(errno) }
            guard count > 0 else { return .bytes(bytes) }
            guard bytes.count + count <= bytesMax else { return .tooLarge }
            bytes += chunk[..<count]
        }
    }

    /// True for the errno of a path that leads nowhere.
    static func isMissing(_ code: Int32) -> Bool { code == ENOENT || code == ENOTDIR }

    /// The system's words for an errno.
    static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
