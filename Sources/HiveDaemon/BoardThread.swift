import Glibc
import HiveBlackboard
import HiveKernel
import HiveSignal
import Logging
import Synchronization

/// The thread that owns the engine: it sleeps in epoll until the board, its folder or a caller
/// wakes it.
///
/// Callers hand in jobs, which run between two looks at the board. No timer runs while all is well;
/// the waits that have an end are named below.
final class BoardThread: Sendable {
    /// What runs on the thread.
    typealias Job = @Sendable (Engine) -> Void

    /// After a failure (a full disk, say) the board is looked at again this often.
    static let retryMilliseconds = 1_000

    /// A killed daemon may leave a worker that has not executed its program yet, with a copy of
    /// the lock.
    static let lockSecondsMax = 2.0

    private let settings: Settings
    private let logger: Logger
    private let hub: VerdictHub
    private let bell: TaskBell
    private let mailbox = Mutex<Mailbox>(Mailbox())

    private struct Mailbox {
        var jobs: [Job] = []
        var appends: [TornTailWait] = []
        /// When the dispatcher wants to try again, in monotonic seconds.
        var ringAt: Double?
        var waker: Waker?
        var isStopping = false
        var ended: [CheckedContinuation<Void, Never>] = []
        var hasEnded = false
    }

    init(settings: Settings, logger: Logger, hub: VerdictHub, bell: TaskBell) {
        self.settings = settings
        self.logger = logger
        self.hub = hub
        self.bell = bell
    }

    // MARK: From outside

