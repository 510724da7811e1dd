import Glibc

/// A program to run once, without a shell: what, where, with what, and how far it may go.
package struct Command: Sendable, Hashable {
    /// The program and its arguments.
    ///
    /// A program without a slash is looked up on `PATH`; a relative one starts at `folder`.
    package var words: [String]
    /// The working directory, absolute.
    package var folder: String
    /// Variables that are added to the inherited environment, or replace some of it.
    package var environment: [String: String]
    /// True: variables whose names look like secrets are not passed on (`SecretNames`).
    package var hidesSecrets: Bool
    /// True: it takes what time others leave it (nice(1), 10 steps).
    package var isInBackground: Bool
    /// What the program may read on its standard input; it need not.
    package var input: [UInt8]
    package var limits: Limits

    package init(
        words: [String],
        folder: String,
        environment: [String: String] = [:],
        hidesSecrets: Bool = true,
        isInBackground: Bool = false,
        input: [UInt8] = [],
        limits: Limits
    ) {
        self.words = words
        self.folder = folder
        self.environment = environment
        self.hidesSecrets = hidesSecrets
        self.isInBackground = isInBackground
        self.input = input
        self.limits = limits
    }

    /// How far a command may go before it is ended.
    package struct Limits: Sendable, Hashable {
        /// Seconds from the start to the first SIGTERM.
        package var seconds: Double
        /// Bytes of standard output that are kept; a program that writes more is ended.
        package var outputBytes: Int
        /// Bytes of private writable memory that each process may have (`RLIMIT_DATA`,
        /// getrlimit(2)); nil: no limit.
        ///
        /// It is set just after the program has started and before its input is written, and is
        /// inherited from then on. Each process is counted for itself.
        package var memoryBytes: Int64?

        package init(seconds: Double, outputBytes: Int, memoryBytes: Int64? = nil) {
            self.seconds = seconds
            self.outputBytes = outputBytes
            self.memoryBytes = memoryBytes
        }
    }
}

/// What a command left.
package struct CommandResult: Sendable, Hashable {
    package enum Ending: Sendable, Hashable {
        /// It ended by itself, with this exit code.
        case exited(Int32)
        /// A signal ended it.
        case signalled(Int32)
        /// It did not end within its seconds and was ended.
        case timedOut
    }

    package var ending: Ending
    /// Its standard output, at most `outputBytes`.
    package var output: [UInt8]
    /// True: there was more output than the limit, and the program was ended for it.
    package var isOutputCut: Bool
    /// The end of its standard error, at most `CommandRunner.errorBytesMax`.
    package var errors: [UInt8]
    /// Seconds from the start of the program to its end.
    package var seconds: Double

    package init(
        ending: Ending,
        output: [UInt8],
        isOutputCut: Bool,
        errors: [UInt8],
        seconds: Double
    ) {
        self.ending = ending
        self.output = output
        self.isOutputCut = isOutputCut
        self.errors = errors
        self.seconds = seconds
    }
}

/// Which environment variables hold secrets, by their names alone.
package enum SecretNames {
    /// True for names such as `OPENAI_API_KEY`, `OPENROUTER_API_KEY3`, `githubToken`.
    ///
    /// It would rather hide a harmless variable than pass a secret on. A secret inside the value
    /// of a harmless name, such as a database's address, it cannot see.
    package static func include(_ name: some StringProtocol) -> Bool {
        let name = name.uppercased()
        if parts.contains(where: { name.contains($0) }) { return true }
        let words = name.split(separator: "_").map { word in
            String(word.reversed().drop { $0.isNumber }.reversed())
        }
        return words.contains { Self.words.contains($0) }
            || (words.count > 1 && words.last == "PWD")
    }

    /// Secret wherever they stand in a name.
    private static let parts = [
        "TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIAL", "APIKEY",
    ]

    /// Secret as a whole word: `KEYBOARD` and `GIT_AUTHOR_NAME` are none.
    private static let words: Set<String> = ["KEY", "KEYS", "PASS", "AUTH", "PAT"]
}

/// The environment that a program gets.
enum ProcessEnvironment {
    /// `NAME=value` and a NUL each; bytes, as nothing says that they are UTF-8.
    static func entries(for command: Command, inherited: [[UInt8]]) -> [[UInt8]] {
        let added = command.environment.map { Array("\($0.key)=\($0.value)\0".utf8) }
        let kept = inherited.filter { entry in
            let bytes = entry.prefix { $0 != UInt8(ascii: "=") && $0 != 0 }
            // What has no `=`, or a digit in front, is a variable to no program.
            guard bytes.count < entry.count, entry[bytes.count] == UInt8(ascii: "="),
                let first = bytes.first, !(0x30...0x39).contains(first)
            else { return false }
            let name = String(decoding: bytes, as: UTF8.self)
            guard command.environment[name] == nil else { return false }
            return !(command.hidesSecrets && SecretNames.include(name))
        }
        return added + kept
    }

    /// The variables of this process.
    static var own: [[UInt8]] {
        var entries: [[UInt8]] = []
        var next = environ
        while let entry = next.pointee {
            entries.append(Array(UnsafeRawBufferPointer(start: entry, count: strlen(entry) + 1)))
            next += 1
        }
        return entries
    }
}
