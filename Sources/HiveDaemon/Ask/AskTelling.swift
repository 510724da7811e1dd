import HiveControl
import HiveKernel
import HiveLedger
import HiveSignal

/// What those who wait for an ask are told as its tasks end.
struct AskTelling {
    private let request: AskRequest
    private let plan: AskPlan
    private let notify: Swarm.Notify
    /// The agent and the step that a task of the mission is.
    private var steps: [String: (agent: Int, isLast: Bool)] = [:]
    private var votes: [Vote] = []
    private var told: Set<String> = []
    private let voters: Int

    /// Of what an agent says, so much is told.
    private static let textBytesMax = 512

    init(_ request: AskRequest, _ plan: AskPlan, _ notify: @escaping Swarm.Notify) {
        self.request = request
        self.plan = plan
        self.notify = notify
        voters = plan.agents.count { !$0.isDisruptor }
        for chain in plan.chains where chain.probe == nil {
            if let react = chain.react { steps[react] = (chain.agent, false) }
            steps[chain.execute] = (chain.agent, true)
        }
    }

    /// Every agent sees the question and what the board has on it.
    func begin() async throws {
        for agent in plan.agents {
            let count = request.context.count
            let text = count == 0 ? nil : "\(count) signal\(count == 1 ? "" : "s") of the board"
            try await tell(agent, "perceive", isDone: true, text)
        }
        try await tally()
    }

    /// Tells of a task that has ended, once.
    mutating func take(_ row: ScatterTaskRow) async throws {
        guard !row.state.isOpen, told.insert(row.name).inserted else { return }
        guard let step = steps[row.name] else {
            if told.count % Self.tallyEvery == 0 { try await tally() }
            return
        }
        let agent = plan.agents[step.agent]
        let isDone = row.state == .completed
        let text = isDone ? row.output : row.error
        try await tell(agent, step.isLast ? "execute" : "react", isDone: isDone, text)
        guard step.isLast else { return }
        let answer = AskCount.answer(row, to: request.mission)
        try await tell(agent, "yield", isDone: answer != nil, answer?.text)
        if !agent.isDisruptor {
            let weight = Reliability.unknownThousandths
            votes.append(
                Vote(voter: agent.name, answer: answer, model: row.model, weight: weight)
            )
        }
        try await tally()
    }

    /// Probes are told of by the dozen.
    private static let tallyEvery = 12

    private func tell(
        _ agent: AskPlan.Agent,
        _ step: String,
        isDone: Bool,
        _ text: String?
    ) async throws {
        try await notify(
            Method.askStep,
            [
                "askId": .string(request.identifier),
                "agent": .string(agent.name),
                "port": .integer(Int64(agent.port.rawValue)),
                "role": .string(agent.isDisruptor ? "disruptor" : "voter"),
                "step": .string(step),
                "status": .string(isDone ? "done" : "failed"),
                "text": .optional(text?.cut(toBytes: Self.textBytesMax)),
            ]
        )
    }

    func tally() async throws {
        try await notify(
            Method.askTally,
            [
                "askId": .string(request.identifier),
                "voters": .integer(Int64(voters)),
                "needed": .integer(Int64(Quorum.needed(of: voters))),
                "yielded": .integer(Int64(votes.count)),
                "groups": .array(Quorum.decide(votes).groups.map { AskCount.json($0) }),
                "ended": .integer(Int64(told.count)),
                "steps": .integer(Int64(request.calls * plan.chains.count)),
            ]
        )
    }
}
