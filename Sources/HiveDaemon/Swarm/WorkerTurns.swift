import Synchronization

/// Turns for programs that load this machine: so many at once, in the order they asked.
final class WorkerTurns: Sendable {
    private struct State {
        var free: Int
        var next = 0
        /// Who waits, by ticket: the lowest is first.
        var waiting: [(ticket: Int, bell: CheckedContinuation<Bool, Never>)] = []
    }

    private let state: Mutex<State>

    /// - Parameter count: how many at once.
    init(_ count: Int) { state = Mutex(State(free: count)) }

    /// Waits for a turn; `giveBack` must follow.
    ///
    /// - Returns: False where the task was cancelled: it has none.
    func take() async -> Bool {
        let ticket = state.withLock { state in
            state.next += 1
            return state.next
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { bell in
                let answer: Bool? = state.withLock { state in
                    // Under the lock: a cancellation from now on finds the bell.
                    if Task.isCancelled { return false }
                    guard state.free > 0 else {
                        state.waiting.append((ticket, bell))
                        return nil
                    }
                    state.free -= 1
                    return true
                }
                if let answer { bell.resume(returning: answer) }
            }
        } onCancel: {
            let bell = state.withLock { state in
                state.waiting.firstIndex { $0.ticket == ticket }
                    .map { state.waiting.remove(at: $0).bell }
            }
            bell?.resume(returning: false)
        }
    }

    /// Ends a turn: the next who waits has it.
    func giveBack() {
        let bell = state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.free += 1
                return nil as CheckedContinuation<Bool, Never>?
            }
            return state.waiting.removeFirst().bell
        }
        bell?.resume(returning: true)
    }
}
