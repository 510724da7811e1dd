import ArgumentParser
import HiveConsole
import HiveControl
import HiveDaemon
import HiveSignal
import Synchronization

struct Ask: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask a swarm one question, and count its votes.",
        discussion: """
            Each agent sees what the board knows, works the question out and answers; more \
            than two thirds must agree. Some are told to lie, and all judge statements of known \
            truth among the rest, so that the error is measured (specs/quorum.md). The question \
            and the answers become signals: hive why explains them later. Exit code 1: no quorum, \
            or a record that was changed; 3: no agent could be asked.
            """
    )

    @Argument(help: "The question.") var question: String?

    @OptionGroup(title: "The swarm") var swarm: SwarmOptions
    @Flag(help: "Put no signals on the board.") var noBoard = false

    @Option(help: "Write everything that was asked and answered.", completion: .file())
    var record: String?
    @Option(help: "Count a record again; nobody is asked.", completion: .file())
    var replay: String?
    @Option(help: ArgumentHelp("Go on with an ask that was interrupted.", valueName: "id"))
    var resume: String?

    @OptionGroup var output: OutputOptions
    @OptionGroup var board: BoardOptions

    func validate() throws {
        let given = [question, replay, resume].compactMap(\.self).count
        if given != 1 { throw ValidationError("give a question, --replay FILE or --resume ID") }
        if replay != nil && record != nil {
            throw ValidationError("--replay reads a record; --record has nothing to write then")
        }
        if question == nil && (swarm.isGiven || noBoard) {
            throw ValidationError("a swarm's options go with a question")
        }
    }

    func run() async throws {
        let settings = try board.settings()
        let screen = AskScreen(shows: !output.json)
        if let replay { return try show(try await replayed(replay, settings, screen), screen) }
        if let record { try requireWritable(record) }
        var params = swarm.params
        let identifier = resume ?? SwarmCall.newIdentifier()
        if resume == nil { params["askId"] = .string(identifier) }
        params["mission"] = question.map { .string($0) }
        params["resume"] = resume.map { .string($0) }
        if noBoard { params["board"] = false }
        if record != nil { params["record"] = true }
        let asked = JSONValue.object(params)
        let way = "hive ask --resume \(identifier) goes on with it"
        if !output.json || Terminal.errors.width != nil {
            Terminal.errors.write(line: Line(way, .dim))
        }
        Interruption.tell(record.map { "\(way); --record \($0) writes it down then" } ?? way)
        try await SwarmCall.perform(settings) { call in
            let artifact = try await call(Method.ask, asked, screen.take)
            Interruption.tellNothing()
            // The answer was paid for: it is shown even where its record cannot be written.
            let written = Result { if let record { try write(screen.record, to: record) } }
            let shown = Result { try show(artifact, screen) }
            try written.get()
            try shown.get()
        }
    }

    private func requireWritable(_ path: String) throws {
        do throws(HiveError) {
            try AskRecord.requireWritable(path)
        } catch {
            throw CommandError(error)
        }
    }

    private func replayed(
        _ path: String,
        _ settings: Settings,
        _ screen: AskScreen
    ) async throws -> JSONValue {
        do throws(HiveError) {
            let replayed = try await AskRecord.replay(path, settings: settings, screen.take)
            // Nothing of it is shown as an answer: whoever reads on would take it for one.
            guard replayed.isAsRecorded else {
                screen.end()
                throw .refused(
                    "\(path): its votes do not give its artifact: it was changed or cut short, or"
                        + " another hive wrote it",
                    hint: "trust nothing in it; where the ask is still known: hive ask --resume ID"
                        + " --record FILE"
                )
            }
            return replayed.artifact
        } catch {
            throw CommandError(error)
        }
    }

    private func write(_ lines: [JSONValue], to path: String) throws {
        do throws(HiveError) {
            try AskRecord.write(lines, to: path)
        } catch {
            throw CommandError(error)
        }
    }

    private func show(_ artifact: JSONValue, _ screen: AskScreen) throws {
        screen.end()
        let out = StandardOutput()
        if output.json {
            out.line(artifact.text)
        } else {
            Rendering.ask(artifact, on: .output).forEach { out.line($0) }
        }
        try out.finish()
        guard artifact.text("status") != "complete" else { return }
        if let failure = Self.failure(in: artifact) { throw failure }
        throw ExitCode.rulesSayNo
    }

    /// Set where not one agent could be asked: then it is the machine that failed, not the vote.
    private static func failure(in artifact: JSONValue) -> CommandError? {
        let votes = artifact["evidence"]?["votes"]?.arrayValue ?? []
        let errors = votes.compactMap { $0.text("error") }
        guard let first = errors.first, errors.count == votes.count else { return nil }
        return CommandError(
            exitCode: 3,
            "no agent answered: \(first)",
            hint: "hive doctor tests the backend; then ask anew"
        )
    }
}

