import HiveConsole
import HiveSignal

/// How an EmitResult is printed.
enum EmitAnswer {
    /// Prints it; true where the line was accepted.
    static func show(_ result: JSONValue, asJSON: Bool, to out: StandardOutput) -> Bool {
        if asJSON {
            out.line(result.text)
            return result.isAccepted
        }
        out.line(Rendering.verdict(result, on: .output))
        if let traceparent = result.text("traceparent") { out.line(Line("trace " + traceparent)) }
        return result.isAccepted
    }

    /// Says on standard error how to go on after a line that failed.
    static func advise(about result: JSONValue) {
        guard !result.isAccepted, let id = result.text("id") else { return }
        advise("see why, and how to mend it: hive quarantine show \(Format.shortID(id))")
    }

    static func advise(_ text: String) {
        Terminal.errors.write(line: .advice(text, on: .errors))
    }
}
