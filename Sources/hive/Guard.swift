import ArgumentParser
import Glibc
import HiveConsole
import HiveControl
import HiveDaemon
import HiveSignal

struct GuardCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "guard",
        abstract: "Tell coding agents what their phase allows, before they act.",
        discussion: "Agents: claude (Claude Code), codex, cursor, copilot, gemini, opencode. A "
            + "guard is advice that an agent could get round; what lands is judged by hive hook "
            + "and hive verify.",
        subcommands: [GuardCheck.self, GuardInstall.self, GuardUninstall.self]
    )
}

extension CodingAgent: ExpressibleByArgument {}
extension GuardDesk.OnFailure: ExpressibleByArgument {}

struct GuardCheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Answer a coding agent's hook: its JSON comes on standard input.",
        discussion: "Called by what hive guard install writes. The answer is in the agent's own "
            + "JSON; it says nothing where the call is allowed, so that the agent's own questions "
            + "to its person stay. Outside of a project with a rule book or a board all is allowed."
    )

    @Option(help: "Whose hook it is (default: told by the payload).") var agent: CodingAgent?
    @Option(help: "The event, where the payload does not name it.") var event: String?
    @Option(help: "What becomes of a call that cannot be judged: open lets it through.")
    var onFailure = GuardDesk.OnFailure.open

    func run() async throws {
        var options = GuardDesk.Options()
        options.agent = agent
        options.event = event
        options.onFailure = onFailure
        options.environment = GuardDesk.processEnvironment()
        options.workingFolder = try WorkingFolder.absolute(".")
        let desk = GuardDesk(options) { settings, method, params throws(HiveError) in
            do throws(CommandError) {
                return try Connection.ofHook(settings).call(method, params)
            } catch {
                throw HiveError(error)
            }
        }
        let answer: GuardAnswer
        do throws(HiveError) {
            let payload = try WholeFile.read("-", bytesMax: GuardCall.bytesMax)
            answer = await desk.answer(payload)
        } catch {
            answer = desk.answer(to: error)
        }
        if let text = answer.errors { Terminal.errors.write(text + "\n") }
        if let output = answer.output {
            let out = StandardOutput()
            out.line(output.text)
            try out.finish()
        }
        if answer.exitCode != 0 { throw ExitCode(answer.exitCode) }
    }
}
