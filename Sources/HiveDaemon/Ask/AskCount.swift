import HiveKernel
import HiveLedger
import HiveSignal

/// An ask's answers, counted: the votes, what the probes say, and the artifact.
///
/// It depends on the request and the tasks' rows alone: a record gives the same bytes again.
struct AskCount: Sendable {
    let request: AskRequest
    let plan: AskPlan
    /// What each agent said to the mission.
    let yields: [Yield]
    /// The vote.
    let decision: QuorumDecision
    /// The same with the disruptors' answers counted in.
    let stressed: QuorumDecision
    private let rows: [String: ScatterTaskRow]

    /// An agent's answer to the mission.
    struct Yield: Sendable {
        var agent: AskPlan.Agent
        /// The model that was asked; what a server calls itself is hearsay.
        var model: String
        var plan: ScatterTaskRow?
        var execution: ScatterTaskRow?
        /// Nil: it failed or said nothing.
        var answer: AnswerForm?
        var reliability: Reliability
    }

    /// Counts tasks of the ask, in any order; those that are missing count as failed.
    init(_ request: AskRequest, _ plan: AskPlan, _ rows: some Sequence<ScatterTaskRow>) {
        self.request = request
        self.plan = plan
        var byName: [String: ScatterTaskRow] = [:]
        for row in rows { byName[row.name] = row }
        self.rows = byName
        var measured = [Reliability](repeating: Reliability(), count: plan.agents.count)
        var yields: [Yield] = []
        for chain in plan.chains {
            let execution = byName[chain.execute]
            guard let probe = chain.probe else {
                yields.append(
                    Yield(
                        agent: plan.agents[chain.agent],
                        model: execution?.model ?? plan.agents[chain.agent].model ?? "",
                        plan: chain.react.flatMap { byName[$0] },
                        execution: execution,
                        answer: Self.answer(execution, to: request.mission),
                        reliability: Reliability()
                    )
                )
                continue
            }
            // A probe that got no answer measures the network.
            guard execution?.state == .completed else { continue }
            measured[chain.agent].note(
                isRight: probe.isRight,
                answer: Self.answer(execution, to: probe.question)
            )
        }
        for index in yields.indices {
            let agent = yields[index].agent
            if let place = plan.agents.firstIndex(of: agent) {
                yields[index].reliability = measured[place]
            }
        }
        self.yields = yields.sorted { $0.agent.name < $1.agent.name }
        decision = Quorum.decide(self.yields.filter { !$0.agent.isDisruptor }.map(\.vote))
        stressed = Quorum.decide(self.yields.map(\.vote))
    }

    /// What a row of a second step answers; nil: nothing.
    static func answer(_ row: ScatterTaskRow?, to question: String) -> AnswerForm? {
        guard let row, row.state == .completed else { return nil }
        return row.output.flatMap { AnswerForm(inReply: $0, to: question) }
    }

    static func json(_ group: QuorumDecision.Group) -> JSONValue {
        [
            "answer": .string(group.text), "votes": .integer(Int64(group.votes)),
            "weight": thousandths(group.weight),
            "agents": .array(group.voters.map { .string($0) }),
        ]
    }

    // MARK: The artifact

    /// SPEC §10's artifact.
    var artifact: JSONValue {
        [
            "mission": .string(request.mission),
            "answer": .optional(decision.consensus?.text),
            "confidence": Self.thousandths(decision.confidenceThousandths),
            "status": .string(decision.isMet ? "complete" : "failed"),
            "evidence": .object(evidence),
        ]
    }

    private var evidence: JSONObject {
        let disruptors = yields.filter(\.agent.isDisruptor)
        var models: [String: Int64] = [:]
        for yield in yields { models[yield.model, default: 0] += 1 }
        var counted: JSONObject = [:]
        for model in models.keys.sorted() { counted[model] = .integer(models[model] ?? 0) }
        var evidence: JSONObject = [
            "swarmSize": .integer(Int64(yields.count)),
            "disruptorsInjected": .integer(Int64(disruptors.count)),
            "disruptorsDetected": .integer(Int64(disruptors.count(where: isNamed))),
            "quorumMet": .bool(decision.isMet),
            "votes": .array(yields.map(vote)),
            "models": .object(counted),
            "voters": .integer(Int64(decision.voters)),
            "needed": .integer(Int64(decision.needed)),
            "tolerated": .integer(Int64(decision.tolerated)),
            "groups": .array(decision.groups.map(Self.json)),
            "dissenters": .array(decision.dissenters.map { .string($0) }),
            "abstained": .array(decision.abstainers.map { .string($0) }),
            "withDisruptors": [
                "quorumMet": .bool(stressed.isMet), "answer": .optional(stressed.consensus?.text),
            ],
            "probes": probes,
        ]
        evidence["seed"] = .integer(Int64(request.seed))
        evidence["backend"] = .string(request.backend.rawValue)
        evidence["cost"] = cost
        evidence["timing"] = timing
        evidence["askId"] = .string(request.identifier)
        evidence["traceId"] = .string(request.trace.hex)
        evidence["question"] = .optional(request.question)
        return evidence
    }

