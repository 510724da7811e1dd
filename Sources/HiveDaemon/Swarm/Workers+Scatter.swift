import HiveProcess
import HiveKernel
import HiveLedger
import HiveSignal
import HiveWorkers

extension Workers {
    /// Answers a scatter's question by a program or the built-in tools.
    ///
    /// They read assignments, so the question is put as one: its prompt is the message of a signal
    /// that stands on no board.
    func answer(
        _ question: ScatterQuestion,
        by backend: Backend,
        _ personas: Personas,
        _ rules: Rules,
        _ hooks: ModelDesk.Hooks
    ) async throws(ModelError) -> ModelDesk.Answered {
        let port = question.port ?? Port.all[0]
        var persona = personas[port]
        if let system = question.systemPrompt { persona.prompt = system }
        if let agent = question.agent { persona.name = agent }
        if !question.tools.isEmpty { persona.tools = question.tools }
        let phase = question.phase ?? port.phase
        let name = question.name ?? hooks.run.identifier
        var assignment = Assignment(
            task: TaskName(signal: SignalPlace(generation: 0, offset: 0), port: port),
            phase: phase,
            depth: 0,
            trace: GenerationTrace.of(name),
            signal: AssignedSignal(
                reference: name,
                sequence: 0,
                timestamp: SystemClock.now(),
                phase: phase,
                port: port,
                type: .signal,
                pull: .lateral,
                mark: 1,
                message: question.prompt,
                agent: question.agent
            ),
            causes: [],
            persona: persona,
            recalled: [],
            state: AssignedState(
                generation: 0,
                mode: rules.mode.rawValue,
                cycle: 0,
                reached: [],
                accepted: 0,
                quarantined: 0,
                unseen: 0,
                openTasks: 0,
                moves: []
            )
        )
        assignment.scatterTask = name
        try await hooks.willSend(1)
        let start = SystemClock.monotonicSeconds()
        do throws(WorkerError) {
            let outcome = try await answer(assignment, by: backend, rules: rules)
            return ModelDesk.Answered(
                text: outcome.message,
                // A tool that found no repository has looked at nothing, and says why.
                isFailure: outcome.isFailure || outcome.details["repository"] != nil,
                dollars: outcome.dollars,
                confidence: outcome.confidence,
                attempts: 1,
                latencyMilliseconds: Int((SystemClock.monotonicSeconds() - start) * 1_000)
            )
        } catch {
            if error == .cancelled { throw ModelError(.cancelled, error.message, attempts: 1) }
            throw ModelError(.failed, error.message, hint: error.hint, attempts: 1)
        }
    }
}
