import ArgumentParser
import HiveControl
import HiveSignal

struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check the board and its files, and say what mends them.",
        discussion: "Exit code 1 where a check failed."
    )

    @Flag(help: "Make the ledger anew from board, archive, quarantine and audit.")
    var rebuild = false

    @Flag(help: "Put a board that was tampered with back as the ledger knows it.")
    var repair = false

    @OptionGroup var output: OutputOptions
    @OptionGroup var board: BoardOptions

    func run() throws {
        let params: JSONValue = ["rebuild": .bool(rebuild), "repair": .bool(repair)]
        let result = try Connection(board).call(Method.doctor, params)
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
