import HiveTestKit
import Testing

@testable import HiveWitness

@Suite struct SwiftTests {
    // MARK: - XCTest's frame

    private static func frame(_ body: String, _ counts: String) -> String {
        """
        Test Suite 'All tests' started at 2026-01-02 03:04:05.678
        Test Suite 'Old' started at 2026-01-02 03:04:05.678
        \(body)
        Test Suite 'Old' failed at 2026-01-02 03:04:05.678
        \t Executed \(counts) in 0.006 (0.006) seconds
        Test Suite 'All tests' failed at 2026-01-02 03:04:05.678
        \t Executed \(counts) in 0.006 (0.006) seconds

        """
    }

    private static func passing(_ name: String) -> String {
        "Test Case '\(name)' started at 2026-01-02 03:04:05.678\n"
            + "Test Case '\(name)' passed (0.001 seconds)"
    }

    private static let good = frame(
        """
        Test Case 'Old.testFail' started at 2026-01-02 03:04:05.678
        /w/A.swift:6: error: Old.testFail : XCTAssertEqual failed: ("2") is not equal to ("3") - a
        b
        Test Case 'Old.testFail' failed (0.0 seconds)
        Test Case 'Old.testPass' started at 2026-01-02 03:04:05.678
        no newline at the endTest Case 'Old.testPass' passed (0.005 seconds)
        Test Case 'Old.testSkip' started at 2026-01-02 03:04:05.678
        /w/A.swift:10: Old.testSkip : Test skipped - later
        Test Case 'Old.testSkip' skipped (0.0 seconds)
        Test Case 'Old.testThrow' started at 2026-01-02 03:04:05.678
        <EXPR>:0: error: Old.testThrow : threw error "Oops()"
        Test Case 'Old.testThrow' failed (0.0 seconds)
        Test Case 'Old.testWait' started at 2026-01-02 03:04:05.678
        /w/A.swift:5: error: Old.testWait : Asynchronous wait failed - Exceeded timeout
        Test Case 'Old.testWait' failed (0.0 seconds)
        """,
        "5 tests, with 1 test skipped and 3 failures (1 unexpected)"
    )

    private func report(_ output: String, events: String? = nil, exit code: Int32 = 0) -> RunReport
    {
        let reports = events.map { ["swift-testing.jsonl": $0] } ?? [:]
        return SwiftRunner().report(
            of: FinishedRun(exit: code, output: output, reports: reports)
        )
    }

