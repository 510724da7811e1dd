import HiveSignal
import HiveTestKit
import Testing

@testable import HiveDaemon

/// What many answers are put together to.
@Suite struct AggregationTests {
    private let folder: TemporaryFolder
    private let settings: Settings

    init() throws {
        folder = try TemporaryFolder()
        settings = try Settings(
            flags: SettingsFlags(),
            environment: [:],
            workingDirectory: folder.path
        )
    }

    private func result(
        _ name: String,
        _ output: String?,
        status: String = "completed",
        confidence: Double? = nil
    ) -> JSONValue {
        [
            "taskId": .string(name), "status": .string(status), "output": .optional(output),
            "confidence": confidence.map { .double($0) } ?? .null,
        ]
    }

    private func made(
        _ kind: Aggregation.Kind,
        _ results: [JSONValue],
        _ command: [String] = []
    ) async throws(HiveError) -> JSONValue {
        try await Aggregation.of(results, kind, command, in: settings)
    }

    @Test func `concat joins the answers in their order, and no others`() async throws {
        let answer = try await made(
            .concat,
            [
                result("a", "one"), result("b", nil, status: "failed"), result("c", "three"),
                result("d", "half", status: "pending"),
            ]
        )
        #expect(answer["output"] == "one\n\nthree")
        #expect(answer["of"] == 2)
    }

    @Test(arguments: Aggregation.Kind.allCases.filter { $0 != .custom })
    func `of no answers nothing is made`(kind: Aggregation.Kind) async throws {
        let answer = try await made(kind, [result("a", nil, status: "failed")])
        #expect(answer["of"] == (kind == .vote ? 1 : 0))
        #expect(answer["output"]?.stringValue ?? "" == "")
    }

    @Test func `a vote takes what more than two thirds say, however they write it`() async throws {
        let answers = [
            result("a", "5"), result("b", "4\n"), result("c", " 4.0"), result("d", "**4**"),
            result("e", "ANSWER: 4"),
        ]
        let answer = try await made(.vote, answers)
        #expect(answer["output"] == "4")
        #expect(answer["votes"] == 4)
        #expect(answer["needed"] == 4)
        #expect(answer["of"] == 5)
        let confidence = try #require(answer["confidence"]?.doubleValue)
        #expect(confidence > 0 && confidence < 0.9)
        let silent = try await made(.vote, answers + [result("f", "4", status: "failed")])
        #expect(silent["output"] == .null, "who failed counts in n, for nobody")
        #expect(silent["of"] == 6)
    }

    @Test func `a tie and a mere majority have no answer`() async throws {
        for texts in [["b", "b", "a", "a"], ["a", "a", "b"], ["x", "y", "z"]] {
            let results = texts.enumerated().map { result("\($0)", $1) }
            #expect(try await made(.vote, results)["output"] == .null)
        }
    }

    @Test func `best is the surest, of equals the first; who does not say is least sure`()
        async throws
    {
        let answer = try await made(
            .best,
            [
                result("a", "vague"), result("b", "sure", confidence: 0.8),
                result("c", "as sure", confidence: 0.8), result("d", "less", confidence: 0.3),
            ]
        )
        #expect(answer["output"] == "sure")
        #expect(answer["taskId"] == "b")
    }

    @Test func `a program reads every result as a line and prints the output`() async throws {
        let program = try folder.writeScript(#"grep -c '"taskId"'; echo "$1""#, to: "judge.sh")
        let answer = try await made(
            .custom,
            [result("a", "one\ntwo"), result("b", nil, status: "failed")],
            [program, "$(touch hacked)"]
        )
        #expect(answer["output"] == "2\n$(touch hacked)")
        #expect(folder.names(in: "").contains("hacked") == false)
    }

    @Test(arguments: [
        ("exit 3", "ended with exit code 3"), ("kill -9 $$", "was ended by signal 9"),
    ])
    func `a program that fails is an error that says how it ended`(
        script: String,
        words: String
    ) async throws {
        let program = try folder.writeScript(script, to: "judge.sh")
        let error = try #require(await failure(.custom, [program]))
        #expect(error.exitCode == 3)
        #expect(error.message == "\(program) \(words)")
        #expect(error.hint.contains("hive gather ID --json"))
    }

    @Test func `a program that is not there is an error`() async throws {
        let error = try #require(await failure(.custom, [folder.at("nowhere")]))
        #expect(error.exitCode == 3)
        #expect(error.message.contains("nowhere"))
    }

    private func failure(_ kind: Aggregation.Kind, _ command: [String]) async -> HiveError? {
        do throws(HiveError) {
            _ = try await made(kind, [result("a", "one")], command)
            return nil
        } catch {
            return error
        }
    }
}
