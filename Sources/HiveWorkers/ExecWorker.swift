package import HiveProcess
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

    /// What must not come back in an answer.
    package var secrets: SecretValues

    package init(
        words: [String],
        folder: String,
        limits: Command.Limits,
        secrets: SecretValues = .ofEnvironment()
    ) {
        self.words = words
        self.folder = folder
        self.limits = limits
        self.secrets = secrets
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
        // Before an answer is read, so that no cut leaves half a key, and after, when the escapes
        // of JSON are gone.
        var result = try await CommandRunner.run(command)
        result.output = secrets.masked(result.output)
        result.errors = secrets.masked(result.errors)
        let outcome = ExecAnswer.outcome(of: result, program: program, limits: limits)
        return secrets.masked(outcome)
    }

    /// The program's name without its folders.
    private var program: String {
        PlainText.oneLine(words.first?.split(separator: "/").last.map(String.init) ?? "")
    }

    private func environment(for assignment: Assignment) -> [String: String] {
        var variables = [
            "HIVE_TASK": assignment.name,
            "HIVE_PORT": "\(assignment.port.rawValue)",
            "HIVE_PHASE": assignment.phase.letter,
        ]
        // The same task has the same span; zero is none (W3C Trace Context §3.2.2.4).
        let span = max(1, Fingerprint.of(assignment.name.utf8))
        if let parent = Traceparent(trace: assignment.trace, parent: span, flags: 1) {
            variables["HIVE_TRACEPARENT"] = parent.text
        }
        return variables
    }
}
