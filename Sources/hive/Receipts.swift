import ArgumentParser
import HiveConsole
import HiveDaemon
import HiveSignal
import HiveWitness

struct Receipts: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What was witnessed in this repository.",
        subcommands: [ReceiptsList.self, ReceiptsShow.self],
        defaultSubcommand: ReceiptsList.self
    )
}

struct ReceiptsList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the receipts, the oldest first."
    )

    @Option(help: "How many of the newest.") var last = 20
    @OptionGroup var output: OutputOptions
    @OptionGroup(title: "Where things are") var places: PlaceOptions

    func validate() throws {
        if last < 1 { throw ValidationError("--last is 1 or more") }
    }

    func run() async throws {
        let (desk, all) = try await receipts(places)
        _ = desk
        let shown = all.suffix(last)
        let out = StandardOutput()
        if output.json {
            shown.forEach { out.line($0.json.text) }
        } else if shown.isEmpty {
            out.line(Line("no receipts; hive witness makes one", .dim))
        } else {
            Rendering.receipts(shown.map(\.json), on: .output).forEach { out.line($0) }
        }
        try out.finish()
    }
}

struct ReceiptsShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show one receipt: its tests, its files, and what changed since."
    )

    @Argument(help: "Its id, or the beginning of it.") var id: String
    @OptionGroup var output: OutputOptions
    @OptionGroup(title: "Where things are") var places: PlaceOptions

    func run() async throws {
        let (desk, all) = try await receipts(places)
        let found = all.filter { $0.id.hasPrefix(id) }
        guard let signed = found.first, Set(found.map(\.id)).count == 1 else {
            throw CommandError(
                exitCode: 2,
                found.isEmpty ? "no receipt \(id)" : "\(found.count) receipts begin with \(id)",
                hint: "hive receipts lists them"
            )
        }
        var object = signed.json.objectValue ?? [:]
        do throws(HiveError) {
            object["sound"] = .bool(signed.isSound)
            object["changedSince"] = .array(
                try await desk.changes(since: signed).map { .string($0) }
            )
        } catch {
            throw CommandError(error)
        }
        let out = StandardOutput()
        if output.json {
            out.line(JSONValue.object(object).text)
        } else {
            Rendering.receiptWhole(.object(object), on: .output).forEach { out.line($0) }
        }
        try out.finish()
    }
}

private func receipts(
    _ places: PlaceOptions
) async throws(CommandError) -> (WitnessDesk, [SignedReceipt]) {
    let settings = try Settings.of(places)
    do throws(HiveError) {
        let desk = try await WitnessDesk.open(settings, entry: SandboxEntry.ownWords ?? [])
        return (desk, try await desk.receipts())
    } catch {
        throw CommandError(error)
    }
}
