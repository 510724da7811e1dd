import HiveControl
import HiveKernel
package import HiveSignal
import Synchronization

/// A question whose answer is known: what measures votes beside a single call.
package struct KnownQuestion: Sendable, Hashable {
    package let question: String
    private let answer: AnswerForm

    /// A larger file is no list of questions.
    private static let fileBytesMax = 1 << 20
    private static let questionsMax = 1_000

    /// One way to call the swarm.
    package typealias Call =
        @Sendable (
            _ method: String, _ params: JSONValue,
            _ notify: @escaping @Sendable (String, JSONValue) -> Void
        ) async throws -> JSONValue

    /// Reads `{"question","answer"}` lines; blank ones are passed over.
    ///
    /// - Throws: exit code 2 with the place of the line that is none, 3 for a file that cannot be
    ///   read.
    package static func read(_ path: String) throws(HiveError) -> [KnownQuestion] {
        let bytes = try WholeFile.read(path, bytesMax: fileBytesMax)
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        var questions: [KnownQuestion] = []
        for (index, line) in lines.enumerated() {
            if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
            guard let value = try? JSONValue(parsing: Array(line)),
                let question = value["question"]?.stringValue, !question.isEmpty,
                let answer = value["answer"]?.stringValue.flatMap({ AnswerForm($0) })
            else {
                throw .usage(
                    "\(path):\(index + 1): expected a question and its answer",
                    hint: #"such as {"question": "What is 2+2?", "answer": "4"}"#
                )
            }
            questions.append(KnownQuestion(question: question, answer: answer))
        }
        guard (1...questionsMax).contains(questions.count) else {
            throw .usage(
                "\(path): found \(questions.count) questions; expected 1 to \(questionsMax)",
                hint: "a line each"
            )
        }
        return questions
    }

    /// Puts the question to votes, and to the model alone.
    ///
    /// - Parameters:
    ///   - runs: how many votes.
    ///   - options: of HiveControl's `Method.ask`; with a seed, each vote has the next one.
    ///   - call: the swarm.
    /// - Returns: `{"question","expected","votes","right","wrong","none","majorityWrong","agents",`
    ///   `"agentsRight","singles","singlesRight","confidence","elapsedMs","requests",`
    ///   `"wrongAnswers":[…]}`; `confidence` is the votes' mean where they had an answer.
    /// - Throws: what `call` throws.
    package func measure(
        runs: Int,
        _ options: JSONObject,
        call: Call
    ) async throws -> JSONValue {
        var tally = Tally()
        for run in 0..<runs {
            var params = options
            params["mission"] = .string(question)
            params["board"] = false
            if let seed = options["seed"]?.integerValue {
                params["seed"] = .integer((seed &+ Int64(run)) & AskRequest.seedMax)
            }
            tally.take(try await call(Method.ask, .object(params)) { _, _ in }, answer)
        }
        let singles = try await askAlone(Int(tally.agents), options, call)
        return tally.json(self, singles: singles)
    }

    private struct Tally {
        var votes: Int64 = 0
        var right: Int64 = 0
        var wrong: Int64 = 0
        var majorityWrong: Int64 = 0
        var agents: Int64 = 0
        var agentsRight: Int64 = 0
        var confidence = 0.0
        var milliseconds: Int64 = 0
        var requests: Int64 = 0
        var wrongAnswers: Set<String> = []

        mutating func take(_ artifact: JSONValue, _ expected: AnswerForm) {
            let evidence = artifact["evidence"] ?? .null
            votes += 1
            if let answer = artifact["answer"]?.stringValue {
                confidence += artifact["confidence"]?.doubleValue ?? 0
                if AnswerForm(answer) == expected {
                    right += 1
                } else {
                    wrong += 1
                    wrongAnswers.insert(answer)
                }
            }
            let voters = evidence["voters"]?.integerValue ?? 0
            for group in evidence["groups"]?.arrayValue ?? [] {
                let count = group["votes"]?.integerValue ?? 0
                let text = group["answer"]?.stringValue ?? ""
                if AnswerForm(text) == expected {
                    agentsRight += count
                } else if 2 * count > voters {
                    majorityWrong += 1
                    wrongAnswers.insert(text)
                }
            }
            agents += voters
            milliseconds += evidence["timing"]?["elapsedMs"]?.integerValue ?? 0
            requests += evidence["cost"]?["requests"]?.integerValue ?? 0
        }

        func json(
            _ question: KnownQuestion,
            singles: (asked: Int64, right: Int64)
        ) -> JSONValue {
            let answered = right + wrong
            return [
                "question": .string(question.question),
                "expected": .string(question.answer.text),
                "votes": .integer(votes), "right": .integer(right), "wrong": .integer(wrong),
                "none": .integer(votes - answered), "majorityWrong": .integer(majorityWrong),
                "agents": .integer(agents), "agentsRight": .integer(agentsRight),
                "singles": .integer(singles.asked), "singlesRight": .integer(singles.right),
                "confidence": answered == 0 ? .null : .double(confidence / Double(answered)),
                "elapsedMs": .integer(milliseconds), "requests": .integer(requests),
                "wrongAnswers": .array(wrongAnswers.sorted().map { .string($0) }),
            ]
        }
    }

    // MARK: The model alone

    /// One call each, with the same words about the answer's form, and no first one.
    private func askAlone(
        _ count: Int,
        _ options: JSONObject,
        _ call: Call
    ) async throws -> (asked: Int64, right: Int64) {
        let task: JSONValue = [
            "prompt": .string(AskPrompts(question: question, context: []).execute),
            "systemPrompt": .string(AskPrompts.form),
        ]
        var params: JSONObject = ["tasks": .array(Array(repeating: task, count: max(1, count)))]
        for key in ["backend", "concurrency", "timeoutMs", "maxTokens", "dollars"] {
            params[key] = options[key]
        }
        params["model"] = options["models"]?.arrayValue?.first
        let started = try await call(Method.scatter, .object(params)) { _, _ in }
        let outputs = Mutex<[String?]>([])
        let ids: JSONValue = ["ids": .array([started["scatterId"] ?? ""])]
        _ = try await call(Method.gather, ids) { method, params in
            guard method == Method.result else { return }
            outputs.withLock { $0.append(params["result"]?["output"]?.stringValue) }
        }
        let answers = outputs.withLock { $0 }
        let right = answers.count { reply in
            reply.flatMap { AnswerForm(inReply: $0, to: question) } == answer
        }
        return (Int64(answers.count), Int64(right))
    }
}