    /// Starts the thread and waits until the board is judged as it stands.
    ///
    /// - Throws: why the engine could not be opened; the thread has ended then.
    func start() async throws(HiveError) {
        do {
            try await withCheckedThrowingContinuation { continuation in
                do {
                    try DedicatedThread.start { self.main(continuation) }
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        } catch {
            throw HiveError(error)
        }
    }

    /// Runs a job on the thread.
    func perform<Value: Sendable>(
        _ work: @escaping @Sendable (Engine) throws(HiveError) -> Value
    ) async throws(HiveError) -> Value {
        let result: Result<Value, HiveError> = await withCheckedContinuation { continuation in
            let isTaken = post { engine in
                do throws(HiveError) {
                    continuation.resume(returning: .success(try work(engine)))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
            if !isTaken { continuation.resume(returning: .failure(Self.stopped)) }
        }
        return try result.get()
    }

    /// Emits lines in order, once the board ends in a whole line.
    func emit(_ lines: [EmittedLine]) async throws(HiveError) -> [EmitResult] {
        try await append { engine throws(HiveError) in
            var results: [EmitResult] = []
            for line in lines { results.append(try engine.emit(line)) }
            return results
        }
    }

    /// Runs a job that appends to the board.
    ///
    /// Where the board ends in a torn line its writer is given `TornTailWait.secondsMax` to end it.
    func append<Value: Sendable>(
        _ work: @escaping @Sendable (Engine) throws(HiveError) -> Value
    ) async throws(HiveError) -> Value {
        let result: Result<Value, HiveError> = await withCheckedContinuation { continuation in
            let wait = TornTailWait(work) { continuation.resume(returning: $0) }
            let isTaken = mailbox.withLock { mailbox in
                guard !mailbox.isStopping else { return false }
                mailbox.appends.append(wait)
                mailbox.waker?.wake()
                return true
            }
            if !isTaken { continuation.resume(returning: .failure(Self.stopped)) }
        }
        return try result.get()
    }

    /// Rings the dispatcher's bell after `retryMilliseconds`, once however often it is asked for.
    func ringLater() {
        mailbox.withLock { mailbox in
            guard mailbox.ringAt == nil else { return }
            mailbox.ringAt = SystemClock.monotonicSeconds() + Double(Self.retryMilliseconds) / 1_000
            mailbox.waker?.wake()
        }
    }

    /// Asks the thread to end and waits until it has: the last batch is whole, the locks are free.
    func stop() async {
        await withCheckedContinuation { continuation in
            let hasEnded = mailbox.withLock { mailbox in
                mailbox.isStopping = true
                mailbox.waker?.wake()
                if !mailbox.hasEnded { mailbox.ended.append(continuation) }
                return mailbox.hasEnded
            }
            if hasEnded { continuation.resume() }
        }
    }

    private static let stopped = HiveError.machine("the daemon is stopping", hint: "hive up")

    private func post(_ job: @escaping Job) -> Bool {
        mailbox.withLock { mailbox in
            guard !mailbox.isStopping else { return false }
            mailbox.jobs.append(job)
            mailbox.waker?.wake()
            return true
        }
    }

    // MARK: On the thread

    private func main(_ started: CheckedContinuation<Void, any Error>) {
        do throws(HiveError) {
            var options = Engine.Options()
            options.createsBoard = true
            options.lockSecondsMax = Self.lockSecondsMax
            let engine = try Engine.open(settings: settings, options: options)
            // The watch comes after the engine, which may have made the board; what was appended in
            // between is found by the look that comes first in `live`.
            let watcher = try HiveError.wrap {
                try BoardWatcher(path: ResolvedPath.of(settings.board))
            }
            mailbox.withLock { $0.waker = watcher.waker }
            started.resume()
            live(engine, watcher)
            do throws(HiveError) {
                try engine.checkpoint()
            } catch {
                logger.error("\(error.message)", metadata: ["hint": "\(error.hint)"])
            }
        } catch {
            started.resume(throwing: error)
        }
        let waiting = mailbox.withLock { mailbox in
            mailbox.hasEnded = true
            mailbox.isStopping = true
            mailbox.waker = nil
            defer { mailbox.ended = [] }
            return mailbox.ended
        }
        for continuation in waiting { continuation.resume() }
    }

    private func live(_ engine: Engine, _ watcher: BoardWatcher) {
        let isPolled = (try? Filesystem(at: settings.board))?.isNetwork ?? false
        var waits: [TornTailWait] = []
        while true {
            let (jobs, appends, isStopping) = takeMail()
            waits += appends
            look(engine, watcher)
            for job in jobs { job(engine) }
            waits.removeAll { $0.tryNow(engine, isLast: isStopping) }
            hub.publish(engine.tip)
            if engine.wakesDispatcher {
                engine.wakesDispatcher = false
                bell.ring()
            }
            if isStopping { return }
            if takeDueRing() { bell.ring() }
            if !hasMail {
                let timeout = timeout(isPolled, engine, waits)
                wait(watcher, timeout, engine)
            }
        }
    }

    private func takeMail() -> ([Job], [TornTailWait], Bool) {
        mailbox.withLock { mailbox in
            defer {
                mailbox.jobs = []
                mailbox.appends = []
            }
            return (mailbox.jobs, mailbox.appends, mailbox.isStopping)
        }
    }

    private func takeDueRing() -> Bool {
        mailbox.withLock { mailbox in
            guard let due = mailbox.ringAt, SystemClock.monotonicSeconds() >= due else {
                return false
            }
            mailbox.ringAt = nil
            return true
        }
    }

    private var hasMail: Bool {
        mailbox.withLock { !$0.jobs.isEmpty || !$0.appends.isEmpty || $0.isStopping }
    }

    private func timeout(_ isPolled: Bool, _ engine: Engine, _ waits: [TornTailWait]) -> Int? {
        var milliseconds: [Int] = waits.map(\.millisecondsLeft)
        if isPolled { milliseconds.append(Filesystem.pollMillisecondsNetwork) }
        if let due = engine.lateDeadline {
            milliseconds.append(TornTailWait.milliseconds(until: due))
        }
        if engine.failure != nil { milliseconds.append(Self.retryMilliseconds) }
        if let due = mailbox.withLock({ $0.ringAt }) {
            milliseconds.append(TornTailWait.milliseconds(until: due))
        }
        return milliseconds.min()
    }

    private func wait(_ watcher: BoardWatcher, _ timeout: Int?, _ engine: Engine) {
        do throws(BoardError) {
            let wake = try watcher.wait(timeoutMilliseconds: timeout)
            if wake.contains(.folderLost) { try watcher.rewatchFolder() }
            if !wake.isDisjoint(with: [.folderLost, .folderChanged, .overflow]) {
                try watcher.rewatchBoard()
            }
        } catch {
            note(HiveError(error), engine)
        }
    }

    /// One look at the board; a failure is told once and tried again.
    private func look(_ engine: Engine, _ watcher: BoardWatcher) {
        do throws(HiveError) {
            let identity = engine.board.identity
            var isOther = try watchArchives(of: engine, watcher)
            try engine.look(live: true)
            if engine.board.identity != identity {
                try HiveError.wrap { _ = try watcher.rewatchBoard() }
                isOther = true
            }
            // Whatever is watched anew is looked at once more, behind the watch.
            if try watchArchives(of: engine, watcher) || isOther { try engine.look(live: true) }
            if engine.failure != nil {
                engine.failure = nil
                logger.notice("working again")
                bell.ring()
            }
        } catch {
            note(error, engine)
        }
    }

    /// True where other archives are watched than before.
    private func watchArchives(
        of engine: Engine,
        _ watcher: BoardWatcher
    ) throws(HiveError) -> Bool {
        // The file's name by now: it was opened as the board.
        let paths = engine.closing.map { engine.archives.board(of: $0.generation) }
        return try HiveError.wrap { try watcher.watchArchives(paths) }
    }

    private func note(_ error: HiveError, _ engine: Engine) {
        guard engine.failure != error else { return }
        engine.failure = error
        logger.error("\(error.message)", metadata: ["hint": "\(error.hint)"])
    }
}

/// A job that appends, held while the board ends in another writer's torn line.
///
/// Owned by the board's thread once it is in its mailbox.
struct TornTailWait: Sendable {
    /// How long a torn tail may take to be ended, before an LF is put behind it.
    static let secondsMax = 1.0

    let deadline = SystemClock.monotonicSeconds() + TornTailWait.secondsMax
    private let attempt: @Sendable (_ engine: Engine, _ isDue: Bool) -> Bool

    init<Value>(
        _ work: @escaping @Sendable (Engine) throws(HiveError) -> Value,
        done: @escaping @Sendable (Result<Value, HiveError>) -> Void
    ) {
        attempt = { engine, isDue in
            do throws(HiveError) {
                if !isDue, !engine.boardIsMissing, try engine.hasTornTail() { return false }
                done(.success(try work(engine)))
            } catch {
                done(.failure(error))
            }
            return true
        }
    }

    var millisecondsLeft: Int { Self.milliseconds(until: deadline) }

    /// At least 1: what is due is due at the next look.
    static func milliseconds(until deadline: Double) -> Int {
        max(1, Int((deadline - SystemClock.monotonicSeconds()) * 1_000) + 1)
    }

    /// Runs the job where the board ends in LF or the time is up.
    ///
    /// - Returns: false where it must wait on.
    func tryNow(_ engine: Engine, isLast: Bool) -> Bool {
        attempt(engine, isLast || SystemClock.monotonicSeconds() >= deadline)
    }
}
