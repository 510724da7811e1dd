import HiveConsole
import HiveControl
import HiveDaemon
import HiveSignal

/// What a person sees of a hook: nothing where all is well; else what, where, by which rule, and
/// what to do next, on less than a screen.
enum HookTelling {
    /// Names of files take so many columns before the rest moves on.
    private static let subjectColumnsMax = 36

    static func tell(_ answer: HookAnswer, of hook: HookName) {
        let terminal = Terminal.errors
        for note in answer.notes {
            var line = Line("hive: ", .yellow)
            line.add(note)
            terminal.write(line: line)
        }
        guard answer.isRefused else { return }
        var head = Line("hive: ", .red)
        head.add("\(hook.rawValue) refuses \(answer.subject)", .bold)
        terminal.write(line: head)
        let longest = answer.findings.map { SafeText.columns(SafeText.escaped($0.subject)) }.max()
        let width = min(longest ?? 0, subjectColumnsMax)
        for finding in answer.findings {
            var line = Line("  ")
            line.add(finding.subject)
            line.pad(toColumns: 2 + width)
            line.add("  \(finding.reason)", .red)
            line.add("  [\(finding.rule)]", .dim)
            line.wrapIndent = 4
            terminal.write(line: line)
        }
        for (index, step) in answer.steps.enumerated() {
            var line = Line(index == 0 ? "next: " : "      ", .green)
            line.add(step)
            line.wrapIndent = 6
            terminal.write(line: line)
        }
    }

    /// Tells the board of a commit; what hinders it is told and nothing more.
    static func emit(_ signal: CommitSignal, _ settings: Settings) {
        do throws(CommandError) {
            let connection = try Connection.ofHook(settings)
            let state = try connection.call(Method.state)
            var draft = SignalDraft(
                timestamp: .now(),
                mark: 1,
                pull: "downstream",
                message: signal.message,
                type: "event",
                phase: signal.phase,
                generation: state.integer("gen") ?? 0,
                port: signal.port
            )
            draft.agent = signal.agent
            draft.evidence = signal.receipt
            draft.traceparent = SignalDraft.traceparent(in: signal.trace)
            let results = try connection.list(
                Method.emit,
                ["lines": [["signal": .string(draft.line)]]],
                "results"
            )
            results.filter { !$0.isAccepted }.forEach(EmitAnswer.advise(about:))
        } catch {
            CommandError(
                exitCode: error.exitCode,
                "the commit is made, and the board was not told: \(error.message)",
                hint: error.hint
            ).report()
        }
    }
}
