import HiveKernel
import HiveSignal

/// An ask on the board (specs/decisions/0018-what-a-vote-is-worth.md).
///
/// The question is an H signal of port 7 in a trace of its own, with mark 0: it claims nothing, so
/// no rule book that wants a mark at all has others react to it. Answers and artifact are metrics:
/// they measure, ask nobody, and count neither as steps of a cycle nor as evidence.
struct AskSignals {
    let request: AskRequest
    let standing: AskBoard.Standing
    let now: Timestamp

    static func questionIdentifier(_ request: AskRequest) -> String { "ask-\(request.digits)" }
    static func artifactIdentifier(_ request: AskRequest) -> String {
        questionIdentifier(request) + "-artifact"
    }

    private struct Draft {
        var identifier: String
        var parent: String?
        var agent: String
        var port: Port
        var type: SignalType
        var mark: Double
        var message: String
        var result: JSONValue?
    }

    private static let spider = Port.all[7]

    /// - Returns: a line without its LF, here and below.
    func question() -> [UInt8] {
        line(
            Draft(
                identifier: Self.questionIdentifier(request),
                agent: "hive-ask",
                port: Self.spider,
                type: .signal,
                mark: 0,
                message: request.mission
            )
        )
    }

    /// One line an agent, then the artifact.
    func answers(_ count: AskCount) -> [[UInt8]] {
        count.yields.map { yield($0, count) } + [artifact(count)]
    }

    private func yield(_ yield: AskCount.Yield, _ count: AskCount) -> [UInt8] {
        let isLie = yield.agent.isDisruptor
        let said = yield.answer?.text ?? "(no answer)"
        return line(
            Draft(
                identifier: Self.questionIdentifier(request) + "-" + yield.agent.name,
                parent: request.question,
                agent: yield.agent.name,
                port: yield.agent.port,
                type: .metric,
                // What was told to lie is worth nothing, whatever its probes say.
                mark: isLie || yield.answer == nil
                    ? 0 : min(Outcome.confidenceMax, Double(yield.vote.weight) / 1_000),
                message: isLie ? "(told to lie) \(said)" : said,
                result: count.vote(yield)
            )
        )
    }

    private func artifact(_ count: AskCount) -> [UInt8] {
        let decision = count.decision
        let voters = decision.voters
        var message = "no quorum: \(decision.needed) of \(voters) must agree"
        if let consensus = decision.consensus {
            message = "\(consensus.votes) of \(voters) say: \(consensus.text)"
        } else if let first = decision.groups.first {
            message += "; \(first.votes) say: \(first.text)"
        }
        return line(
            Draft(
                identifier: Self.artifactIdentifier(request),
                parent: request.question,
                agent: "hive-ask",
                port: Self.spider,
                type: .metric,
                mark: Double(decision.confidenceThousandths) / 1_000,
                message: message,
                result: count.artifact
            )
        )
    }

    private func line(_ draft: Draft) -> [UInt8] {
        let span = GenerationTrace.span(of: draft.identifier)
        let traceparent = Traceparent(trace: request.trace, parent: span, flags: 1)?.text ?? ""
        var signal: JSONObject = [
            "ts": .string(now.rfc3339),
            "mark": .double(draft.mark),
            "pull": .string(Pull.lateral.word),
            "msg": .string(draft.message.cut(toBytes: Outcome.messageBytesMax)),
            "type": .string(draft.type.word),
            "hive": .string(Phase.hunt.letter),
            "gen": .integer(standing.generation),
            "port": .integer(Int64(draft.port.rawValue)),
            "id": .string(draft.identifier),
        ]
        signal["parent"] = draft.parent.map { .string($0) }
        signal["agent"] = .string(draft.agent)
        signal["traceparent"] = .string(traceparent)
        if let result = draft.result {
            let isShort = result.text.utf8.count <= Outcome.detailsBytesMax
            signal["result"] =
                isShort ? result : ["omitted": "over \(Outcome.detailsBytesMax) bytes"]
        }
        if standing.asEnvelope {
            signal = SignalEnvelope(
                identifier: draft.identifier,
                source: "/hive/ask",
                type: "hive.ask",
                traceparent: traceparent
            ).around(signal, now: now)
        }
        var writer = JSONWriter()
        writer.value(.object(signal))
        return writer.bytes
    }
}
