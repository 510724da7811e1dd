import ArgumentParser
import HiveConsole
import HiveControl
import HiveDaemon
import HiveSignal

struct Tasks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what signals have asked of the ports, and the answers.",
        discussion: """
            An accepted signal asks ports by its pull; each port's share is a task. HIVE_BACKEND \
            says who answers: local (the built-in tools), exec (the rule book's \
            workers.exec.command) or a model. Scatters stand below, whole ones; hive gather \
            shows their tasks.
            """
    )

    @Argument(help: "Show this one task whole.") var id: String?

    @Flag(help: "Show those only that have no answer yet.")
    var open = false

    @Option(name: [.customShort("n"), .long], help: "Show the last so many.")
    var last: Int64 = 20

    @OptionGroup var output: OutputOptions
    @OptionGroup var board: BoardOptions

    func validate() throws {
        if last < 1 { throw ValidationError("--last is 1 or more") }
        if id != nil && open { throw ValidationError("an ID and --open do not go together") }
    }

    func run() async throws {
        var params: JSONObject = ["last": .integer(last), "open": .bool(open)]
        params["id"] = id.map(JSONValue.string)
        let settings = try board.settings()
        // Scatters need no board.
        let isWithoutBoard = id == nil && settings.hasScatters && !settings.hasBoard
        let tasks =
            isWithoutBoard
            ? [] : try Connection(board).list(Method.tasks, .object(params), "tasks")
        let scatters = id == nil ? try await scatters(settings) : []
        let out = StandardOutput()
        if output.json {
            (tasks + scatters).forEach { out.line($0.text) }
        } else if tasks.isEmpty && !scatters.isEmpty {
            Rendering.scatters(scatters).forEach { out.line($0) }
        } else if tasks.isEmpty {
            let nothing = open ? "no task is open" : "this ledger has no tasks yet"
            Terminal.errors.write(line: Line(nothing))
        } else if id != nil {
            tasks.flatMap { Rendering.task($0) }.forEach { out.line($0) }
        } else {
            Rendering.tasks(tasks, on: .output).forEach { out.line($0) }
            Rendering.scatters(scatters).forEach { out.line($0) }
        }
        try out.finish()
    }

    /// The last scatters; none where there never was one.
    private func scatters(_ settings: Settings) async throws -> [JSONValue] {
        guard settings.hasScatters else { return [] }
        let params: JSONObject = ["last": .integer(last), "open": .bool(open)]
        return try await SwarmCall.list(settings, .object(params))
    }
}
