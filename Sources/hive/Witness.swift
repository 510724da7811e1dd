import ArgumentParser
import Glibc
import HiveConsole
import HiveControl
import HiveDaemon
import HiveSignal
import HiveWitness

struct WitnessCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "witness",
        abstract: "Run the project's tests on an exact tree, and say by a receipt what they prove.",
        discussion: "I (red): a test fails by assertion, twice. V (green): the red tests pass, and "
            + "fail again without the change. E (refactor): the same tests or more pass, or code "
            + "went with the tests that only it had. The tree is checked out anew, and its tests "
            + "run without network; only a test command that a person approved counts. The receipt "
            + "is kept in refs/notes/hive and told on the board. Exit code 1: not proven."
    )

    @Option(help: "I, V or E (default: what the change looks like).")
    var phase: String?

    @Option(help: "A commit or a tree (default: the index, what would be committed now).")
    var tree: String?

    @Flag(help: "The folder as it is, with files that are not added yet.")
    var working = false

    @Option(
        help: ArgumentHelp("Whose trace the receipt belongs to.", valueName: "traceparent")
    )
    var trace: String?

    @OptionGroup var output: OutputOptions
    @OptionGroup(title: "Where things are") var places: PlaceOptions

    func validate() throws {
        if tree != nil && working {
            throw ValidationError("--tree and --working name two trees; give one")
        }
        if let phase, !["I", "V", "E"].contains(phase) {
            throw ValidationError("--phase is I, V or E")
        }
    }

    func run() async throws {
        let settings = try Settings.of(places)
        let terminal = Terminal.errors
        let signed: SignedReceipt
        do throws(HiveError) {
            let desk = try await WitnessDesk.open(settings, entry: SandboxEntry.ownWords ?? [])
            signed = try await desk.witness(
                tree.map { .ref($0) } ?? (working ? .working : .index),
                phase: phase.flatMap { Phase(letter: $0) },
                tell: { what in
                    if terminal.width != nil { terminal.write(line: Line(what, .dim)) }
                }
            )
        } catch {
            throw CommandError(error)
        }
        let signal = tellBoard(signed, settings)
        let out = StandardOutput()
        if output.json {
            var object = signed.json.objectValue ?? [:]
            object["signal"] = signal ?? .null
            out.line(JSONValue.object(object).text)
        } else {
            Rendering.receipt(signed.json, on: .output).forEach { out.line($0) }
        }
        try out.finish()
        if !signed.receipt.isProven { throw ExitCode.rulesSayNo }
    }

    /// A metric of port 4; the receipt stands without it, so that what hinders it is only told.
    private func tellBoard(_ signed: SignedReceipt, _ settings: Settings) -> JSONValue? {
        guard access(settings.board, F_OK) == 0 else { return nil }
        do throws(CommandError) {
            let connection = try Connection(settings: settings)
            let state = try connection.call(Method.state)
            var draft = SignalDraft(
                timestamp: .now(),
                mark: signed.receipt.isProven ? 1 : 0,
                pull: "lateral",
                message: Rendering.receiptSummary(signed.json),
                type: "metric",
                phase: signed.receipt.kind.phase.letter,
                generation: state.integer("gen") ?? 0,
                port: 4
            )
            draft.agent = "hive-witness"
            draft.traceparent = trace
            draft.evidence = signed.id
            return try connection.list(
                Method.emit,
                ["lines": [.string(draft.line)]],
                "results"
            ).first
        } catch {
            let told = CommandError(
                exitCode: 3,
                "the receipt is kept, but the board was not told: \(error.message)",
                hint: error.hint
            )
            told.report()
            return nil
        }
    }
}
