import HiveKernel
import HiveProcess
package import HiveSignal
import HiveWorkers

/// What many answers are put together to.
package enum Aggregation {
    package enum Kind: String, Sendable, CaseIterable {
        /// All answers, one after the other.
        case concat
        /// The answer that more than two thirds gave, by hive's own vote; else none.
        case vote
        /// The answer that is surest of itself; of two the one that came first.
        case best
        /// What a program makes of them.
        case custom
    }

    /// How long a program of the user's may take.
    private static let commandSecondsMax = 600.0
    private static let commandBytesMax = 16 << 20

    /// - Parameters:
    ///   - results: as HiveControl's `Method.result` has them; only completed ones count.
    ///   - kind: how.
    ///   - command: for `custom`: a program and its arguments. It reads every result as a line of
    ///     JSON on its standard input, and what it prints is the output.
    ///   - settings: where it runs.
    /// - Returns: `{"kind","output","of"}`, with `"votes"`, `"needed"` and `"confidence"` for a
    ///   vote and `"taskId"` for the best. A vote counts tasks that failed in `"of"`, for nobody.
    /// - Throws: exit code 3 for a program that fails.
    package static func of(
        _ results: [JSONValue],
        _ kind: Kind,
        _ command: [String],
        in settings: Settings
    ) async throws(HiveError) -> JSONValue {
        let answers = results.filter { $0["status"]?.stringValue == "completed" }
        var made: JSONObject = [
            "kind": .string(kind.rawValue), "output": .null,
            "of": .integer(Int64(answers.count)),
        ]
        switch kind {
        case .concat:
            made["output"] = .string(answers.compactMap(text).joined(separator: "\n\n"))
        case .vote:
            let decision = Quorum.decide(results.enumerated().map(vote))
            made["of"] = .integer(Int64(decision.voters))
            made["output"] = .optional(decision.consensus?.text)
            made["votes"] = .integer(Int64(decision.groups.first?.votes ?? 0))
            made["needed"] = .integer(Int64(decision.needed))
            made["confidence"] = .double(Double(decision.confidenceThousandths) / 1_000)
        case .best:
            let surest = answers.enumerated().max { left, right in
                let (a, b) = (confidence(left.element), confidence(right.element))
                return a == b ? left.offset > right.offset : a < b
            }
            guard let surest = surest?.element else { break }
            made["output"] = surest["output"]
            made["taskId"] = surest["taskId"]
        case .custom: made["output"] = .string(try await run(command, results, settings))
        }
        return .object(made)
    }

    private static func text(_ result: JSONValue) -> String? { result["output"]?.stringValue }

    private static func confidence(_ result: JSONValue) -> Double {
        result["confidence"]?.doubleValue ?? 0
    }

    /// A task's vote: nobody knows how reliable it is, and what did not complete abstains.
    private static func vote(_ index: Int, _ result: JSONValue) -> Vote {
        let isCompleted = result["status"]?.stringValue == "completed"
        return Vote(
            voter: result["taskId"]?.stringValue ?? "\(index)",
            answer: isCompleted ? text(result).flatMap { AnswerForm(inReply: $0) } : nil,
            model: result["model"]?.stringValue ?? "",
            weight: Reliability.unknownThousandths
        )
    }

    private static func run(
        _ command: [String],
        _ results: [JSONValue],
        _ settings: Settings
    ) async throws(HiveError) -> String {
        let program = command.first ?? ""
        let limits = Command.Limits(seconds: commandSecondsMax, outputBytes: commandBytesMax)
        let input = results.map { "\($0.text)\n" }.joined()
        let result: CommandResult
        do throws(WorkerError) {
            result = try await CommandRunner.run(
                Command(
                    words: command,
                    folder: settings.workingFolder,
                    input: Array(input.utf8),
                    limits: limits
                )
            )
        } catch {
            throw .machine(error.message, hint: error.hint)
        }
        guard case .exited(0) = result.ending, !result.isOutputCut else {
            throw .machine(
                "\(program) \(ending(of: result))",
                hint: "run it by hand on the results: hive gather ID --json"
            )
        }
        return String(decoding: result.output, as: UTF8.self).withoutOuterBlanks
    }

    private static func ending(of result: CommandResult) -> String {
        if result.isOutputCut { return "printed more than \(commandBytesMax >> 20) MiB" }
        return switch result.ending {
        case .exited(let code): "ended with exit code \(code)"
        case .signalled(let signal): "was ended by signal \(signal)"
        case .timedOut: "was ended: it took longer than \(Int(commandSecondsMax)) s"
        }
    }
}

extension String {
    /// Without white space at its ends.
    fileprivate var withoutOuterBlanks: String {
        guard let first = firstIndex(where: { !$0.isWhitespace }),
            let last = lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(self[first...last])
    }
}