    /// True: it gave another answer than the one agreed on, or failed most of its probes.
    func isNamed(_ yield: Yield) -> Bool {
        if yield.reliability.failsMost { return true }
        guard let consensus = decision.consensus, let answer = yield.answer else { return false }
        return answer != consensus.answer
    }

    /// Of what an agent said, so much is evidence.
    private static let workingBytesMax = 1_024

    /// One of the artifact's votes.
    func vote(_ yield: Yield) -> JSONValue {
        var agrees: JSONValue = .null
        if let consensus = decision.consensus, let answer = yield.answer {
            agrees = .bool(answer == consensus.answer)
        }
        let rows = [yield.plan, yield.execution].compactMap(\.self)
        let dollars = rows.compactMap(\.dollars)
        return [
            "agent": .string(yield.agent.name),
            "role": .string(yield.agent.isDisruptor ? "disruptor" : "voter"),
            "port": .integer(Int64(yield.agent.port.rawValue)),
            "model": .string(yield.model),
            "answer": .optional(yield.answer?.text.cut(toBytes: Self.workingBytesMax)),
            "agrees": agrees,
            "named": .bool(isNamed(yield)),
            "reliability": Self.json(yield.reliability),
            "plan": .optional(yield.plan?.output?.cut(toBytes: Self.workingBytesMax)),
            "working": .optional(yield.execution?.output?.cut(toBytes: Self.workingBytesMax)),
            "error": .optional(yield.execution?.error ?? yield.plan?.error),
            "latencyMs": .integer(rows.reduce(0) { $0 + ($1.latencyMilliseconds ?? 0) }),
            "dollars": dollars.isEmpty ? .null : .double(dollars.reduce(0, +)),
        ]
    }

    private static func json(_ reliability: Reliability) -> JSONValue {
        [
            "weight": thousandths(reliability.thousandths),
            "probes": .integer(Int64(reliability.asked)),
            "failed": .integer(Int64(reliability.failed)),
            "falseAcceptRate": reliability.falseAcceptThousandths.map(thousandths) ?? .null,
            "falseRejectRate": reliability.falseRejectThousandths.map(thousandths) ?? .null,
        ]
    }

    /// All voters' probes together; disruptors lie on theirs.
    private var probes: JSONValue {
        var all = Reliability()
        for yield in yields where !yield.agent.isDisruptor { all.add(yield.reliability) }
        return Self.json(all)
    }

    private static func thousandths(_ value: Int) -> JSONValue { .double(Double(value) / 1_000) }

    private var cost: JSONValue {
        let names = plan.chains.flatMap { [$0.react, $0.execute].compactMap(\.self) }
        let rows = names.compactMap { self.rows[$0] }
        return [
            "requests": .integer(rows.reduce(0) { $0 + $1.attempts }),
            "inputTokens": .integer(rows.reduce(0) { $0 + ($1.inputTokens ?? 0) }),
            "outputTokens": .integer(rows.reduce(0) { $0 + ($1.outputTokens ?? 0) }),
            "estimatedCost": .double(rows.reduce(0) { $0 + ($1.dollars ?? 0) }),
        ]
    }

    private var timing: JSONValue {
        let ends = rows.values.compactMap(\.finishedMilliseconds)
        let end = ends.max() ?? request.startedMilliseconds
        return [
            "startMs": .integer(request.startedMilliseconds),
            "endMs": .integer(end),
            "elapsedMs": .integer(max(0, end - request.startedMilliseconds)),
        ]
    }
}

extension AskCount.Yield {
    var vote: Vote {
        Vote(
            voter: agent.name,
            answer: answer,
            model: model,
            weight: reliability.thousandths
        )
    }
}
