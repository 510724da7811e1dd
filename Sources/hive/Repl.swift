import ArgumentParser
import Glibc
import HiveConsole
import HiveControl
import HiveDaemon
import HiveSignal

struct ReplCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repl",
        abstract: "Look and steer at a prompt, with news as it happens.",
        discussion: "Through a pipe it takes one command a line: echo status | hive repl. The exit "
            + "code is then the last command's. It answers people: a program asks the commands "
            + "themselves, which all take --json."
    )

    @OptionGroup var board: BoardOptions
    /// Every other command has it, so it is likely to be tried.
    @Flag(help: .hidden) var json = false

    func validate() throws {
        guard !json else {
            throw ValidationError(
                "the prompt answers people; ask the command itself, such as: hive status --json"
            )
        }
    }

    func run() async throws {
        let settings = try board.settings()
        // Says what is wrong (a socket of another board, flags that a daemon ignores) at once.
        _ = try Connection(board)
        let host = ReplHost(settings: settings, place: .ownProcess)
        let code = try await host.run()
        if code != 0 { throw ExitCode(code) }
    }
}

/// The REPL on a thread of its own, and what it needs of the asynchronous world.
struct ReplHost: Sendable {
    private let settings: Settings
    private let repl: Repl
    private let requests: AsyncStream<DoctorRequest>
    private let feed: AsyncStream<DoctorRequest>.Continuation

    init(settings: Settings, place: Repl.Place, isMuted: Bool = false) {
        self.settings = settings
        let (requests, feed) = AsyncStream<DoctorRequest>.makeStream()
        self.requests = requests
        self.feed = feed
        let access = HiveAccess(
            connect: { () throws(CommandError) in try Connection(settings: settings).client },
            local: { (method, params) throws(CommandError) in
                guard method == Method.doctor else {
                    return try Connection.local(settings: settings).call(method, params)
                }
                // It runs programs and waits for them, which needs the asynchronous side.
                let request = DoctorRequest(params: params)
                feed.yield(request)
                return try request.wait()
            },
            signer: OwnKey.signer
        )
        repl = Repl(access: access, place: place, isMuted: isMuted)
    }

    /// Runs the REPL until it is left; its exit code.
    func run() async throws(CommandError) -> Int32 {
        try start()
        return await ended()
    }

    /// Starts it; `ended` must follow.
    func start(whenEnded: @escaping @Sendable () -> Void = {}) throws(CommandError) {
        let (repl, feed, exitCode) = (repl, feed, exitCode)
        try CommandError.wrap { () throws(ControlError) in
            try OwnThread.start {
                exitCode.set(repl.run())
                whenEnded()
                feed.finish()
            }
        }
    }

    func stop() { repl.stop() }

    /// Answers what the REPL asks for until it ends; its exit code.
    func ended() async -> Int32 {
        for await request in requests {
            do throws(HiveError) {
                let answer = try await LocalHive.doctor(request.params, settings: settings)
                request.answer(.success(answer))
            } catch {
                request.answer(.failure(CommandError(error)))
            }
        }
        return exitCode.get()
    }

    private let exitCode = SharedCode()
}
