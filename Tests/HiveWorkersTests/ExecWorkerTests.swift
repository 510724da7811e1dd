@testable import HiveProcess
import HiveSignal
import HiveTestKit
import Testing

@testable import HiveWorkers

/// Scripts as workers: what they are told, and what becomes of their answers.
@Suite(.timeLimit(.minutes(10)))
struct ExecWorkerTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    // MARK: What the worker is told

    @Test func `the assignment comes as one line of JSON`() async throws {
        let assignment = try Assignment.fixture(message: "a \"quoted\" message\nwith é")
        _ = try await answer("cat >assignment.json; echo done", to: assignment)
        let bytes = folder.bytes("assignment.json")
        #expect(bytes.last == UInt8(ascii: "\n"))
        #expect(bytes.dropLast().contains(UInt8(ascii: "\n")) == false)
        #expect(try JSONValue(parsing: bytes) == assignment.json)
    }

    @Test func `the environment says the same`() async throws {
        let names = ["HIVE_TASK", "HIVE_PORT", "HIVE_PHASE", "HIVE_TRACEPARENT"]
        let outcome = try await answer("echo " + names.map { "$\($0)" }.joined(separator: " "))
        let words = outcome.message.split(separator: " ").map(String.init)
        #expect(words.prefix(3) == ["t-87-0-4", "4", "E"])
        let text = try #require(words.last)
        let parent = try #require(Traceparent(text))
        #expect(parent.trace == TraceID(high: 1, low: 2))
        let again = try await answer("echo $HIVE_TRACEPARENT")
        #expect(again.message == text)
    }

    @Test func `an assignment that nobody reads is no trouble`() async throws {
        let long = try Assignment.fixture(message: String(repeating: "x", count: 2_000_000))
        #expect(try await answer("echo done", to: long).message == "done")
    }

    // MARK: Good answers

    @Test func `text is the message`() async throws {
        let outcome = try await answer("echo; echo '  first line'; echo second; echo warned >&2")
        #expect(outcome.message == "first line\nsecond")
        #expect(outcome.confidence == 0.6)
        #expect(outcome.details.isEmpty)
        #expect(!outcome.isFailure)
        #expect(outcome.dollars == nil)
    }

    @Test func `an object is message, confidence, dollars and details`() async throws {
        let outcome = try await answer(
            """
            echo '{"msg": "three places", "confidence": 0.8, "dollars": 0.02, "result": {"places": 3}}'
            """
        )
        #expect(outcome.message == "three places")
        #expect(outcome.confidence == 0.8)
        #expect(outcome.dollars == 0.02)
        #expect(outcome.details == ["places": 3])
        #expect(!outcome.isFailure)
    }

    @Test(
        arguments: [
            #"{"message": "yes", "confidence": 7}"#, #"{"result": "yes", "confidence": 0.95}"#,
            #"{"msg": "", "message": "yes", "confidence": 1e300}"#,
        ]
    ) func `no answer is surer than 0.9`(_ json: String) async throws {
        let outcome = try await answer("cat <<'END'\n\(json)\nEND")
        #expect(outcome.message == "yes")
        #expect(outcome.confidence == Outcome.confidenceMax)
    }

    /// What `claude -p --output-format json` prints, alone, in verbose mode, and as a stream.
    @Test(arguments: [
        "%s", #"[{"type":"system","subtype":"init"},%s]"#, "{\"type\":\"system\"}\n%s",
    ])
    func `claude is a worker as it is`(_ frame: String) async throws {
        let result =
            #"{"type":"result","subtype":"success","is_error":false,"duration_ms":1200,"#
            + #""num_turns":3,"result":"Two tests\nare missing.","session_id":"a1","#
            + #""total_cost_usd":0.0125,"usage":{"input_tokens":5}}"#
        let text = frame.replacing("%s", with: result)
        let outcome = try await answer("cat <<'END'\n\(text)\nEND")
        #expect(outcome.message == "Two tests\nare missing.")
        #expect(outcome.confidence == 0.6)
        #expect(outcome.dollars == 0.0125)
        #expect(!outcome.isFailure)
    }

    @Test func `text that only looks like JSON is text`() async throws {
        for text in ["{not json}", "[1, 2", "{\"msg\": \"a\"} {\"msg\": \"b\"}", "[x] done"] {
            #expect(try await answer("echo '\(text)'").message == text)
        }
    }

    // MARK: Hostile answers

    @Test func `escapes and control characters never reach the message`() async throws {
        let outcome = try await answer(
            #"""
            printf '\033[31mred\033[0m \033]0;title\007bold\tand\000 more\r\nnext\b\r'
            printf '\302\233 31mc1 \342\200\256reversed \377\376broken\033]8;;http://x\033\\link\033]8;;\033\\'
            """#
        )
        #expect(
            outcome.message == "red bold and more\nnext\nc1 reversed \u{FFFD}\u{FFFD}brokenlink"
        )
        let json = try await answer(#"printf '{"msg": "a\\u001b[2Jb\\u0000\\u202ec\\td"}'"#)
        #expect(json.message == "abc d")
    }

    @Test func `a long message is cut between characters`() async throws {
        let outcome = try await answer("yes é | head -n 60000 | tr -d '\\n'", outputBytes: 1 << 20)
        #expect(outcome.message.utf8.count <= Outcome.messageBytesMax)
        #expect(outcome.message.hasSuffix("é…"))
    }

    @Test func `secrets of the environment are masked`() throws {
        let environment = ["OPENAI_API_KEY=sk-1234567890", "HOME=/root/anyone", "A_TOKEN=short"]
        let secrets = SecretValues(in: environment.map { Array("\($0)\0".utf8) })
        let text = "bad key sk-1234567890 in /root/anyone, short"
        let masked = String(decoding: secrets.masked(Array(text.utf8)), as: UTF8.self)
        #expect(masked == "bad key [secret] in /root/anyone, short")
    }

    // MARK: Failures

    @Test func `a failing program is told with its last words`() async throws {
        let outcome = try await answer(
            #"echo ignored; printf 'first\n\033[31mno model\033[0m here\n\n' >&2; exit 3"#
        )
        #expect(outcome.message == "worker failed with exit code 3: no model here")
        #expect(outcome.isFailure)
        #expect(outcome.confidence == 0.3)
        #expect(outcome.details["exit"] == 3)
    }

    @Test func `a failing program may say so in its answer`() async throws {
        let outcome = try await answer(
            #"printf '%s' '{"is_error":true,"result":"Credit is\n too low"}'; exit 1"#
        )
        #expect(outcome.message == "worker failed with exit code 1: Credit is too low")
        #expect(outcome.isFailure)
    }

    @Test func `an error in a good answer is a failure that keeps its words and costs`()
        async throws
    {
        let outcome = try await answer(
            #"echo '{"is_error":true,"result":"gave up","confidence":0.9,"total_cost_usd":2}'"#
        )
        #expect(outcome.message == "gave up")
        #expect(outcome.isFailure)
        #expect(outcome.confidence == 0.3)
        #expect(outcome.dollars == 2)
    }

    @Test func `an object without a message is a failure`() async throws {
        let outcome = try await answer(
            #"echo '{"type":"result","subtype":"error_max_turns","total_cost_usd":1}'"#
        )
        #expect(
            outcome.message
                == "worker answered without msg, message or result (error_max_turns)"
        )
        #expect(outcome.isFailure)
        #expect(outcome.dollars == 1)
    }

    @Test(arguments: ["true", "printf '\\033[0m \\n\\t'", #"printf '\357\273\277'"#])
    func `no answer is a failure`(_ body: String) async throws {
        let outcome = try await answer("\(body); echo 'no network' >&2")
        #expect(outcome.message == "worker answered nothing: no network")
        #expect(outcome.isFailure)
        #expect(outcome.confidence == 0.3)
    }

    @Test func `time that is over is a failure`() async throws {
        let outcome = try await answer("echo thinking >&2; sleep 1000", seconds: 0.2)
        #expect(outcome.message == "worker was ended: it took longer than 0.2 s: thinking")
        #expect(outcome.isFailure)
        #expect(outcome.details["timedOut"] == true)
    }

    @Test func `too much output is a failure`() async throws {
        let outcome = try await answer("yes", outputBytes: 8_192)
        #expect(outcome.message == "worker was ended: it wrote more than 8 KiB")
        #expect(outcome.isFailure)
    }

    @Test func `a signal is a failure`() async throws {
        let outcome = try await answer("kill -9 $$")
        #expect(outcome.message == "worker was ended by signal 9")
        #expect(outcome.details["signal"] == 9)
    }

    @Test func `a program that is not there is an error`() async throws {
        let worker = ExecWorker(
            words: ["no-such-worker-of-hive"],
            folder: folder.path,
            limits: Command.Limits(seconds: 5, outputBytes: 100)
        )
        let assignment = try Assignment.fixture()
        let error = await #expect(throws: WorkerError.self) { try await worker.answer(assignment) }
        #expect(error?.message == "cannot run no-such-worker-of-hive: no such program")
    }

    private func answer(
        _ body: String,
        to assignment: Assignment? = nil,
        seconds: Double = 60,
        outputBytes: Int = 65_536
    ) async throws -> Outcome {
        let worker = ExecWorker(
            words: [try folder.script("worker", body)],
            folder: folder.path,
            limits: Command.Limits(seconds: seconds, outputBytes: outputBytes)
        )
        return try await worker.answer(try assignment ?? .fixture())
    }
}

struct SecretValuesTests {
    private let secrets = SecretValues(["key/with\"signs", "short", "key/with\"signs-and-more"])

    @Test func `a secret is out of message, keys and values, the longest first`() {
        let outcome = Outcome(
            message: "a key/with\"signs-and-more, key/with\"signs and short",
            confidence: 0.5,
            details: ["key/with\"signs": ["x", ["deep": "=key/with\"signs="]], "n": 1]
        )
        let masked = secrets.masked(outcome)
        #expect(masked.message == "a [secret], [secret] and short")
        #expect(masked.details == ["[secret]": ["x", ["deep": "=[secret]="]], "n": 1])
    }

    @Test(arguments: ["\u{0301}", "\u{200D}x", "\u{FE0F}"])
    func `no mark before or behind a secret hides it`(mark: String) {
        let text = "\u{0D4E}key/with\"signs\(mark)"
        #expect(secrets.masked(text) == "\u{0D4E}[secret]\(mark)")
    }

    @Test func `a cut leaves no half of a secret`() {
        SecretValues.$ofTheWork.withValue(SecretValues(["sk-0123456789abcdef"])) {
            for lead in 100...125 {
                let text = String(repeating: "x", count: lead) + "sk-0123456789abcdef and more"
                #expect(!Readable.line(text).contains("sk-"))
                #expect(!PlainText.cut(text, toBytes: 120).contains("sk-"))
            }
        }
    }

    @Test func `secrets are never printed`() {
        #expect("\(secrets)" == "2 secrets")
        var dumped = ""
        dump(secrets, to: &dumped)
        #expect(!dumped.contains("key"))
    }
}
