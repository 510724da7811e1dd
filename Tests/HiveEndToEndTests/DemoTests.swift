import Foundation
import HiveTestKit
import Testing

/// `make demo`, which is the README's tour: it ends by itself, notices what is not as told, and
/// leaves nothing behind.
@Suite struct DemoTests {
    private static let repository =
        "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    private static let script = repository + "/specs/demo/demo.sh"

    /// Where the demo makes its folders.
    private let stage: TemporaryFolder
    private let home: TemporaryFolder

    init() throws {
        stage = try TemporaryFolder()
        home = try TemporaryFolder()
    }

    private func environment(hive: String = HiveProgram.path) -> [String: String] {
        ["HIVE": hive, "TMPDIR": stage.path]
    }

    private func demo(hive: String = HiveProgram.path) throws -> HiveProgram.Output {
        try Spawned.run(
            "/bin/sh",
            [Self.script],
            in: home.path,
            environment: environment(hive: hive)
        )
    }

    @Test func `the README's tour is what the demo prints`() throws {
        let output = try demo()
        #expect(output.exitCode == 0, "\(output.standardError)")
        #expect(output.standardError.isEmpty)
        try expectNothingLeft(after: output.standardOutput)

        // A true run has another folder in TMPDIR's place.
        let told = output.standardOutput.replacing(stage.path, with: "/tmp")
        var readme = try Readme(path: Self.repository + "/README.md")
        if ProcessInfo.processInfo.environment["HIVE_RENEW"] == "1" {
            readme.tour = told
            try readme.write()
        }
        let lines = (shown: Self.lines(readme.tour), printed: Self.lines(told))
        for (shown, printed) in zip(lines.shown, lines.printed) where shown != printed {
            Issue.record(
                """
                the README shows   \(shown)
                the demo prints    \(printed)
                renew the tour: HIVE_RENEW=1 swift test --filter DemoTests
                """
            )
            return
        }
        #expect(lines.shown.count == lines.printed.count)
    }

    /// A hive that does one thing otherwise, and what the demo says to that.
    struct Lie: Sendable, CustomTestStringConvertible {
        /// What a `case` of the shell matches the arguments with, and what is done instead.
        var arguments: String
        var deed: String
        var complaint: String

        var testDescription: String { arguments }
    }

    @Test(arguments: [
        Lie(
            arguments: "emit*'fixed, it works'",
            deed: "echo '✓ accepted  line 5'",
            complaint: "expected exit code 1\n  saw      exit code 0"
        ),
        Lie(
            arguments: "'log -n 1'",
            deed: "echo '    14  ✓ E 4  green; what goes out?'",
            complaint: "expected ✗ E 4\n"
        ),
        Lie(
            arguments: "'log -f'*",
            deed: "echo '{\"verdict\":\"accepted\"}'",
            complaint: "expected judged lines: 3\n  saw      0, and no other in time"
        ),
        Lie(
            arguments: "'tasks -n 2'",
            deed: "echo 'V 2  versions are sorted'",
            complaint: "expected done      V 2\n"
        ),
        Lie(
            arguments: "down",
            deed: "echo 'it will not'",
            complaint: "expected stopped the daemon"
        ),
    ])
    func `whatever is not as told ends it with 1, and nothing is left behind`(lie: Lie) throws {
        let wrapper = """
            case $* in \(lie.arguments)) \(lie.deed); exit 0 ;; esac
            exec '\(HiveProgram.path)' "$@"

            """
        let output = try demo(hive: try home.writeScript(wrapper, to: "hive"))
        #expect(output.exitCode == 1)
        #expect(output.standardError.contains("demo: not as told: "))
        #expect(output.standardError.contains(lie.complaint), "\(output.standardError)")
        try expectNothingLeft(after: output.standardOutput)
    }

    @Test(arguments: [SIGHUP, SIGINT, SIGTERM])
    func `an interrupted demo stops its daemon`(number: Int32) throws {
        let demo = try Spawned.start(
            "/bin/sh",
            [Self.script],
            in: home.path,
            environment: environment()
        )
        let line = demo.readLine { $0.contains(" running, pid ") }
        demo.signal(number)
        #expect(demo.wait() == 128 + number)
        try expectNothingLeft(after: try #require(line))
    }

    @Test func `without a binary it says what to do, with 3`() throws {
        let output = try demo(hive: "no-such-hive")
        #expect(output.exitCode == 3)
        #expect(output.standardError.contains("there is no no-such-hive"))
        #expect(output.standardError.contains("make demo"))
    }

    // MARK: What is left

    /// Neither a file nor the daemon whose pid the demo has printed.
    private func expectNothingLeft(after printed: String) throws {
        let files = try Spawned.run("/bin/ls", ["-A", stage.path], in: home.path)
        #expect(files.standardOutput.isEmpty)
        let pid = try #require(printed.firstMatch(of: /running, pid ([0-9]+)/)).output.1
        // What is killed takes a moment to go; a zombie has no command line.
        let looksMax = 1_000
        let isGone = try (0..<looksMax).contains { _ in
            let command = try Spawned.run("/bin/cat", ["/proc/\(pid)/cmdline"], in: home.path)
            return command.standardOutput.isEmpty
        }
        #expect(isGone, "the daemon still runs, pid \(pid)")
    }

    // MARK: What differs from run to run

    /// The lines, with names in the place of what no two runs have in common.
    private static func lines(_ tour: String) -> [String] {
        tour.trimmed.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            String(line)
                .replacing(/\/tmp\/hive-demo\.[A-Za-z0-9]+/, with: "FOLDER")
                .replacing(/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z/, with: "TIME")
                .replacing(/pid [0-9]+/, with: "pid PID")
                .replacing(/\b[0-9a-f]{7,}\b/, with: "HEX")
                .replacing(/\b([tso]-[0-9]+)-[0-9]+/) { "\($0.output.1)-OFFSET" }
                .replacing(/offset [0-9]+/, with: "offset OFFSET")
                .replacing(/in [0-9.]+ s \(TAP\)/, with: "in SECONDS s (TAP)")
                .replacing(/^    (rate|memory|file system|socket)  .*/) { "    \($0.output.1)" }
        }
    }
}

/// The README, and the part of it that is the demo's output.
private struct Readme {
    private let path: String
    private let before: String
    /// From the demo's first line to the end of the section.
    var tour: String
    private let after: String

    private static let heading = "\n## Five minutes\n"
    /// The demo's first words.
    private static let beginning = "\nA small project: "

    init(path: String) throws {
        self.path = path
        let text = String(
            decoding: FileManager.default.contents(atPath: path) ?? Data(),
            as: UTF8.self
        )
        let heading = try #require(text.range(of: Self.heading))
        let start = try #require(
            text.range(of: Self.beginning, range: heading.upperBound..<text.endIndex)
        )
        let end = try #require(text.range(of: "\n## ", range: start.upperBound..<text.endIndex))
        before = String(text[..<start.lowerBound])
        tour = String(text[start.lowerBound..<end.lowerBound])
        after = String(text[end.lowerBound...])
    }

    func write() throws {
        let text = "\(before)\n\(tour.trimmed)\n\(after)"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }
}