    @Test func `XCTest's outcomes are told apart`() {
        let report = report(Self.good, exit: 1)
        #expect(report.faults == [])
        #expect(
            report.words == [
                "Old.testFail": "assertion", "Old.testPass": "passed", "Old.testSkip": "skipped",
                "Old.testThrow": "error", "Old.testWait": "error",
            ]
        )
        #expect(report.message(of: "Old.testFail")?.hasPrefix("XCTAssertEqual failed") == true)
    }

    private static let spoiled: [(body: String, what: String, counts: String, reason: String)] = [
        (
            passing("Old.testGhost"), "one too few", "2 tests, with 0 failures (0 unexpected)",
            "counts"
        ),
        (
            "Test Case 'Old.testA' started at 1\n\(passing("Old.testGhost"))\n"
                + "Test Case 'Old.testA' passed (0.0 seconds)",
            "inside of another", "1 test, with 0 failures (0 unexpected)", "a test printed it"
        ),
        (
            "\(passing("Old.testA"))\nTest Case 'Old.testA' passed (0.0 seconds)",
            "a second end", "1 test, with 0 failures (0 unexpected)", "ends where it cannot"
        ),
        (
            "Test Case 'Old.testA' started at 1\nx:1: error: Old.testA : failed\n"
                + "Test Case 'Old.testA' passed (0.0 seconds)",
            "a failure that passes", "1 test, with 1 failure (0 unexpected)", "yet it has failures"
        ),
        (
            passing("Old.testA") + "\nTest Suite 'Old' passed at 1\n"
                + "\t Executed 1 test, with 0 failures (0 unexpected) in 0 seconds",
            "a suite's end", "1 test, with 0 failures (0 unexpected)", "ends where it cannot"
        ),
        (
            "Test Case 'Old.testA' started at 1\nx:1: error: Old.testA : failed\n"
                + "Test Case 'Old.testA' failed (0.0 seconds)",
            "an error told as a failure", "1 test, with 1 failure (1 unexpected)", "counts"
        ),
    ]

    @Test(arguments: spoiled)
    func `a line that a test printed spoils XCTest's frame`(
        _ body: String,
        _ what: String,
        _ counts: String,
        _ reason: String
    ) {
        let report = report(Self.frame(body, counts))
        #expect(report.hasFault(reason), "\(what): \(report.faults)")
    }

    @Test func `a frame without its end proves nothing, wherever it is cut`() {
        let lines = Self.good.split(separator: "\n")
        for count in 1..<(lines.count) {
            let report = report(lines[..<count].joined(separator: "\n"), events: Self.empty)
            #expect(!report.faults.isEmpty, "\(count) lines")
        }
    }

    @Test func `a second frame is none: before Swift Testing a fault, behind it not looked at`() {
        let one = Self.frame(Self.passing("Old.testA"), "1 test, with 0 failures (0 unexpected)")
        let ghost = one.replacing("testA", with: "testGhost")
        #expect(report(one + ghost).hasFault("a test printed it"))
        let behind = report(one + "◇ Test run started.\n" + ghost, events: Self.empty)
        #expect(behind.faults == [])
        #expect(behind.passed == ["Old.testA"])
    }

    // MARK: - Swift Testing's stream

    private static func event(_ kind: String, _ id: String? = nil, more: String = "") -> String {
        let id = id.map { #","testID":"\#($0)""# } ?? ""
        return #"{"kind":"event","payload":{"kind":"\#(kind)"\#(id)\#(more)},"version":0}"# + "\n"
    }

    private static func test(_ id: String, kind: String = "function") -> String {
        #"{"kind":"test","payload":{"id":"\#(id)/A.swift:4:2","kind":"\#(kind)","#
            + #""sourceLocation":{"fileID":"M/A.swift","line":4,"column":2}},"version":0}"# + "\n"
    }

    private static func text(_ symbol: String, _ text: String, _ more: String = "") -> String {
        #","messages":[{"symbol":"\#(symbol)","text":"\#(text)"}]\#(more)"#
    }

    private static let empty = event("runStarted") + event("runEnded")

    /// A stream of one test that has this issue.
    private static func stream(issue: String?, ends symbol: String) -> String {
        let id = "M.S/one()/A.swift:4:2"
        return test("M.S/one()") + event("runStarted") + event("testStarted", id)
            + (issue.map { event("issueRecorded", id, more: $0) } ?? "")
            + event("testEnded", id, more: text(symbol, "it ended")) + event("runEnded")
    }

    @Test(arguments: [
        ("Expectation failed: (1 → 2) == 3", "assertion"), ("Issue recorded", "assertion"),
        ("Confirmation was confirmed 0 times, but expected", "assertion"),
        ("Caught error: Expectation failed: x", "error"), ("Time limit was exceeded", "error"),
    ])
    func `an issue's kind is told by Swift Testing's own words`(_ text: String, _ word: String) {
        for more in [
            #","issue":{"isKnown":false,"isFailure":true}"#, #","issue":{"isKnown":false}"#,
        ] {
            let events = Self.stream(issue: Self.text("fail", text, more), ends: "fail")
            let report = report("", events: events, exit: 1)
            #expect(report.faults == [])
            #expect(report.words == ["M.S/one()": word])
        }
    }

    @Test func `known issues are skips, and warnings nothing`() {
        let known = Self.text("passWithKnownIssue", "Expectation failed: x")
        let warning = Self.text("warning", "Issue recorded")
        func stream(_ text: String, _ issue: String) -> String {
            Self.stream(issue: text + #","issue":{\#(issue)}"#, ends: "pass")
        }
        let one = report("", events: stream(known, #""isKnown":true,"isFailure":false"#))
        #expect(one.words == ["M.S/one()": "skipped"])
        #expect(one.faults == [])
        let other = report("", events: stream(warning, #""isKnown":false,"severity":"warning""#))
        #expect(other.words == ["M.S/one()": "passed"])
        #expect(other.faults == [])
    }

    @Test func `a stream that contradicts itself, or is cut off, has a fault`() {
        let good = Self.stream(issue: nil, ends: "pass")
        #expect(report("", events: good).faults == [])
        #expect(report("", events: good).passed == ["M.S/one()"])
        let lines = good.split(separator: "\n").map { $0 + "\n" }
        for count in 0..<lines.count {
            let report = report("", events: lines[..<count].joined())
            #expect(report.hasFault("has no end"), "\(count) lines")
        }
        #expect(report("", events: String(good.dropLast(5))).hasFault("torn"))
        #expect(report("", events: good + lines[2]).hasFault("goes on behind its end"))
        #expect(report("", events: lines[0] + good).hasFault("twice"))
        #expect(report("", events: lines[1...].joined()).hasFault("did not list"))
        let again = lines[..<4].joined() + lines[2...].joined()
        #expect(report("", events: again).hasFault("was run again"))
        let unended = lines[..<3].joined() + lines[4]
        #expect(report("", events: unended).hasFault("began and did not end"))
        let denied = Self.stream(issue: nil, ends: "fail")
        #expect(report("", events: denied, exit: 1).hasFault("otherwise than its issues say"))
        let stray = Self.event("issueRecorded", more: #","issue":{"isFailure":true}"#)
        #expect(report("", events: stray + good).hasFault("belongs to no test"))
    }

    // MARK: - The real swift

    private static let package = """
        // swift-tools-version: 6.0
        import PackageDescription
        let package = Package(
            name: "Demo",
            targets: [
                .target(name: "Demo"),
                .testTarget(name: "DemoTests", dependencies: ["Demo"]),
            ]
        )
        """

    private static let old = """
        import Demo
        import XCTest
        struct Oops: Error {}
        final class Old: XCTestCase {
            func testPass() { XCTAssertEqual(add(1, 1), 2) }
            func testFail() { XCTAssertEqual(add(1, 1), 3, "why\\nmore") }
            func testThrow() throws { throw Oops() }
            func testThrowInside() { XCTAssertEqual(try { () throws -> Int in throw Oops() }(), 1) }
            func testSkip() throws { throw XCTSkip("later") }
            func testCheat() {
                let ghost = "Test Case 'Old.testGhost'"
                switch ProcessInfo.processInfo.environment["CHEAT"] {
                case "exit": exit(0)
                case "crash": fatalError()
                case "print": print("\\(ghost) started at 1\\n\\(ghost) passed (0.0 seconds)")
                default: break
                }
            }
        }
        """

    private static let new = """
        import Demo
        import Foundation
        import Testing
        @Test func passes() { #expect(add(1, 1) == 2) }
        @Test func fails() { #expect(add(1, 1) == 3) }
        @Suite struct Group {
            @Test func `a raw name`() throws { try #require(add(1, 1) == 3) }
            @Test func throwing() throws { throw Oops() }
            @Test(.disabled("later")) func off() {}
            @Test func known() { withKnownIssue { #expect(Bool(false)) } }
            @Test(arguments: [1, 2]) func each(_ number: Int) { #expect(number == 1) }
            @Test func recorded() { Issue.record("said so") }
            @Test func prints() { print("Test Suite 'Old' is old") }
            @Test func cheats() {
                switch ProcessInfo.processInfo.environment["CHEAT"] {
                case "late exit": exit(0)
                default: break
                }
            }
        }
        """

    private static let words = [
        "Old.testPass": "passed", "Old.testFail": "assertion", "Old.testThrow": "error",
        "Old.testThrowInside": "error", "Old.testSkip": "skipped", "Old.testCheat": "passed",
        "DemoTests.passes()": "passed", "DemoTests.fails()": "assertion",
        "DemoTests.Group/`a raw name`()": "assertion", "DemoTests.Group/throwing()": "error",
        "DemoTests.Group/off()": "skipped", "DemoTests.Group/known()": "skipped",
        "DemoTests.Group/each(_:)": "assertion", "DemoTests.Group/recorded()": "assertion",
        "DemoTests.Group/prints()": "passed", "DemoTests.Group/cheats()": "passed",
    ]

    @Test(.enabled(if: Tool.swift, "swift is not installed"))
    func `the real swift: every outcome, and no cheat proves anything`() async throws {
        let project = try Project([
            "Package.swift": Self.package,
            "Sources/Demo/Demo.swift": "public func add(_ a: Int, _ b: Int) -> Int { a + b }\n",
            "Tests/DemoTests/Old.swift": Self.old, "Tests/DemoTests/New.swift": Self.new,
        ])
        let report = try await project.run(["swift", "test", "--parallel", "-j", "2"])
        #expect(report.faults == [])
        #expect(report.words == Self.words)
        for (cheat, reason) in [
            ("exit", "XCTest's run has no end"), ("crash", "XCTest's run has no end"),
            ("print", "a test printed it"), ("late exit", "Swift Testing's run has no end"),
        ] {
            let report = try await project.run(
                ["swift", "test", "--skip-build"],
                environment: ["CHEAT": cheat, "SWIFT_BACKTRACE": "enable=no"]
            )
            #expect(report.hasFault(reason), "\(cheat): \(report.faults)")
            #expect(report.words["Old.testCheat"] != "passed" || cheat != "exit", "\(cheat)")
        }
        try project.tree.writeFiles(["Sources/Demo/Demo.swift": "public func add() { nowhere() }\n"]
        )
        let broken = try await project.run(["swift", "test", "-j", "2"])
        #expect(broken.hasFault("left no report"))
        #expect(broken.cases == [])
    }
}
