import ArgumentParser
import HiveConsole
import HiveControl
import HiveDaemon
import HiveSignal

struct Quarantine: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "See what failed and why, and decide what becomes of it.",
        discussion: "An ID may be cut to any beginning that only one entry has.",
        subcommands: [
            QuarantineList.self, QuarantineShow.self, QuarantineRelease.self,
            QuarantineRestore.self, QuarantineDiscard.self,
        ]
    )
}

struct QuarantineList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the entries nobody has decided about."
    )

    @Flag(help: "List the others too.")
    var all = false

    @Option(help: "List at most so many, the newest.")
    var limit: Int64?

    @OptionGroup var output: OutputOptions
    @OptionGroup var board: BoardOptions

    func run() throws {
        var params: JSONObject = ["all": .bool(all)]
        params["limit"] = limit.map(JSONValue.integer)
        let entries = try Connection(board).list(
            Method.quarantineList,
            .object(params),
            "entries"
        )
        let out = StandardOutput()
        if output.json {
            entries.forEach { out.line($0.text) }
        } else if entries.isEmpty {
            Terminal.errors.write(line: Line(all ? "nothing in quarantine" : "nothing unseen"))
        } else {
            Rendering.entries(entries).forEach { out.line($0) }
        }
        try out.finish()
    }
}

struct QuarantineShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Explain one entry: found, expected, and what mends it."
    )

    @Argument(help: "The entry.") var id: String
    @OptionGroup var output: OutputOptions
    @OptionGroup var board: BoardOptions

    func run() throws {
        let entry = try Connection(board).call(Method.quarantineShow, ["id": .string(id)])
        let out = StandardOutput()
        if output.json {
            out.line(entry.text)
        } else {
            Rendering.entry(entry, on: .output).forEach { out.line($0) }
        }
        try out.finish()
    }
}

struct QuarantineRelease: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract: "Append the mended line, or the same one, anew and judge it.",
        discussion: "The past never changes: the quarantined line stays where it is."
    )

    @Argument(help: "The entry.") var id: String

    @Option(help: "The mended line; - reads it from standard input.")
    var line: String?

    @OptionGroup var output: OutputOptions
    @OptionGroup var board: BoardOptions

    func run() throws {
        var params: JSONObject = ["id": .string(id)]
        if line == "-" {
            params["line"] = try Self.mendedLine()
        } else {
            params["line"] = line.map(JSONValue.string)
        }
        let result = try Connection(board).call(Method.quarantineRelease, .object(params))
        let out = StandardOutput()
        let isAccepted = EmitAnswer.show(result, asJSON: output.json, to: out)
        try out.finish()
        guard !isAccepted else { return }
        EmitAnswer.advise(about: result)
        throw ExitCode.rulesSayNo
    }

    /// The one line on standard input; blank ones around it do not count.
    private static func mendedLine() throws(CommandError) -> JSONValue {
        let bytes: [UInt8]
        do {
            bytes = try WholeFile.read("-", bytesMax: lineBytesMax)
        } catch {
            throw CommandError(error)
        }
        let lines = bytes.split(separator: UInt8(ascii: "\n")).filter { line in
            !line.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
        }
        guard let line = lines.first, lines.count == 1 else {
            throw CommandError(
                exitCode: 2,
                "standard input holds \(lines.isEmpty ? "no line" : "\(lines.count) lines")",
                hint: "pipe in the one line that stands for this entry; "
                    + "further ones are for hive emit -"
            )
        }
        let end = line.last == 0x0D ? line.dropLast() : line
        guard let text = String(validating: end, as: UTF8.self) else {
            throw CommandError(
                exitCode: 2,
                "the line on standard input is not UTF-8",
                hint: "mend its encoding: such a line fails F0 again"
            )
        }
        return .string(text)
    }

    private static let lineBytesMax = 4 << 20
}

struct QuarantineRestore: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Put a masked line's bytes back on the board; they are not masked again."
    )

    @Argument(help: "The entry.") var id: String
    @OptionGroup var output: OutputOptions
    @OptionGroup var board: BoardOptions

    func run() throws {
        let result = try Connection(board).call(Method.quarantineRestore, ["id": .string(id)])
        let out = StandardOutput()
        if output.json { out.line(result.text) } else { out.line(Line("restored \(id)")) }
        try out.finish()
    }
}

struct QuarantineDiscard: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "discard",
        abstract: "Take entries as seen; they stay in the quarantine file."
    )

    @Argument(help: "The entries.") var ids: [String] = []

    @Flag(help: "Discard every entry nobody has decided about.")
    var all = false

    @OptionGroup var output: OutputOptions
    @OptionGroup var board: BoardOptions

    func validate() throws {
        if ids.isEmpty != all { throw ValidationError("name the entries, or give --all") }
    }

    func run() throws {
        let connection = try Connection(board)
        var ids = ids
        if all {
            let entries = try connection.list(
                Method.quarantineList,
                ["all": false],
                "entries"
            )
            ids = entries.compactMap { $0.text("id") }
        }
        let discarded =
            ids.isEmpty
            ? ["discarded": 0]
            : try connection.call(
                Method.quarantineDiscard,
                ["ids": .array(ids.map(JSONValue.string))]
            )
        let out = StandardOutput()
        if output.json {
            out.line(discarded.text)
        } else {
            let count = discarded.integer("discarded") ?? 0
            out.line(Line("discarded \(Format.count(count)) of \(ids.count)"))
        }
        try out.finish()
    }
}
