import Synchronization

/// Where the calls of a client meet: one lock over the line, its bells and the counts.
///
/// A call that has to wait hangs up a bell and looks again when it rings. Bells carry no news:
/// what was decided stays at the desk until its call fetches it, so no ring is lost and none does
/// harm.
final class ModelDesk: Sendable {
    private struct State {
        var admission: Admission
        var bells: [Int: CheckedContinuation<Void, Never>] = [:]
        /// Bells that were to ring before they hung.
        var rung: Set<Int> = []
        var retries: [ModelRetryReason: Int] = [:]
        var random: any RandomNumberGenerator & Sendable
    }

    private let state: Mutex<State>
    private let clock: ModelClock

    init(
        _ admission: Admission,
        clock: ModelClock,
        random: any RandomNumberGenerator & Sendable
    ) {
        state = Mutex(State(admission: admission, random: random))
        self.clock = clock
    }

    /// Changes what the line depends on, and calls up those whose turn it is then.
    func change<Value: Sendable>(
        _ body: (inout Admission, _ now: Int) -> Value
    ) -> Value {
        let now = clock.now()
        let (value, bells) = state.withLock { state in
            let value = body(&state.admission, now)
            let called = state.admission.advance(at: now)
            return (value, called.compactMap { ticket in Self.take(ticket, &state) })
        }
        for bell in bells { bell.resume() }
        return value
    }

    /// Looks and changes nothing.
    func read<Value: Sendable>(_ body: (borrowing Admission, _ now: Int) -> Value) -> Value {
        let now = clock.now()
        return state.withLock { body($0.admission, now) }
    }

    func noteRetry(_ reason: ModelRetryReason) {
        state.withLock { $0.retries[reason, default: 0] += 1 }
    }

    var retries: [ModelRetryReason: Int] { state.withLock { $0.retries } }

    /// Draws from the client's randomness.
    func draw<Value: Sendable>(
        _ body: (inout any RandomNumberGenerator & Sendable) -> Value
    ) -> Value {
        state.withLock { body(&$0.random) }
    }

    private static func take(
        _ ticket: Int,
        _ state: inout State
    ) -> CheckedContinuation<Void, Never>? {
        if let bell = state.bells.removeValue(forKey: ticket) { return bell }
        state.rung.insert(ticket)
        return nil
    }
}

// MARK: - Waiting

extension ModelDesk {
    /// Waits in the line until something is decided.
    ///
    /// - Returns: The decision; nil where the task was cancelled, and the call is out of the line.
    func decision(on ticket: Int) async -> Admission.Decision? {
        change { admission, _ in admission.enter(ticket) }
        while true {
            switch look(ticket) {
            case .decided(let decision): return decision
            case .wait(let until):
                await wait(ticket, until: until)
                guard !Task.isCancelled else {
                    change { admission, now in admission.leave(ticket, at: now) }
                    _ = state.withLock { $0.rung.remove(ticket) }
                    return nil
                }
            }
        }
    }

    private func look(_ ticket: Int) -> Admission.Word {
        change { _, _ in }
        return state.withLock { state in
            state.rung.remove(ticket)
            return state.admission.word(for: ticket)
        }
    }

    /// Waits for the bell; the head of the line keeps the time for all.
    private func wait(_ ticket: Int, until: Int?) async {
        guard let until else { return await bell(ticket) }
        let milliseconds = max(0, until - clock.now())
        // Whichever ends first ends the other: the bell, or the time.
        await withTaskGroup { tasks in
            tasks.addTask { await self.bell(ticket) }
            tasks.addTask {
                // Cut short by the bell it throws, and has done its work.
                try? await self.clock.wait(milliseconds)
            }
            await tasks.next()
            tasks.cancelAll()
        }
    }

    private func bell(_ ticket: Int) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { bell in
                let hasRung = state.withLock { state in
                    if state.rung.remove(ticket) != nil { return true }
                    state.bells[ticket] = bell
                    return false
                }
                if hasRung { bell.resume() }
            }
        } onCancel: {
            ring(ticket)
        }
    }

    private func ring(_ ticket: Int) {
        let bell = state.withLock { Self.take(ticket, &$0) }
        bell?.resume()
    }
}
