import ArgumentParser
import HiveConsole
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
        if let trace, Traceparent(trace) == nil {
            throw ValidationError("--trace is a W3C traceparent, as hive emit --trace new prints")
        }
    }

    func run() async throws {
        let settings = try Settings.of(places)
        let terminal = Terminal.errors
        let desk: WitnessDesk
        let signed: SignedReceipt
        do throws(HiveError) {
            desk = try await WitnessDesk.open(settings, entry: SandboxEntry.ownWords ?? [])
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
        let telling = WitnessTelling(desk: desk, settings: settings, traceparent: trace)
        let signal = telling.tell(signed)
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
}
