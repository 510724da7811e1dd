/// The words after a command's name, taken as options and plain words.
///
/// An option is `--name VALUE` or `--name=VALUE`, a flag is `--name`; after `--` every word is
/// plain. `-n VALUE` is `--last VALUE` where the command knows that. A word that begins with one
/// dash and is no option is plain too: a message may begin so.
struct Arguments {
    private(set) var plain: [String] = []
    private var values: [String: String] = [:]
    private var flags: Set<String> = []

    /// - Throws: exit code 2 for an option that the command does not know, or that lacks its value.
    init(
        _ words: some Sequence<String>,
        options: Set<String> = [],
        flags known: Set<String> = []
    ) throws(CommandError) {
        var rest = Array(words)[...]
        while let word = rest.popFirst() {
            if word == "--" {
                plain += rest
                return
            }
            if word == "-n" && options.contains("last") {
                guard let value = rest.popFirst() else { throw .usage("-n needs a value") }
                values["last"] = value
                continue
            }
            guard word.hasPrefix("--") else {
                plain.append(word)
                continue
            }
            let parts = word.dropFirst(2).split(
                separator: "=",
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            let name = String(parts.first ?? "")
            if known.contains(name), parts.count == 1 {
                flags.insert(name)
            } else if options.contains(name) {
                guard let value = parts.count == 2 ? String(parts[1]) : rest.popFirst() else {
                    throw .usage("--\(name) needs a value")
                }
                values[name] = value
            } else {
                let names = (options.union(known)).sorted().map { "--" + $0 }
                throw .usage(
                    "unknown option --\(name)",
                    hint: names.isEmpty
                        ? "it takes none" : "it takes " + names.joined(separator: " ")
                )
            }
        }
    }

    subscript(_ option: String) -> String? { values[option] }

    func has(_ flag: String) -> Bool { flags.contains(flag) }

    /// - Throws: exit code 2 where the value is no whole number of 0 or more.
    func count(_ option: String) throws(CommandError) -> Int64? {
        guard let text = values[option] else { return nil }
        return try Self.count(text, name: "--\(option)")
    }

    static func count(_ text: String, name: String) throws(CommandError) -> Int64 {
        guard let count = Int64(text), count >= 0 else {
            throw .usage("\(name) is a whole number, 0 or more; not \(text)")
        }
        return count
    }

    /// - Throws: exit code 2 where there are more plain words than `max`.
    func atMost(_ max: Int) throws(CommandError) {
        guard plain.count > max else { return }
        throw .usage("one word too many: \(plain[max])", hint: "quote what belongs together")
    }
}

extension CommandError {
    /// Exit code 2.
    static func usage(_ message: String, hint: String = "") -> CommandError {
        CommandError(exitCode: 2, message, hint: hint)
    }
}
