import ArgumentParser
import Glibc
import HiveConsole
import HiveControl
import HiveSignal

struct Emit: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Judge a signal and, where it passes, append it to the board.",
        discussion: "What fails goes to quarantine: exit code 1, and the reasons. "
            + "`hive emit -` takes ready lines from standard input. HIVE_AGENT and TRACEPARENT in "
            + "the environment stand for --agent and --trace where these are not given."
    )

    @Option(help: "H, I, V or E.") var phase: String?
    // A number may be negative, and wrong for that: the gates say so.
    @Option(parsing: .unconditional, help: "0 to 7: who speaks.") var port: Int64?
    @Option(parsing: .unconditional, help: "Confidence, 0 to 1.") var mark: Double = 1.0
    @Option(help: "upstream, downstream or lateral.") var pull = "downstream"
    @Option(help: "signal, event, error or metric.") var type = "signal"

    @Option(
        help: ArgumentHelp(
            "Whose trace it belongs to; new begins one and prints it.",
            valueName: "new|traceparent"
        )
    )
    var trace: String?

    @Option(help: "The id of the signal it answers.") var parent: String?
    @Option(help: "The task it answers (hive tasks).") var task: String?
    @Option(help: "The id of the receipt that shows what it claims (hive witness).")
    var evidence: String?
    @Option(help: "An id that must not repeat.") var id: String?
    @Option(help: "The name of who speaks.") var agent: String?
    @Option(parsing: .unconditional, help: "The generation (default: the board's).")
    var gen: Int64?
    @OptionGroup var output: OutputOptions
    @OptionGroup var board: BoardOptions

    @Argument(help: "The message; - takes ready lines from standard input.")
    var msg: String

    /// Values are left to the gates, which quarantine what is wrong; only what is missing, or
    /// could not be written as JSON, is a usage error.
    func validate() throws {
        let forOne: [(name: String, isGiven: Bool)] = [
            ("--phase", phase != nil), ("--port", port != nil), ("--trace", trace != nil),
            ("--parent", parent != nil), ("--task", task != nil), ("--id", id != nil),
            ("--evidence", evidence != nil),
            ("--agent", agent != nil), ("--gen", gen != nil),
        ]
        if msg == "-" {
            if let flag = forOne.first(where: \.isGiven) {
                throw ValidationError("\(flag.name) does not go with ready lines from `-`")
            }
            return
        }
        if let missing = forOne.prefix(2).first(where: { !$0.isGiven }) {
            throw ValidationError("Missing expected argument '\(missing.name) <value>'")
        }
        if !mark.isFinite { throw ValidationError("--mark is a number from 0 to 1") }
    }

    func run() throws {
        let connection = try Connection(board)
        if msg == "-" {
            var batches = EmitBatches(connection: connection, asJSON: output.json)
            let allAccepted = try batches.run()
            if !allAccepted { throw ExitCode.rulesSayNo }
            return
        }
        let draft = try draft(connection)
        let results = try connection.list(
            Method.emit,
            ["lines": [["signal": .string(draft.line)]]],
            "results"
        )
        let out = StandardOutput()
        var isAccepted = true
        for result in results {
            var answer = result.objectValue ?? [:]
            if trace == "new" { answer["traceparent"] = draft.traceparent.map(JSONValue.string) }
            if !EmitAnswer.show(.object(answer), asJSON: output.json, to: out) {
                isAccepted = false
            }
        }
        try out.finish()
        guard !isAccepted else { return }
        results.forEach(EmitAnswer.advise(about:))
        throw ExitCode.rulesSayNo
    }

    private func draft(_ connection: Connection) throws(CommandError) -> SignalDraft {
        let generation: Int64
        if let gen { generation = gen } else { generation = try boardGeneration(connection) }
        var draft = SignalDraft(
            timestamp: .now(),
            mark: mark,
            pull: pull,
            message: msg,
            type: type,
            phase: phase ?? "",
            generation: generation,
            port: port ?? 0
        )
        draft.identifier = id
        draft.parent = parent
        draft.task = task
        draft.evidence = evidence
        draft.agent = agent ?? Self.variable("HIVE_AGENT")
        // Other programs set TRACEPARENT, too: what is none is not ours.
        let inherited = Self.variable("TRACEPARENT").flatMap { Traceparent($0) == nil ? nil : $0 }
        draft.traceparent = trace == "new" ? SignalDraft.newTraceparent() : trace ?? inherited
        return draft
    }

    /// A variable's value; an empty one counts as none.
    private static func variable(_ name: String) -> String? {
        guard let value = getenv(name), value[0] != 0 else { return nil }
        return String(cString: value)
    }

    private func boardGeneration(_ connection: Connection) throws(CommandError) -> Int64 {
        guard let generation = try connection.call(Method.state).integer("gen") else {
            throw CommandError(
                exitCode: 3,
                "the board's generation is not known",
                hint: "name it with --gen"
            )
        }
        return generation
    }
}
