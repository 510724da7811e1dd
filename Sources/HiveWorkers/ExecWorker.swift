package import HiveSignal

/// A program of the user's as worker: `claude -p`, `codex exec`, any script.
///
/// It reads the assignment as one line of JSON on its standard input, and prints its answer
/// (`ExecAnswer`). `HIVE_TASK`, `HIVE_PORT`, `HIVE_PHASE` and `HIVE_TRACEPARENT` say the same to
/// programs that read no JSON. It runs with the user's own environment: it needs its keys.
package struct ExecWorker: Worker {
    /// The program and its arguments; no shell sees them.
    package var words: [String]
    /// The working directory, absolute.
    package var folder: String
    package var limits: Command.Limits

    package init(words: [String], folder: String, limits: Command.Limits) {
        self.words = words
        self.folder = folder
        self.limits = limits
    }

    package func answer(_ assignment: Assignment) async throws(WorkerError) -> Outcome {
        let command = Command(
            words: words,
            folder: folder,
            environment: environment(for: assignment),
            hidesSecrets: false,
            input: Array("\(assignment.json.text)\n".utf8),
            limits: limits
        )
        var result = try await CommandRunner.run(command)
        let secrets = SecretValues(in: ProcessEnvironment.own)
        result.output = secrets.masked(result.output)
        result.errors = secrets.masked(result.errors)
        return ExecAnswer.outcome(of: result, program: program, limits: limits)
    }

    /// The program's name without its folders.
    private var program: String {
        PlainText.oneLine(words.first?.split(separator: "/").last.map(String.init) ?? "")
    }

    private func environment(for assignment: Assignment) -> [String: String] {
        var variables = [
            "HIVE_TASK": assignment.task.text,
            "HIVE_PORT": "\(assignment.port.rawValue)",
            "HIVE_PHASE": assignment.phase.letter,
        ]
        // The same task has the same span; zero is none (W3C Trace Context §3.2.2.4).
        let span = max(1, Fingerprint.of(assignment.task.text.utf8))
        if let parent = Traceparent(trace: assignment.trace, parent: span, flags: 1) {
            variables["HIVE_TRACEPARENT"] = parent.text
        }
        return variables
    }
}

/// The secrets of an environment, so that no worker's chatter puts one on the board.
struct SecretValues {
    /// Shorter values are too likely to be words.
    static let bytesMin = 8

    /// The longest first: one may be the beginning of another.
    private let values: [String]

    /// - `environment`: `NAME=value` and a NUL each.
    init(in environment: [[UInt8]]) {
        values =
            environment.compactMap { entry in
                let entry = entry.prefix { $0 != 0 }
                let name = entry.prefix { $0 != UInt8(ascii: "=") }
                let value = entry.dropFirst(name.count + 1)
                let isSecret = SecretNames.include(String(decoding: name, as: UTF8.self))
                guard isSecret, value.count >= Self.bytesMin else { return nil }
                return String(decoding: value, as: UTF8.self)
            }
            .sorted { $0.utf8.count > $1.utf8.count }
    }

    /// The text with every secret in it replaced.
    func masked(_ bytes: [UInt8]) -> [UInt8] {
        guard !values.isEmpty else { return bytes }
        let text = String(decoding: bytes, as: UTF8.self)
        let masked = values.reduce(text) { $0.replacing($1, with: "[secret]") }
        return Array(masked.utf8)
    }
}
