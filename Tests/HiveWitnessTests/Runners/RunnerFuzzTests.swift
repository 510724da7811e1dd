import HiveTestKit
import Testing

@testable import HiveWitness

/// Lines that all the formats know, in any order, cut and changed: no reader traps on them.
@Suite struct RunnerFuzzTests {
    private static let lines = [
        // cargo
        #"{"reason":"build-finished","success":true}"#, "running 2 tests", "running 1 test",
        #"{"reason":"compiler-artifact","package_id":"x#y@1","target":{"kind":["lib"],"#
            + #""name":"y"},"profile":{"test":true},"executable":"/y"}"#,
        "test a ... ok", "test b ... FAILED", "test c - should panic ... ignored, why", "failures:",
        "---- b stdout ----", "thread 'b' panicked at a.rs:1:2:", "assertion failed: x", "    b",
        "test result: ok. 1 passed; 0 failed; 0 ignored;",
        "test result: FAILED. 1 passed; 1 failed; 0 ignored;",
        // go
        #"{"Action":"run","Package":"p","Test":"A"}"#, #"{"Action":"pass","Package":"p"}"#,
        #"{"Action":"fail","Package":"p","Test":"A/b"}"#, #"{"Action":"fail","Package":"p"}"#,
        #"{"Action":"output","Package":"p","Test":"A","Output":"--- PASS: A (0.00s)\n"}"#,
        #"{"Action":"output","Package":"p","Output":"PASS\n"}"#, "FAIL\tp [build failed]",
        // XCTest and Swift Testing
        "Test Suite 'All tests' started at 1", "Test Suite 'All tests' passed at 1",
        "Test Case 'A.b' started at 1", "Test Case 'A.b' failed (0.1 seconds)",
        "x.swift:1: error: A.b : XCTAssert failed", "◇ Test run started.",
        "\t Executed 1 test, with 1 failure (0 unexpected) in 0.1 (0.1) seconds",
        #"{"kind":"test","payload":{"id":"a","kind":"function"}}"#,
        #"{"kind":"event","payload":{"kind":"testStarted","testID":"a"}}"#,
        #"{"kind":"event","payload":{"kind":"testEnded","testID":"a"}}"#,
        #"{"kind":"event","payload":{"kind":"runEnded"}}"#,
        // node
        #"{"type":"enqueue","file":"a","name":"b","nesting":0}"#, #"{"type":"end"}"#,
        #"{"type":"start","file":"a","name":"b","nesting":1}"#,
        #"{"type":"fail","file":"a","name":"b","nesting":0}"#,
        #"{"type":"coverage","file":"a","lines":[1,-1,9223372036854775807]}"#,
        // XML, TAP, a cover profile, and what belongs nowhere
        "<testsuite tests='1'>", "</testsuite>", "<testcase name='a'>", "<failure/>", "</testcase>",
        "ok 1 - a", "    not ok 2 - b # SKIP", "1..2", "  ---", "  ...", "mode: set",
        "p/a.go:1.1,2.2 1 1", "p/a.go:9223372036854775807.1,1.1 1 1", "", "{", "\u{0}", "\u{FEFF}",
    ]

    private static let files = [
        "pytest.xml", "report.xml", "report.tap", "swift-testing.jsonl", "cover.out", "node.jsonl",
        "jest.json", "vitest.json",
    ]

    @Test func `no reader traps, whatever a program leaves`() {
        var random = SeededGenerator()
        print("RunnerFuzz: HIVE_SEED=\(random.seed)")
        for _ in 0..<Campaign.size(short: 300, long: 30_000) {
            var text = (0..<Int.random(in: 0...40, using: &random))
                .compactMap { _ in Self.lines.randomElement(using: &random) }
                .joined(separator: "\n")
            if Bool.random(using: &random) {
                text.removeLast(Int.random(in: 0...min(9, text.count), using: &random))
            }
            let names = Self.files.filter { _ in Bool.random(using: &random) }
            let run = FinishedRun(
                exit: [nil, 0, 1, 2, 5, 101].randomElement(using: &random) ?? nil,
                output: text,
                errors: text,
                reports: Dictionary(uniqueKeysWithValues: names.map { ($0, text) })
            )
            for name in TestRunners.names {
                guard let report = TestRunners.runner(for: [], named: name)?.report(of: run) else {
                    continue
                }
                #expect(Set(report.cases.map(\.name)).count == report.cases.count)
                #expect(report.faults.allSatisfy { $0.utf8.count <= 240 && !$0.contains("\n") })
                #expect(report.cases.allSatisfy { $0.message.utf8.count <= 240 })
            }
        }
    }
}
