package import HiveProcess

// One run at a time
//
// Tests are the heaviest thing the hive does on its own, and many signals ask for them at once.
// So there is one flight at most. Who asks for the tree that is in the air shares it; who asks for
// another tree waits for the landing and looks again, for the tree may have changed while it
// waited. A flight ends early when nobody waits for it any more.
//
// A tree is what git sees: the commit, and the size, time and mode of every file that differs from
// it. A result is remembered only where the tree was the same after the run as before, so that a
// change in the middle of a run is never taken for a tested one. Files that git ignores are not
// part of it.

/// What a test command left, and the tree it ran on.
package struct TestRun: Sendable, Hashable {
    package var result: CommandResult
    /// What its output says about the tests; nil where no known runner has spoken.
    package var report: TestReport?
    /// A name for the tree: the commit, and a fingerprint of what differs from it; nil without git.
    package var tree: String?
    /// True: the command did not run again for this caller.
    package var isReused: Bool
}

/// Runs test commands, at most one at a time and one for each tree.
package actor TestRuns {
    /// How many results are remembered.
    package static let rememberedMax = 8

    /// What has to be the same for a result to be used again.
    private struct Key: Hashable {
        var words: [String]
        var folder: String
        var tree: WorkingTree
    }

    private typealias Sharer = CheckedContinuation<Result<TestRun, WorkerError>, Never>

    /// A run in progress, and who waits for its result.
    private struct Flight {
        /// Nil where nobody else may share it.
        var key: Key?
        let task: Task<Void, Never>
        var sharers: [Int: Sharer] = [:]
    }

    private var flight: Flight?
    /// Who waits for the landing to look again.
    private var queue: [Int: CheckedContinuation<Void, Never>] = [:]
    /// The oldest first.
    private var remembered: [(key: Key, run: TestRun)] = []
    private var lastTicket = 0

    /// hive's own files and folders: a new line on the board is no other tree.
    private let ownPaths: [String]

    package init(ownPaths: [String] = []) { self.ownPaths = ownPaths }

    /// The result of the command on the tree as it is now: a new one, that of a run in progress on
    /// the same tree, or a remembered one.
    ///
    /// Cancelling one caller does not touch the run while another waits for it.
    ///
    /// - Throws: `WorkerError` where the command cannot be started or the task is cancelled.
    package func run(_ command: Command) async throws(WorkerError) -> TestRun {
        while true {
            let tree = await WorkingTree.read(command.folder, ownPaths: ownPaths)
            guard !Task.isCancelled else { throw .cancelled }
            let key = tree.map { Key(words: command.words, folder: command.folder, tree: $0) }
            // From here to the end of the turn nothing else runs on this actor.
            if let run = remembered.first(where: { $0.key == key })?.run {
                var reused = run
                reused.isReused = true
                return reused
            }
            guard let flight else {
                takeOff(command, key)
                return try await share()
            }
            if key != nil, flight.key == key {
                var run = try await share()
                run.isReused = true
                return run
            }
            await waitForLanding()
        }
    }

    /// How many callers wait, for a result or for their turn.
    var waiting: Int { queue.count + (flight?.sharers.count ?? 0) }

    // MARK: A flight

    private func takeOff(_ command: Command, _ key: Key?) {
        // The flight owns its task: a run is nobody's child, as no single caller may end it.
        flight = Flight(key: key, task: Task { await self.fly(command, key) })
    }

    private func fly(_ command: Command, _ key: Key?) async {
        let outcome: Result<TestRun, WorkerError>
        do {
            let result = try await CommandRunner.run(command)
            let run = TestRun(
                result: result,
                report: await Self.report(of: result),
                tree: key?.tree.name,
                isReused: false
            )
            let after = await WorkingTree.read(command.folder, ownPaths: ownPaths)
            if let key, run.isComplete, after == key.tree {
                remember(run, for: key)
            }
            outcome = .success(run)
        } catch {
            outcome = .failure(error)
        }
        land(outcome)
    }

    /// Reads megabytes of output, off the actor.
    @concurrent
    private static func report(of result: CommandResult) async -> TestReport? {
        TestReport(output: result.output, errors: result.errors)
    }

    private func land(_ outcome: Result<TestRun, WorkerError>) {
        flight?.sharers.values.forEach { $0.resume(returning: outcome) }
        flight = nil
        queue.values.forEach { $0.resume() }
        queue = [:]
    }

    private func remember(_ run: TestRun, for key: Key) {
        remembered.append((key, run))
        if remembered.count > Self.rememberedMax { remembered.removeFirst() }
    }

    // MARK: Waiting

    /// Waits for the result of the flight, which there must be.
    private func share() async throws(WorkerError) -> TestRun {
        let ticket = newTicket()
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: Sharer) in
                if Task.isCancelled || flight == nil {
                    continuation.resume(returning: .failure(.cancelled))
                    abandonIfAlone()
                } else {
                    flight?.sharers[ticket] = continuation
                }
            }
        } onCancel: {
            Task { await self.leaveFlight(ticket) }
        }
        return try outcome.get()
    }

    private func leaveFlight(_ ticket: Int) {
        guard let sharer = flight?.sharers.removeValue(forKey: ticket) else { return }
        sharer.resume(returning: .failure(.cancelled))
        abandonIfAlone()
    }

    /// Ends a run that nobody waits for, and lets nobody share what is left of it.
    private func abandonIfAlone() {
        guard flight?.sharers.isEmpty == true else { return }
        flight?.key = nil
        flight?.task.cancel()
    }

    private func waitForLanding() async {
        let ticket = newTicket()
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if Task.isCancelled || flight == nil {
                    continuation.resume()
                } else {
                    queue[ticket] = continuation
                }
            }
        } onCancel: {
            Task { await self.leaveQueue(ticket) }
        }
    }

    private func leaveQueue(_ ticket: Int) {
        queue.removeValue(forKey: ticket)?.resume()
    }

    private func newTicket() -> Int {
        lastTicket += 1
        return lastTicket
    }
}

extension TestRun {
    /// True: the command came to its end by itself.
    ///
    /// Anything else may be the machine's doing, and says nothing about the tree.
    var isComplete: Bool {
        guard case .exited = result.ending else { return false }
        return !result.isOutputCut
    }
}
