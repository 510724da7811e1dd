import ArgumentParser
import HiveConsole
import HiveDaemon
import HiveSignal

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Judge a file from an empty state, touching nothing.",
        discussion: "Prints the lines that failed or carry warnings; with --json every line. "
            + "The summary goes to standard error. Exit code 1 where anything is quarantined."
    )

    @Option(help: "The rule book (HIVE_RULES; default: specs/rules.yaml).", completion: .file())
    var rules: String?

    @Option(help: "strict, paired or observe, in place of the rule book's mode.")
    var mode: String?

    @Option(help: "Judge WRONG_GENERATION against this generation.")
    var gen: Int64?

    @Flag(help: "Judge frames and gates only, no phase rules.")
    var gatesOnly = false

    @OptionGroup var output: OutputOptions

    @Argument(help: "The file to judge; - is standard input.", completion: .file())
    var file: String

    func run() throws {
        var flags = SettingsFlags()
        flags.rules = rules
        var options = CheckOptions()
        options.rulesPath = try Settings.of(flags).rulesPath
        options.mode = mode
        options.generation = gen
        options.gatesOnly = gatesOnly

        let out = StandardOutput()
        let summary: CheckSummary
        do {
            summary = try CheckCommand.run(file: file, options: options) { lines in
                if output.json { out.write(lines) } else { Self.show(lines, to: out) }
            }
        } catch {
            out.flush()
            throw CommandError(error)
        }
        try out.finish()
        Self.report(summary)
        if summary.quarantined > 0 { throw ExitCode.rulesSayNo }
    }

    /// What failed and what carries warnings: a good line is no news.
    private static func show(_ lines: some Collection<UInt8>, to out: StandardOutput) {
        for line in lines.split(separator: 0x0A) {
            guard let result = try? JSONValue(parsing: Array(line)) else { continue }
            if result.isAccepted && result.strings("warnings").isEmpty { continue }
            out.line(Rendering.checked(result, on: .output))
        }
    }

    private static func report(_ summary: CheckSummary) {
        let terminal = Terminal.errors
        let (accepted, quarantined) = (Int64(summary.accepted), Int64(summary.quarantined))
        var line = Line("\(Format.count(Int64(summary.lines), "line")): ")
        line.add("\(Format.count(accepted)) accepted", accepted > 0 ? .green : nil)
        line.add(", ")
        line.add("\(Format.count(quarantined)) quarantined", quarantined > 0 ? .red : nil)
        if summary.blank > 0 { line.add(", \(Format.count(Int64(summary.blank))) blank") }
        terminal.write(line: line)
        var table = Table()
        table.rightAligned = [0]
        for (code, count) in summary.byCode {
            table.add([Line("  " + Format.count(Int64(count))), Line(code, .red)])
        }
        table.lines.forEach { terminal.write(line: $0) }
    }
}
