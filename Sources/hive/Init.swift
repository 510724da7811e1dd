import ArgumentParser
import Glibc
import HiveConsole
import HiveDaemon
import HiveSignal
import HiveWitness

struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Set a project's folder up: rules, personas, .gitignore, and your key.",
        discussion: "Nothing that is there is changed, but for lines that .gitignore lacks. "
            + "Run again, it makes what is missing. Your key, which signs overrides, is made in "
            + "$XDG_CONFIG_HOME/hive (default: ~/.config/hive) where you have none; at a terminal "
            + "you are asked for a passphrase that seals it."
    )

    @Flag(help: "Say what would be made, and make nothing.")
    var dryRun = false

    @OptionGroup var output: OutputOptions

    @Argument(help: "The project's folder (default: the working folder).", completion: .directory)
    var folder = "."

    func run() throws {
        var (setup, plan) = try planned()
        if !dryRun { try carryOut(&plan) }
        let next = setup.nextSteps(now: .now(), workingDirectory: ".")
        let out = StandardOutput()
        if output.json {
            printJSON(plan, next, to: out)
        } else {
            show(plan, next, to: out)
        }
        try out.finish()
    }

    private func planned() throws(CommandError) -> (ProjectSetup, SetupPlan) {
        do throws(HiveError) {
            let setup = try ProjectSetup(folder: folder)
            var plan = try setup.plan()
            try OwnerSetup(setup, keys: try? KeyFolder.ofProcess()).add(to: &plan)
            return (setup, plan)
        } catch {
            throw CommandError(error)
        }
    }

    /// Asks for a passphrase before anything is made.
    private func carryOut(_ plan: inout SetupPlan) throws(CommandError) {
        var passphrase: Passphrase?
        if plan.makesKey, isatty(STDIN_FILENO) == 1, let terminal = ControllingTerminal() {
            let text = "your key signs overrides; a passphrase keeps it from programs of yours"
            terminal.terminal.write(line: Line(text))
            passphrase = try NewPassphrase.ask(terminal)
        }
        do throws(HiveError) {
            try plan.carryOut(passphrase: passphrase)
        } catch {
            throw CommandError(error)
        }
        guard plan.makesKey && passphrase == nil else { return }
        plan.warn(
            "your key has no passphrase, so any program of yours can force what you can",
            cure: "set one with hive override passphrase"
        )
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
            table.add([Line(word, style), Line(Self.short(step.path), .bold), Line(step.note)])
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

    /// The person's own folder is `~` to a person.
    private static func short(_ path: String) -> String {
        guard let home = getenv("HOME").map({ String(cString: $0) }), home.utf8.count > 1,
            path.hasPrefix(home + "/")
        else { return path }
        return "~" + path.dropFirst(home.count)
    }

    private func word(_ action: SetupPlan.Step.Action) -> (String, Style) {
        switch action {
        case .made: (dryRun ? "to make" : "made", .green)
        case .kept: ("there already", .dim)
        case .extended: (dryRun ? "to extend" : "extended", .green)
        }
    }
}
