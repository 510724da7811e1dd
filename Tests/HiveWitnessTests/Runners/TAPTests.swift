import HiveTestKit
import Testing

@testable import HiveWitness

@Suite struct TAPTests {
    private func report(_ tap: String, exit code: Int32 = 1) -> RunReport {
        TAPRunner().report(of: FinishedRun(exit: code, reports: ["report.tap": tap]))
    }

    private static let good = """
        TAP version 14
        # a comment
        1..6
        ok 1 - adds
        not ok 2 - fails \\# hard
          ---
          message: 'expected 1'
          code: 'ERR_ASSERTION'
          ...
        not ok 3 - throws
          ---
          error: |-
            it went wrong
            not ok 9 - in a block
          name: 'TypeError'
          ...
        ok 4 - later # SKIP not here
        not ok 5 - some day # todo
        # Subtest: outer
            ok 1 - inner
            # Subtest: deeper
                not ok 1
                1..1
            not ok 2 - deeper
            1..2
        not ok 6 - outer
        something that a test printed

        """

    @Test func `points, directives, diagnostics and subtests are read`() {
        let report = report(Self.good)
        #expect(report.faults == [])
        #expect(
            report.words == [
                "adds": "passed", "fails # hard": "assertion", "throws": "error",
                "later": "skipped", "some day": "skipped", "outer": "assertion",
                "outer > inner": "passed", "outer > deeper": "assertion",
                "outer > deeper > #1": "assertion",
            ]
        )
        #expect(report.message(of: "fails # hard") == "expected 1")
        #expect(report.message(of: "throws") == "it went wrong")
    }

    @Test(arguments: [
        ("ok 1 - a\n", "no plan"), ("1..2\nok 1 - a\n", "2 tests were planned, 1 are there"),
        ("1..1\nok 1 - a\nok 2 - b\n", "1 tests were planned, 2 are there"),
        ("1..1\n1..1\nok 1 - a\n", "two plans"),
        ("1..1\nok 1 - a\nBail out! no disk\n", "given up"),
        ("1..2\nok 1 - a\nok 2 - a\n", "there twice"),
        ("    ok 1 - a\n    1..1\n1..0\n", "inside of a subtest"),
        ("        ok 1 - a\n1..0\n", "indented too far"),
        ("    ok 1 - a\n        ok 1 - b\n        1..1\nok 1 - c\n1..1\n", "sums it up"),
        ("1..1\nok 1 - a\n  ---\n  x: y\n", "inside of a diagnostic block"),
        ("  ---\n  x: y\n  ...\n1..0\n", "belongs to no test point"),
    ])
    func `a document that contradicts itself has a fault`(_ tap: String, _ reason: String) {
        #expect(report(tap, exit: 0).hasFault(reason), "\(report(tap, exit: 0).faults)")
    }

    @Test func `a plan of none is no fault`() {
        let report = report("1..0 # SKIP nothing to do here\n", exit: 0)
        #expect(report.faults == [])
        #expect(report.cases == [])
    }

    @Test func `a report that is cut off anywhere passes for a whole one nowhere`() {
        let bytes = Array("TAP version 13\nok 1 - a\nok 2 - b\n1..2\n".utf8)
        for length in 0..<(bytes.count - 1) {
            let text = String(decoding: bytes[..<length], as: UTF8.self)
            #expect(!report(text, exit: 0).faults.isEmpty, "\(length) bytes")
        }
    }

    @Test func `random lines trap nowhere`() {
        var random = SeededGenerator()
        print("TAPReader: HIVE_SEED=\(random.seed)")
        let lines =
            Self.good.split(separator: "\n").map { String($0) } + ["    1..2", "  ...", "  ---"]
        for _ in 0..<Campaign.size(short: 500, long: 30_000) {
            let some = (0..<30).map { _ in
                String(repeating: " ", count: Int.random(in: 0...9, using: &random))
                    + (lines.randomElement(using: &random) ?? "")
            }
            _ = report(some.joined(separator: "\n"))
        }
    }
}
