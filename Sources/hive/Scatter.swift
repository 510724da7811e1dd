import ArgumentParser
import Glibc
import HiveConsole
import HiveControl
import HiveDaemon
import HiveSignal

struct Scatter: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask many questions of models at once, and wait for the answers.",
        discussion: """
            The daemon asks where one runs, else this process. Interrupted or not, nothing that \
            was answered is asked again: hive gather ID goes on with it. Keys and addresses come \
            from the environment or .env (hive doctor tests them). Exit code 1: some task has no \
            answer.
            """
    )

    @Option(
        help: ArgumentHelp(
            "Ask what stands in a file, one JSON object a line; - is standard input.",
            discussion: """
                {"id","agent","prompt","systemPrompt","model","tools","port","phase"}; all but \
                prompt may be left out
                """
        ),
        completion: .file()
    )
    var tasks: String?

    @Option(help: "Ask this.") var prompt: String?
    @Option(help: "Ask it so many times.") var count: Int64?

    @Option(help: "1, 2 or 3: 8, 64 or 512 workers, spread over the ports by phase pairs.")
    var swarm: Int64?

    @Option(help: "Ask the ports of this phase: H, I, V or E.") var phase: String?

    @Option(
        help: """
            openai, openrouter, ollama, anthropic, copilot-api, direct, exec or local (default: \
            HIVE_BACKEND).
            """
    )
    var backend: String?

    @Option(help: "The model (default: HIVE_MODEL).") var model: String?

    @Option(help: "How many may be under way at once (default: MAX_CONCURRENT_WORKERS).")
    var concurrency: Int64?

    @Option(help: "Milliseconds that one request may take (default: REQUEST_TIMEOUT_MS).")
    var timeout: Int64?

    @Option(help: "Tokens that an answer may have (default: the rule book's).")
    var maxTokens: Int64?

    @Option(help: "Dollars that it may cost; a call that could pass it is not sent.")
    var budget: Double?

    @Flag(help: "Say what it would take, and ask nobody.") var dryRun = false
    @Flag(help: "Show each answer as it comes.") var follow = false
    @OptionGroup var output: OutputOptions
    @OptionGroup var board: BoardOptions

    func validate() throws {
        if (tasks == nil) == (prompt == nil) {
            throw ValidationError("give --tasks FILE or --prompt TEXT")
        }
        if tasks != nil && count != nil {
            throw ValidationError("--count goes with --prompt")
        }
    }

    func run() async throws {
        let settings = try board.settings()
        let params = try params()
        let tellsBackend = backend == nil
        try await SwarmCall.perform(settings, writes: !dryRun, tellsBackend: tellsBackend) { call in
            let started = try await call(Method.scatter, .object(params)) { _, _ in }
            if started["dryRun"]?.boolValue == true {
                return show(plan: started)
            }
            let identifier = started.text("scatterId") ?? ""
            var note = Line()
            note.add(identifier, .bold)
            note.add(
                ": \(started.integer("dispatched") ?? 0) asked of \(started.text("backend") ?? "?")"
            )
            note.add("; hive gather \(identifier) goes on with it", .dim)
            if !output.json || Terminal.errors.width != nil { Terminal.errors.write(line: note) }
            Interruption.tell("hive gather \(identifier) goes on with it")
            var gathering = Gathering(asJSON: output.json, shows: follow)
            try await gathering.run(call, identifiers: [identifier], timeout: nil)
            Interruption.tellNothing()
            try gathering.finish(order: started.strings("taskIds"), aggregation: nil)
        }
    }

    private func params() throws(CommandError) -> JSONObject {
        var params: JSONObject = ["scatterId": .string(SwarmCall.newIdentifier())]
        if let tasks {
            let found = try TaskFile.read(tasks)
            params["tasks"] = .array(found.map(\.task))
            params["file"] = .string(TaskFile.name(tasks))
            params["lines"] = .array(found.map { .integer(Int64($0.line)) })
        }
        params["prompt"] = prompt.map { .string($0) }
        params["count"] = count.map { .integer($0) }
        params["swarm"] = swarm.map { .integer($0) }
        params["phase"] = phase.map { .string($0) }
        params["backend"] = backend.map { .string($0) }
        params["model"] = model.map { .string($0) }
        params["concurrency"] = concurrency.map { .integer($0) }
        params["timeoutMs"] = timeout.map { .integer($0) }
        params["maxTokens"] = maxTokens.map { .integer($0) }
        params["dollars"] = budget.map { .double($0) }
        if dryRun { params["dryRun"] = true }
        return params
    }

    private func show(plan: JSONValue) {
        let out = StandardOutput()
        if output.json {
            out.line(plan.text)
        } else {
            Rendering.scatterPlan(plan).forEach { out.line($0) }
        }
        out.flush()
    }
}

/// A file of tasks: one JSON object a line; blank lines are passed over.
enum TaskFile {
    /// A file larger than this is refused: split it.
    static let bytesMax = 16 << 20

    /// Its name in messages.
    static func name(_ path: String) -> String { path == "-" ? "standard input" : path }

    /// The tasks, and the line that each stands on.
    static func read(
        _ path: String
    ) throws(CommandError) -> [(task: JSONValue, line: Int)] {
        let name = name(path)
        var bytes: [UInt8] = []
        do {
            bytes = try WholeFile.read(path, bytesMax: bytesMax)
        } catch {
            throw CommandError(error)
        }
        var tasks: [(task: JSONValue, line: Int)] = []
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
            do {
                tasks.append((try JSONValue(parsing: Array(line)), index + 1))
            } catch {
                throw CommandError(
                    exitCode: 2,
                    "\(name):\(index + 1): \(error)",
                    hint: #"a task is one line: {"id": "a", "prompt": "…"}"#
                )
            }
        }
        return tasks
    }
}