/// Who is asked, and how.
struct SwarmOptions: ParsableArguments {
    @Option(help: "Agents, disruptors among them (default: 10).") var swarm: Int64?
    @Option(help: "Agents that are told to lie (default: 1).") var disruptors: Int64?
    @Option(help: "Statements of known truth for each agent to judge (default: 2).")
    var probes: Int64?
    @Option(
        help: "Calls to an answer, 2 or 1; with 1 it is not worked out before (default: 2)."
    )
    var calls: Int64?

    @Option(
        help: "openai, openrouter, ollama, anthropic, copilot-api, direct or exec (HIVE_BACKEND)."
    )
    var backend: String?
    @Option(
        help: ArgumentHelp(
            "Models, with commas between them, that agents take in turn (default: HIVE_MODEL).",
            valueName: "models"
        )
    )
    var model: String?

    @Option(help: "Who lies, which statements, which order: equal seeds, equal draws.")
    var seed: Int64?
    @Option(help: "Dollars that it may cost; a call that could pass it is not sent.")
    var budget: Double?
    @Option(help: "Milliseconds that one request may take (default: REQUEST_TIMEOUT_MS).")
    var timeout: Int64?
    @Option(help: "How many may be under way at once (default: MAX_CONCURRENT_WORKERS).")
    var concurrency: Int64?
    @Option(help: "Tokens that an answer may have (default: the rule book's).")
    var maxTokens: Int64?

    var isGiven: Bool { !params.isEmpty }

    /// As HiveControl's `Method.ask` has them.
    var params: JSONObject {
        var params: JSONObject = [:]
        params["swarm"] = swarm.map { .integer($0) }
        params["disruptors"] = disruptors.map { .integer($0) }
        params["probes"] = probes.map { .integer($0) }
        params["calls"] = calls.map { .integer($0) }
        params["backend"] = backend.map { .string($0) }
        params["models"] = model.map { names in
            .array(names.split(separator: ",").map { .string(String($0)) })
        }
        params["seed"] = seed.map { .integer($0) }
        params["dollars"] = budget.map { .double($0) }
        params["timeoutMs"] = timeout.map { .integer($0) }
        params["concurrency"] = concurrency.map { .integer($0) }
        params["maxTokens"] = maxTokens.map { .integer($0) }
        return params
    }
}

/// What an ask tells on its way: shown as it comes, the record kept.
final class AskScreen: Sendable {
    private struct State {
        var progress = AskProgress()
        var record: [JSONValue] = []
    }

    private let shows: Bool
    private let state = Mutex(State())

    init(shows: Bool) { self.shows = shows }

    var record: [JSONValue] { state.withLock { $0.record } }

    @Sendable
    func take(_ method: String, _ params: JSONValue) {
        state.withLock { state in
            switch method {
            case Method.askStep: if shows { state.progress.take(step: params) }
            case Method.askTally: if shows { state.progress.take(tally: params) }
            case Method.askRecord: state.record.append(params)
            default: break
            }
        }
    }

    /// Takes away what was drawn.
    func end() { state.withLock { $0.progress.erase() } }
}
