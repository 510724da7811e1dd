import ArgumentParser
import HiveConsole
import HiveDaemon
import HiveSignal

struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Set a project's folder up: rules, personas, .gitignore.",
        discussion: "Nothing that is there is changed, but for lines that .gitignore lacks. "
            + "Run again, it makes what is missing."
    )

    @Flag(help: "Say what would be made, and make nothing.")
    var dryRun = false

    @OptionGroup var output: OutputOptions

    @Argument(help: "The project's folder (default: the working folder).", completion: .directory)
    var folder = "."

    func run() throws {
        let out = StandardOutput()
        do throws(HiveError) {
            let setup = try ProjectSetup(folder: folder)
            let plan = try setup.plan()
            if !dryRun { try plan.carryOut() }
            let next = setup.nextSteps(now: .now(), workingDirectory: ".")
            if output.json {
                printJSON(plan, next, to: out)
            } else {
                show(plan, next, to: out)
            }
        } catch {
            throw CommandError(error)
        }
        try out.finish()
    }

    private func printJSON(_ plan: SetupPlan, _ next: [String], to out: StandardOutput) {
        for step in plan.steps {
            var object = step.json.objectValue ?? [:]
            if dryRun { object["dryRun"] = true }
            out.line(JSONValue.object(object).text)
        }
        let end: JSONValue = [
            "next": .array(next.map { .string($0) }),
            "warnings": .array(plan.warnings.map { .string($0.text) }),
        ]
        out.line(end.text)
    }

    private func show(_ plan: SetupPlan, _ next: [String], to out: StandardOutput) {
        if dryRun { out.line(Line("dry run: nothing is changed", .dim)) }
        var table = Table()
        for step in plan.steps {
            let (word, style) = word(step.action)
            table.add([Line(word, style), Line(step.path, .bold), Line(step.note)])
        }
        table.lines.forEach { out.line($0) }
        for warning in plan.warnings {
            var line = Line("! ", .yellow)
            line.add(warning.message)
            out.line(line)
            if !warning.cure.isEmpty { out.line(.advice(warning.cure, on: .output)) }
        }
        out.line(Line())
        out.line(Line("next:", .bold))
        next.forEach { out.line(Line("  " + $0)) }
    }

    private func word(_ action: SetupPlan.Step.Action) -> (String, Style) {
        switch action {
        case .made: (dryRun ? "to make" : "made", .green)
        case .kept: ("there already", .dim)
        case .extended: (dryRun ? "to extend" : "extended", .green)
        }
    }
}
