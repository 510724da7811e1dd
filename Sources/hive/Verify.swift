import ArgumentParser
import HiveConsole
import HiveControl
import HiveDaemon
import HiveSignal
import HiveWitness

struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Judge commits by their trees and receipts: proven, unproven or contradicted.",
        discussion: "Nothing but the repository is read, and the rules are those of the commit "
            + "before the range. A commit says its phase by a trailer Hive-Phase or its subject "
            + "(I: …, test: …). Exit code 1: something is contradicted or, where the rules say "
            + "`evidence: required`, unproven. Receipts of others: git fetch origin "
            + "refs/notes/hive:refs/notes/hive."
    )

    @Argument(help: "Commits as git names them (default: what the upstream lacks, else all).")
    var range: String?

    @Flag(help: "Run the tests of every commit again, and believe no receipt.")
    var rerun = false

    @Flag(help: "Print one SARIF 2.1.0 document.")
    var sarif = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if sarif && output.json { throw ValidationError("give --json or --sarif, not both") }
    }

    func run() async throws {
        let terminal = Terminal.errors
        let outcome: VerifyDesk.Outcome
        do throws(HiveError) {
            let settings = try Settings(flags: SettingsFlags())
            outcome = try await VerifyDesk.open(settings, entry: SandboxEntry.ownWords ?? [])
                .verify(range, rerun: rerun) { what in
                    if terminal.width != nil { terminal.write(line: Line(what, .dim)) }
                }
        } catch {
            throw CommandError(error)
        }
        let out = StandardOutput()
        if sarif {
            out.line(outcome.sarif(version: HiveVersion.text).text)
        } else if output.json {
            outcome.verdicts.forEach { out.line($0.json.text) }
            terminal.write(outcome.summary.text + "\n")
        } else {
            let verdicts = outcome.verdicts.map(\.json)
            Rendering.verify(verdicts, outcome.summary, on: .output).forEach { out.line($0) }
        }
        try out.finish()
        if !outcome.isGood { throw ExitCode.rulesSayNo }
    }
}
