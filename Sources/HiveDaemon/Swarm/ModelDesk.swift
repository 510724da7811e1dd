import HiveProcess
import HiveKernel
import HiveLedger
import HiveSignal
import HiveWorkers
import Synchronization

/// Where questions are put to models, with whatever key, price and budget there is.
///
/// One engine carries all HTTP; each backend has one client, made when it is first needed, so that
/// reactions and scatters share its keys, its rests and its pace.
final class ModelDesk: Sendable {
    let purse: Purse
    private let settings: Settings
    private let rules: Rules
    let personas: Personas
    private let prices: PriceTable
    private let secrets: SecretValues
    /// Who answers for the backends that are no models.
    private let workers: Workers
    /// Programs of all scatters share this machine.
    private let turns = WorkerTurns(Workers.scatterRoom)
    private let made = Mutex(Made())

    private struct Made {
        var engine: CurlEngine?
        var clients: [Backend: ModelClient] = [:]
    }

    init(
        settings: Settings,
        rules: Rules,
        personas: Personas,
        prices: PriceTable,
        workers: Workers,
        purse: Purse
    ) {
        self.settings = settings
        self.rules = rules
        self.personas = personas
        self.prices = prices
        self.workers = workers
        self.purse = purse
        secrets = .ofEnvironment(and: settings.secrets.values)
    }

    /// The backend itself, with `direct` settled and all that it needs at hand.
    ///
    /// - Throws: exit code 2 where an address, a key or a command is missing.
    func require(_ backend: Backend) throws(HiveError) -> Backend {
        let backend = settings.direct(backend)
        switch backend {
        case .local: break
        case .exec: try Workers.requireCommand(rules)
        default: _ = try client(of: backend)
        }
        return backend
    }

    /// How many questions of one scatter may be under way at once.
    func concurrency(_ wanted: Int64, _ backend: Backend) -> Int64 {
        backend.isModel ? wanted : min(wanted, Int64(Workers.scatterRoom))
    }

    /// The client of a backend that is a model.
    func client(of backend: Backend) throws(HiveError) -> ModelClient {
        if let client = made.withLock({ $0.clients[backend] }) { return client }
        let api = try settings.api(of: backend)
        let result: Result<ModelClient, HiveError> = made.withLock { made in
            if let client = made.clients[backend] { return .success(client) }
            do throws(WorkerError) {
                let engine: CurlEngine
                if let running = made.engine {
                    engine = running
                } else {
                    engine = try CurlEngine(speaksHTTP2OverTCP: rules.model.speaksHTTP2)
                }
                made.engine = engine
                let keys = settings.secrets.keys(of: backend)
                let client = ModelClient(
                    api: api,
                    backend: backend.rawValue,
                    keys: keys.map { ModelKey(name: $0.name, value: $0.value) },
                    transport: engine,
                    policy: ModelPolicy(
                        concurrencyMax: Settings.workersLimit,
                        retriesMax: Int(rules.model.retries),
                        requestsPerMinute: rules.model.requestsPerMinute.map { Int($0) }
                    )
                )
                made.clients[backend] = client
                return .success(client)
            } catch {
                return .failure(.machine(error.message, hint: error.hint))
            }
        }
        return try result.get()
    }

    // MARK: What is asked of whom

    /// The model for a question, by the strongest who names one: the task, the command line,
    /// `HIVE_MODEL`, the persona, `DEFAULT_WORKER_MODEL`, the backend's usual one.
    func model(
        for question: ScatterQuestion,
        _ given: String?,
        _ backend: Backend
    ) throws(HiveError) -> String {
        if let model = question.model ?? given { return model }
        return try model(of: question.port, backend)
    }

    /// The model of a port's worker.
    func model(of port: Port?, _ backend: Backend) throws(HiveError) -> String {
        let models = settings.models
        let persona = port.flatMap { personas[$0].model }
        let own = backend == .ollama ? models.ollamaModel : nil
        let model = models.model ?? persona ?? own ?? models.workerModel ?? backend.usualModel
        if let model { return model }
        throw .usage(
            "no model is named for the backend \(backend.rawValue)",
            hint: "name one: --model, HIVE_MODEL" + (backend == .ollama ? " or OLLAMA_MODEL" : "")
        )
    }

    func price(of model: String, _ backend: Backend) -> Price? {
        backend.isModel
            ? prices.price(backend: backend.rawValue, model: model)
            : Price(inputPerMillion: 0, outputPerMillion: 0)
    }

    func price(of model: String, _ backend: String) -> Price? {
        Backend(rawValue: backend).flatMap { price(of: model, $0) }
    }

    func promptBytes(of question: ScatterQuestion) -> Int {
        question.prompt.utf8.count + (system(of: question)?.utf8.count ?? 0)
    }

    /// The question's own system prompt, else its port's persona.
    private func system(of question: ScatterQuestion) -> String? {
        question.systemPrompt ?? question.port.map { personas[$0].prompt }
    }

