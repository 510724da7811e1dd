import Glibc

/// What a witness costs over the test run alone: `hive witness` for red, green and refactor in a
/// repository of its own, beside the same test command run by hand.
extension Bench {
    func measureWitness(_ table: inout Table) throws {
        guard let hive = realpath(arguments.hive, nil) else {
            throw BenchError("find \(arguments.hive)", errno: errno)
        }
        defer { free(hive) }
        guard try Child("node", ["--version"]).finish(within: 10).code == 0 else {
            return table.note("witness: no node on this machine to run tests with")
        }
        let shop = try witnessedProject(String(cString: hive))
        let bare = try Measure.best(of: 3) { try shop.run("node", ["--test"], expecting: 0...1) }
        try shop.write("test/sum.test.js", Self.test(of: "sum", equals: 3))
        try shop.write("src/sum.js", "exports.sum = () => 0;\n")
        let red = try shop.witnessed("I")
        try shop.write("src/sum.js", "exports.sum = (a, b) => a + b;\n")
        let green = try shop.witnessed("V")
        try shop.write("src/sum.js", "exports.sum = (one, two) => one + two;\n")
        let refactor = try shop.witnessed("E")
        for (figure, seconds, runs) in [
            ("witness, red (2 runs of the tests)", red, "2 × and the room"),
            ("witness, green (2 runs)", green, "2 × and the room"),
            ("witness, refactor (1 run)", refactor, "1 × and the room"),
        ] {
            table.add(
                Table.Row(
                    figure: figure,
                    unit: .milliseconds,
                    hive: seconds * 1_000,
                    rival: bare.seconds * 1_000,
                    target: runs
                )
            )
        }
        table.note(
            "witness: \(Self.witnessedFiles) files, a test that takes half a second; the rival is "
                + "the test command alone"
        )
    }

    private static let witnessedFiles = 1_000
    private static let secondsMax = 120

    private static func test(of name: String, equals value: Int) -> String {
        """
        const { test } = require('node:test');
        const assert = require('node:assert');
        const { \(name) } = require('../src/\(name).js');
        test('\(name)', () => assert.strictEqual(\(name)(1, 2), \(value)));

        """
    }

    private func witnessedProject(_ hive: String) throws -> WitnessedProject {
        let path = "\(folder)/witness"
        _ = try Child("rm", ["-rf", path]).finish(within: Self.secondsMax)
        for part in ["", "/src", "/src/all", "/test", "/home"] { mkdir(path + part, 0o755) }
        guard let real = realpath(path, nil) else { throw BenchError("find \(path)", errno: errno) }
        defer { free(real) }
        let shop = WitnessedProject(path: String(cString: real), hive: hive)
        try shop.write(".gitignore", "home/\n")
        try shop.write("package.json", "{\"name\": \"shop\", \"scripts\": {}}\n")
        // What tests do all day: half a second of it.
        try shop.write(
            "test/busy.test.js",
            "require('node:test').test('busy', () => "
                + "{ const end = Date.now() + 500; while (Date.now() < end); });\n"
        )
        for number in 0..<Self.witnessedFiles {
            try shop.write("src/all/part\(number).js", "exports.part = \(number);\n")
        }
        try shop.run("git", ["init", "-q"])
        try shop.run(hive, ["init"])
        try shop.write("specs/rules.yaml", "witness: {test: [node, --test]}\n")
        try shop.run(hive, ["override", "approve-rules", "--reason", "bench", "--yes"])
        try shop.commit("begin")
        return shop
    }
}

/// A repository with a home of its own for keys.
private struct WitnessedProject {
    let path: String
    let hive: String

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
            .finish(within: 120)
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
