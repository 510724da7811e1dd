import Glibc

/// A repository with a home of its own for keys.
struct BenchProject {
    let path: String
    let hive: String

    private static let secondsMax = 120

    /// Makes it anew, without files.
    init(at path: String, hive: String) throws {
        _ = try Child("rm", ["-rf", path]).finish(within: Self.secondsMax)
        mkdir(path, 0o755)
        mkdir("\(path)/home", 0o755)
        guard let real = realpath(path, nil) else { throw BenchError("find \(path)", errno: errno) }
        defer { free(real) }
        self.path = String(cString: real)
        self.hive = hive
        try write(".gitignore", "home/\n")
        try run("git", ["init", "-q"])
    }

    func write(_ name: String, _ text: String) throws {
        var sink = try FileSink(path: "\(path)/\(name)")
        try sink.append(Array(text.utf8))
        try sink.close()
    }

    func run(
        _ program: String,
        _ words: [String],
        expecting codes: ClosedRange<Int32> = 0...0
    ) throws {
        let environment = [
            "-C", path, "HOME=\(path)/home", "XDG_CONFIG_HOME=\(path)/home/.config",
            "GIT_AUTHOR_NAME=bench", "GIT_AUTHOR_EMAIL=bench@localhost",
            "GIT_COMMITTER_NAME=bench", "GIT_COMMITTER_EMAIL=bench@localhost",
        ]
        let ending = try Child("env", environment + [program] + words, mergesErrors: true)
            .finish(within: Self.secondsMax)
        guard codes.contains(ending.code) else {
            throw BenchError(
                "\(program) \(words.first ?? "") ended with \(ending.code) in \(path)",
                hint: String(ending.output.suffix(400))
            )
        }
    }

    func commit(_ subject: String) throws {
        try run("git", ["add", "-A"])
        try run("git", ["commit", "-q", "-m", subject])
    }

    /// Seconds that it took to witness what is there now, which is committed then.
    func witnessed(_ phase: String) throws -> Double {
        try run("git", ["add", "-A"])
        let seconds = try Measure.timed { try run(hive, ["witness", "--phase", phase]) }.seconds
        try commit("\(phase): bench")
        return seconds
    }
}
