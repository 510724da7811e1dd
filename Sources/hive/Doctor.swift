import ArgumentParser
import HiveConsole
import HiveControl
import HiveSignal

struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check all that can be got wrong, and say what mends it.",
        discussion: "Exit code 1 where a check failed."
    )

    @Flag(help: "Make the ledger anew from board, archive, quarantine and audit.")
    var rebuild = false

    @Flag(help: "Put a board that was tampered with back as the ledger knows it.")
    var repair = false

    @OptionGroup var output: OutputOptions
    @OptionGroup var board: BoardOptions

    func run() async throws {
        let params: JSONValue = ["rebuild": .bool(rebuild), "repair": .bool(repair)]
        let result = try await Connection(board).doctor(params)
        let out = StandardOutput()
        if output.json {
            out.line(result.text)
        } else {
            Rendering.checks(result, on: .output).forEach { out.line($0) }
        }
        try out.finish()
        let checks = result["checks"]?.arrayValue ?? []
        if checks.contains(where: { $0.text("status") == "failed" }) { throw ExitCode.rulesSayNo }
    }
}
