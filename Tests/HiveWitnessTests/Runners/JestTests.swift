import Testing

@testable import HiveWitness

/// Jest and Vitest by reports written after their documentation: neither comes with Debian.
@Suite struct JestTests {
    private func report(
        _ name: String,
        _ json: String,
        exit code: Int32 = 1,
        folder: String? = "/w"
    ) throws -> RunReport {
        let runner = try #require(TestRunners.runner(for: [], named: name))
        let reports = ["\(name).json": json]
        return runner.report(of: FinishedRun(exit: code, reports: reports, folder: folder))
    }

    /// A report of one file with these assertion results.
    private func file(_ results: String..., more: String = #""success":false"#) -> String {
        #"{"testResults":[{"name":"/w/test/a.test.js","status":"failed","message":"","#
            + #""assertionResults":[\#(results.joined(separator: ","))]}],\#(more)}"#
    }

    private static let passed =
        #"{"ancestorTitles":["sum"],"title":"adds","status":"passed","failureMessages":[],"#
        + #""invocations":1,"retryReasons":[]}"#

    private static let jest = """
        {"numFailedTestSuites":2,"numFailedTests":3,"numPassedTests":1,"numPendingTests":1,
         "numRuntimeErrorTestSuites":1,"numTodoTests":1,"numTotalTests":6,"openHandles":[],
         "snapshot":{"added":0,"updated":0},"startTime":1,"success":false,"wasInterrupted":false,
         "testResults":[
          {"name":"/w/test/a.test.js","status":"failed","message":"● sum","summary":"",
           "assertionResults":[
            {"ancestorTitles":["sum"],"title":"adds","fullName":"sum adds","status":"passed",
             "failureMessages":[],"failureDetails":[],"invocations":1,"retryReasons":[]},
            {"ancestorTitles":["sum"],"title":"fails","status":"failed","invocations":1,
             "failureMessages":["Error: expect(received).toBe(expected)\\n at x"],
             "failureDetails":[{"matcherResult":{"actual":1,"expected":2,"pass":false}}]},
            {"ancestorTitles":["sum"],"title":"node assert","status":"failed","invocations":1,
             "failureMessages":["AssertionError [ERR_ASSERTION]: 1 == 2"],
             "failureDetails":[{"generatedMessage":true,"code":"ERR_ASSERTION"}]},
            {"ancestorTitles":[],"title":"throws","status":"failed","invocations":1,
             "failureMessages":["Error: expect(received).toBe(expected)"],"failureDetails":[{}]},
            {"ancestorTitles":["sum"],"title":"later","status":"pending","failureMessages":[]},
            {"ancestorTitles":["sum"],"title":"some day","status":"todo","failureMessages":[]}]},
          {"name":"/w/test/b.test.js","status":"failed","message":"Cannot find module './nowhere'",
           "assertionResults":[]}]}
        """

    @Test func `Jest's outcomes are told apart, with their files`() throws {
        let report = try report("jest", Self.jest)
        #expect(report.faults == [])
        #expect(
            report.words == [
                "test/a.test.js > sum > adds": "passed",
                "test/a.test.js > sum > fails": "assertion",
                "test/a.test.js > sum > node assert": "assertion",
                "test/a.test.js > throws": "error",
                "test/a.test.js > sum > later": "skipped",
                "test/a.test.js > sum > some day": "skipped",
                "test/b.test.js": "error",
            ]
        )
        #expect(report.message(of: "test/b.test.js") == "Cannot find module './nowhere'")
    }

    @Test func `without the folder, files are named from the one that all are in`() throws {
        let report = try report("jest", Self.jest, folder: nil)
        #expect(report.faults == [])
        #expect(report.words["a.test.js > sum > adds"] == "passed")
        #expect(report.words["b.test.js"] == "error")
    }

    @Test func `Vitest's outcomes are told apart`() throws {
        let report = try report(
            "vitest",
            """
            {"numTotalTests":4,"numPassedTests":1,"numFailedTests":2,"numPendingTests":0,
             "numTodoTests":0,"success":false,"testResults":[
              {"name":"/w/a.test.ts","status":"failed","message":"","assertionResults":[
               {"ancestorTitles":["","sum"],"title":"adds","status":"passed","failureMessages":[]},
               {"ancestorTitles":["sum"],"title":"fails","status":"failed",
                "failureMessages":["AssertionError: expected 1 to be 2 // Object.is\\n at"]},
               {"ancestorTitles":["sum"],"title":"throws","status":"failed",
                "failureMessages":["TypeError: AssertionError: no"]},
               {"title":"later","status":"skipped","failureMessages":[]}]}]}
            """
        )
        #expect(report.faults == [])
        #expect(
            report.words == [
                "a.test.ts > sum > adds": "passed", "a.test.ts > sum > fails": "assertion",
                "a.test.ts > sum > throws": "error", "a.test.ts > later": "skipped",
            ]
        )
    }

    @Test func `a test that was run until it passed is a fault`() throws {
        let tries = [
            #"{"title":"t","status":"passed","failureMessages":[],"invocations":2}"#,
            #"{"title":"t","status":"passed","failureMessages":[],"retryReasons":["Error: x"]}"#,
            #"{"title":"t","status":"passed","failureMessages":["AssertionError: x"]}"#,
        ]
        for json in tries {
            let report = try report("jest", file(json, more: #""success":true"#), exit: 0)
            #expect(!report.faults.isEmpty, "\(json)")
        }
    }

    @Test func `a report that contradicts itself has a fault`() throws {
        let mores = [
            #""success":true,"numTotalTests":2"#, #""success":true,"numPassedTests":0"#,
            #""success":true,"numFailedTests":1"#, #""success":true,"wasInterrupted":true"#,
            #""success":true,"snapshot":{"added":0,"updated":2}"#,
            #""success":true,"snapshot":{"added":1}"#, #""done":true"#,
        ]
        for more in mores {
            // The file's own status says failed, so a broken file joins the one that passed.
            let json = file(Self.passed, more: more)
                .replacing(#""status":"failed""#, with: #""status":"passed""#)
            let report = try report("jest", json, exit: 0)
            #expect(!report.faults.isEmpty, "\(more)")
        }
        let failed = #"{"title":"t","status":"failed","failureMessages":["x"]}"#
        let lying = try report("jest", file(failed, more: #""success":true"#))
        #expect(lying.hasFault("says success, yet tests failed"))
        let strange = try report("jest", file(#"{"title":"t","status":"great"}"#))
        #expect(strange.hasFault("a status that is none"))
        #expect(try report("jest", file(Self.passed, Self.passed)).hasFault("there twice"))
    }

    @Test func `a torn report, however it is cut, has a fault and traps nowhere`() throws {
        let bytes = Array(Self.jest.utf8)
        for length in stride(from: 0, to: bytes.count, by: 7) {
            let text = String(decoding: bytes[..<length], as: UTF8.self)
            #expect(try report("jest", text).hasFault("torn"), "\(length) bytes")
        }
        let deep = String(repeating: "[", count: 100_000)
        #expect(try report("vitest", deep).hasFault("torn"))
    }
}
