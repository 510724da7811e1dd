import ArgumentParser
import HiveConsole
import HiveDaemon
import HiveSignal

struct GuardInstall: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "install",
        abstract: "Put hive into a coding agent's own configuration.",
        discussion: "What is there stays as it is, byte for byte. What would change is shown "
            + "first, and at a terminal you are asked; elsewhere --yes says so."
    )

    @Argument(help: "claude, codex, cursor, copilot, gemini or opencode.") var agent: CodingAgent
    @Flag(help: "Print what the configuration needs, and change nothing.") var print = false
    @Flag(help: "Write without asking.") var yes = false
    @Option(help: "What becomes of a call that hive cannot judge: open lets it through.")
    var onFailure = GuardDesk.OnFailure.open
    @OptionGroup var output: OutputOptions

    func run() throws {
        let installation = try Installation.of(agent, onFailure)
        if print {
            let out = StandardOutput()
            if output.json {
                let answer: JSONValue = [
                    "agent": .string(agent.rawValue), "add": .string(installation.wanted),
                ]
                out.line(answer.text)
            } else {
                out.write(installation.wanted.utf8)
            }
            return try out.finish()
        }
        try Installation.change(
            installation,
            agent,
            yes: yes,
            asJSON: output.json,
            done: "\(agent.rawValue) asks hive now"
        ) { installation throws(HiveError) in try installation.install() }
        if !installation.hasProject {
            var note = Line()
            note.add("hive:", .yellow)
            note.add(" this project has no rules yet, so all is let through; hive init makes them")
            Terminal.errors.write(line: note)
        }
    }
}

struct GuardUninstall: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "uninstall",
        abstract: "Take hive out of a coding agent's configuration.",
        discussion: "A file that nobody changed since is as it was before, byte for byte; of "
            + "another only hive's own entries go."
    )

    @Argument(help: "claude, codex, cursor, copilot, gemini or opencode.") var agent: CodingAgent
    @Flag(help: "Write without asking.") var yes = false
    @OptionGroup var output: OutputOptions

    func run() throws {
        try Installation.change(
            try Installation.of(agent, .open),
            agent,
            yes: yes,
            asJSON: output.json,
            done: "\(agent.rawValue) does not ask hive any more"
        ) { installation throws(HiveError) in try installation.uninstall() }
    }
}

private enum Installation {
    static func of(
        _ agent: CodingAgent,
        _ onFailure: GuardDesk.OnFailure
    ) throws(CommandError) -> GuardInstallation {
        let folder = try WorkingFolder.absolute(".")
        do throws(HiveError) {
            return try GuardInstallation(agent, onFailure: onFailure, workingFolder: folder)
        } catch {
            throw CommandError(error)
        }
    }

    /// Shows what would change, asks, and changes it; as JSON it tells once it is done.
    static func change(
        _ installation: GuardInstallation,
        _ agent: CodingAgent,
        yes: Bool,
        asJSON: Bool,
        done: String,
        _ plan: (GuardInstallation) throws(HiveError) -> GuardInstallation.Plan
    ) throws(CommandError) {
        let out = StandardOutput()
        do throws(HiveError) {
            let plan = try plan(installation)
            guard !plan.changesNothing else {
                let text = Line("\(plan.name): nothing to change", .dim)
                if asJSON { out.line(json(plan, agent)) } else { out.line(text) }
                return try finish(out)
            }
            // Who is to be asked must see it, whatever the answer looks like.
            for line in plan.difference {
                let line = Line(line, style(of: line))
                if !asJSON { out.line(line) } else if !yes { Terminal.errors.write(line: line) }
            }
            try finish(out)
            guard try isWanted(yes) else {
                throw .refused("\(plan.name) stays as it is", hint: "")
            }
            try installation.carryOut(plan)
            let text = Line("\(plan.name): \(done)", .green)
            if asJSON { out.line(json(plan, agent)) } else { out.line(text) }
            try finish(out)
        } catch {
            throw CommandError(error)
        }
    }

    /// What was changed, where; nothing where the difference is empty.
    private static func json(_ plan: GuardInstallation.Plan, _ agent: CodingAgent) -> String {
        let answer: JSONValue = [
            "agent": .string(agent.rawValue), "path": .string(plan.path),
            "changed": .bool(!plan.changesNothing),
            "removed": .bool(plan.before != nil && plan.after == nil),
            "difference": .array(plan.difference.map { .string($0) }),
        ]
        return answer.text
    }

    private static func finish(_ out: StandardOutput) throws(HiveError) {
        do throws(CommandError) {
            try out.finish()
        } catch {
            throw HiveError(error)
        }
    }

    private static func style(of line: String) -> Style? {
        switch line.first {
        case "+": .green
        case "-": .red
        case "@": .cyan
        default: nil
        }
    }

    private static func isWanted(_ yes: Bool) throws(HiveError) -> Bool {
        if yes { return true }
        guard let terminal = ControllingTerminal() else {
            throw .usage("nobody is there to ask", hint: "--yes writes without asking")
        }
        let answer = terminal.line("write it? [y/N]") ?? ""
        return ["y", "yes"].contains(answer.lowercased())
    }
}