    /// The beginning of the port's persona; nil where the question brings its own prompt.
    private func briefSystem(of question: ScatterQuestion) -> String? {
        guard question.systemPrompt == nil else { return nil }
        return question.port.map {
            personas[$0].prompt.cut(toBytes: ModelPrompt.briefPersonaBytesMax)
        }
    }

    // MARK: Answers

    /// How a scatter's question is accompanied.
    struct Hooks: Sendable {
        var run: ScatterRow
        /// Before each request that is sent, with its number from 1.
        var willSend: @Sendable (Int) async throws(ModelError) -> Void
        /// The answer's text as it comes; nil: it does not stream.
        var onText: (@Sendable (String) -> Void)?
    }

    /// An answer, and what it took.
    struct Answered: Sendable {
        var text: String
        var isFailure = false
        var model: String?
        var usage: TokenUsage?
        var dollars: Double?
        var confidence: Double
        var attempts: Int
        var latencyMilliseconds: Int
    }

    /// Answers a scatter's question.
    func answer(
        _ question: ScatterQuestion,
        model: String,
        _ hooks: Hooks
    ) async throws(ModelError) -> Answered {
        guard let backend = Backend(rawValue: hooks.run.backend) else {
            throw ModelError(.refused, "\(hooks.run.backend) is no backend that hive knows")
        }
        guard backend.isModel else {
            guard await turns.take() else {
                throw ModelError(.cancelled, "the work was cancelled")
            }
            defer { turns.giveBack() }
            return try await workers.answer(question, by: backend, personas, rules, hooks)
        }
        do throws(ModelError) {
            return try await answer(question, system(of: question), model, backend, hooks)
        } catch {
            // A small model reads the beginning of its persona, or none of it.
            guard error.isTooLong, let brief = briefSystem(of: question) else { throw error }
            let sent = error.attempts
            var hooks = hooks
            let willSend = hooks.willSend
            hooks.willSend = { number throws(ModelError) in try await willSend(sent + number) }
            do throws(ModelError) {
                var answered = try await answer(question, brief, model, backend, hooks)
                answered.attempts += sent
                return answered
            } catch {
                var error = error
                error.attempts += sent
                throw error
            }
        }
    }

    private func answer(
        _ question: ScatterQuestion,
        _ system: String?,
        _ model: String,
        _ backend: Backend,
        _ hooks: Hooks
    ) async throws(ModelError) -> Answered {
        let request = ModelRequest(
            model: model,
            system: system,
            prompt: question.prompt,
            temperature: question.port.flatMap { personas[$0].temperature },
            outputTokensMax: Int(hooks.run.outputTokensMax)
        )
        let (reply, outcome) = try await ask(
            request,
            backend,
            timeoutMilliseconds: hooks.run.timeoutMilliseconds,
            claim: Purse.Claim(
                run: hooks.run.number,
                runDollarsMax: hooks.run.dollarsMax,
                model: model
            ),
            willSend: hooks.willSend,
            onText: hooks.onText
        )
        return Answered(
            text: secrets.masked(reply.answer.text),
            model: reply.answer.model ?? model,
            usage: reply.spent.usage,
            dollars: outcome.dollars,
            confidence: outcome.confidence,
            attempts: reply.attempts,
            latencyMilliseconds: reply.latencyMilliseconds
        )
    }

    /// Answers a reaction's assignment, by the backend that the settings choose.
    func react(to assignment: Assignment, rules: Rules) async throws(WorkerError) -> Outcome {
        let backend = settings.direct(settings.backend)
        guard backend.isModel else {
            return try await workers.answer(assignment, by: backend, rules: rules)
        }
        do throws(ModelError) {
            let model: String
            do throws(HiveError) {
                model = try self.model(of: assignment.port, backend)
            } catch {
                throw ModelError(.refused, error.message, hint: error.hint)
            }
            return try await answer(assignment, model, backend)
        } catch {
            if error.kind == .cancelled { throw .cancelled }
            throw WorkerError(message: error.message, hint: error.hint)
        }
    }

    /// A failure that cost something is an outcome, so that its cost is kept.
    private func answer(
        _ assignment: Assignment,
        _ model: String,
        _ backend: Backend
    ) async throws(ModelError) -> Outcome {
        do throws(ModelError) {
            do throws(ModelError) {
                return try await answer(ModelPrompt(for: assignment), assignment, model, backend)
            } catch {
                // A small model reads the brief form, or none.
                guard error.isTooLong else { throw error }
                let brief = ModelPrompt(briefFor: assignment)
                return try await answer(brief, assignment, model, backend)
            }
        } catch {
            guard error.kind == .failed, !error.wasted.isEmpty else { throw error }
            return ModelOutcome.failure(error, model: model, price: price(of: model, backend))
        }
    }

