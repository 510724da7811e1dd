import HiveKernel
import HiveSignal

// Who is asked what
//
// Every agent answers the mission and its probes, each in two calls: react (it works the question
// out) and execute (it answers, with what it said first as data). Where one call is asked for, it
// is execute. What is asked so is a chain. Chains are mixed at random, and their tasks' names are
// numbers: neither the order nor the name tells an agent which of its chains is the mission, and
// which are probes.

/// The agents of an ask and their chains: from the request alone, so that a seed repeats it.
struct AskPlan: Sendable {
    struct Agent: Sendable, Hashable {
        /// `agent-01`.
        var name: String
        var port: Port
        /// True: it was told to lie, and has no vote.
        var isDisruptor: Bool
        /// Nil: its port's.
        var model: String?
    }

    /// Two calls, the second with what the first gave; or one.
    struct Chain: Sendable {
        /// The agent's place.
        var agent: Int
        /// Nil: the mission.
        var probe: Probe?
        /// The first task's name; nil: there is none.
        var react: String?
        /// The task that answers.
        var execute: String
    }

    var agents: [Agent]
    /// In the order in which they are asked.
    var chains: [Chain]

    /// Ports by phase pairs, so that a small swarm is spread over all phases, too.
    private static let ports: [UInt8] = [0, 7, 1, 6, 2, 5, 3, 4]
    /// The adversary's.
    static let disruptorPort = Port.all[4]

    init(_ request: AskRequest) {
        var random = SplitMix64(seed: request.seed)
        var places = Array(0..<request.swarm)
        random.shuffle(&places)
        let disruptors = Set(places.prefix(request.disruptors))
        let width = String(request.swarm).count
        agents = (0..<request.swarm).map { place in
            let isDisruptor = disruptors.contains(place)
            let number = String(place + 1)
            let port = Port.all[Int(Self.ports[place % Self.ports.count])]
            let models = request.models
            return Agent(
                name: "agent-" + String(repeating: "0", count: width - number.count) + number,
                port: isDisruptor ? Self.disruptorPort : port,
                isDisruptor: isDisruptor,
                model: models.isEmpty ? nil : models[place % models.count]
            )
        }
        var asked: [(agent: Int, probe: Probe?)] = []
        for place in 0..<request.swarm {
            asked.append((place, nil))
            asked += Probe.statements(request.probes, &random).map { (place, $0) }
        }
        random.shuffle(&asked)
        chains = asked.enumerated().map { number, one in
            let name = "\(request.identifier)-\(number + 1)"
            return Chain(
                agent: one.agent,
                probe: one.probe,
                react: request.calls > 1 ? name + "a" : nil,
                execute: name + "b"
            )
        }
    }

    /// The tasks of all chains, one's second behind its first.
    func questions(_ request: AskRequest, _ personas: Personas) -> [ScatterQuestion] {
        chains.flatMap { chain in
            let agent = agents[chain.agent]
            let prompts = AskPrompts(
                question: chain.probe?.question ?? request.mission,
                context: request.context
            )
            var execute = ScatterQuestion(prompt: prompts.execute)
            execute.name = chain.execute
            execute.systemPrompt = AskPrompts.system(agent, personas)
            execute.port = agent.port
            execute.phase = .hunt
            execute.model = agent.model
            guard let name = chain.react else { return [execute] }
            var react = execute
            react.name = name
            react.prompt = prompts.react
            execute.follow = ScatterQuestion.Follow(task: name, label: "First answer")
            return [react, execute]
        }
    }
}