    private func answer(
        _ prompt: ModelPrompt,
        _ assignment: Assignment,
        _ model: String,
        _ backend: Backend
    ) async throws(ModelError) -> Outcome {
        try await ask(
            prompt.request(
                model: model,
                temperature: assignment.persona.temperature,
                outputTokensMax: Int(rules.model.outputTokens)
            ),
            backend,
            timeoutMilliseconds: settings.models.timeoutMilliseconds,
            claim: Purse.Claim(model: model)
        ).outcome
    }

    /// Puts one question, once the purse lets it through, and pays for it.
    private func ask(
        _ request: ModelRequest,
        _ backend: Backend,
        timeoutMilliseconds: Int64,
        claim: Purse.Claim,
        willSend: @escaping @Sendable (Int) async throws(ModelError) -> Void = { _ in },
        onText: (@Sendable (String) -> Void)? = nil
    ) async throws(ModelError) -> (reply: ModelReply, outcome: Outcome) {
        let client: ModelClient
        do throws(HiveError) {
            client = try self.client(of: backend)
        } catch {
            throw ModelError(.refused, error.message, hint: error.hint)
        }
        let price = price(of: request.model, backend)
        var claim = claim
        claim.dollarsMax = price?.dollarsMax(
            promptBytes: request.prompt.utf8.count + (request.system?.utf8.count ?? 0),
            outputTokensMax: request.outputTokensMax
        )
        let limits = HTTPLimits(
            connectMilliseconds: Int(min(rules.model.connectMilliseconds, timeoutMilliseconds)),
            firstByteMilliseconds: rules.model.firstByteMilliseconds.map { Int($0) },
            totalMilliseconds: Int(timeoutMilliseconds),
            responseBytes: Int(rules.model.answerKibibytes << 10)
        )
        let call = ModelCall(
            request: request,
            limits: limits,
            willSend: willSend,
            onText: masking(onText)
        )
        try await purse.reserve(claim)
        do throws(ModelError) {
            let reply = try await SecretValues.$ofTheWork.withValue(secrets) {
                () async -> Result<ModelReply, ModelError> in
                do throws(ModelError) { return .success(try await client.answer(call)) } catch {
                    return .failure(error)
                }
            }.get()
            let outcome = ModelOutcome.outcome(of: reply, model: request.model, price: price)
            await purse.settle(claim, dollars: outcome.dollars)
            return (reply, secrets.masked(outcome))
        } catch {
            // What was answered may have cost, though nobody can use it.
            await purse.settle(claim, dollars: error.wasted.dollars(at: price))
            throw masked(error)
        }
    }

    private func masked(_ error: ModelError) -> ModelError {
        var error = error
        error.message = secrets.masked(error.message)
        return error
    }

    /// Pieces of text are for a person's eyes; a key cut in two by them is masked in the answer.
    private func masking(
        _ onText: (@Sendable (String) -> Void)?
    ) -> (@Sendable (String) -> Void)? {
        guard let onText else { return nil }
        let secrets = secrets
        return { onText(secrets.masked($0)) }
    }
}

// MARK: - Backends

extension Backend {
    /// The model where nobody names one; nil: it must be named.
    var usualModel: String? {
        switch self {
        case .openai: "gpt-4o-mini"
        case .openrouter: "openai/gpt-4o-mini"
        case .anthropic: "claude-haiku-4-5"
        case .copilotAPI: "gpt-4o"
        case .local, .exec: rawValue
        case .ollama, .direct: nil
        }
    }
}

extension Settings {
    /// `direct` is OpenAI or Anthropic, by the key that is there.
    func direct(_ backend: Backend) -> Backend {
        guard backend == .direct else { return backend }
        return secrets.keys(of: .openai).isEmpty && !secrets.keys(of: .anthropic).isEmpty
            ? .anthropic : .openai
    }

    /// How a backend is spoken to, and where it is.
    ///
    /// - Throws: exit code 2 for an address that is none, or a key that is missing.
    func api(of backend: Backend) throws(HiveError) -> any ModelAPI {
        let given = models.address(of: backend)
        guard given != nil || backend.keyNames.isEmpty || !secrets.keys(of: backend).isEmpty else {
            throw .usage(
                "the backend \(backend.rawValue) has no \(backend.keyNames[0])",
                hint: "put \(backend.keyNames[0])=… into .env and chmod 600 .env, or choose another"
            )
        }
        let kind: ModelAPIKind =
            switch backend {
            case .openrouter: .openrouter
            case .ollama: .ollama
            case .anthropic: .anthropic
            case .copilotAPI: .copilotAPI
            case .openai, .direct, .local, .exec: .openai
            }
        do throws(WorkerError) {
            return try ModelAPIs.make(kind, baseURL: given?.value)
        } catch {
            throw .usage("\(given?.name ?? backend.rawValue): \(error.message)", hint: error.hint)
        }
    }
}
