import ArgumentParser
import Glibc
import HiveConsole
import HiveControl
import HiveDaemon
import HiveMCP
import HiveSignal

struct MCPCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mcp",
        abstract: "Serve agents by the Model Context Protocol, on standard input and output.",
        discussion: "Clients start it themselves: hive mcp install writes their configuration. It "
            + "works with a daemon and without one, and joins one that comes.",
        subcommands: [MCPInstall.self]
    )

    @OptionGroup var board: ServerOptions

    func run() async throws {
        let settings = try board.settings()
        guard isatty(STDIN_FILENO) == 0 else {
            throw CommandError(
                exitCode: 2,
                "hive mcp talks to a program, and this is a terminal",
                hint: "have your editor or agent start it: hive mcp install --help"
            )
        }
        let personas = try Self.personas(settings)
        let pipes = try Pipes.takeOver()
        signal(SIGPIPE, SIG_IGN)
        let board = try MCPBoard(settings)
        let server = MCPServer(HiveFeatures(board.access(personas)))
        do {
            try await server.run(input: pipes.input, output: pipes.output)
        } catch let error as ControlError {
            throw CommandError(error)
        }
    }

    private static func personas(_ settings: Settings) throws(CommandError) -> [Persona] {
        do throws(HiveError) {
            let personas = try Personas.load(
                folder: settings.agentsFolder,
                requires: settings.agentsAreExplicit
            )
            return Port.all.map { personas[$0] }
        } catch {
            throw CommandError(error)
        }
    }

    /// The client's ends, out of the way of whatever else this process or a child of it does with
    /// standard input and output: only the protocol may be written there.
    private struct Pipes {
        var input: Int32
        var output: Int32

        static func takeOver() throws(CommandError) -> Pipes {
            let input = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
            let output = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
            let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
            defer { if null >= 0 { close(null) } }
            guard input >= 0, output >= 0, null >= 0, dup2(null, STDIN_FILENO) >= 0,
                dup2(STDERR_FILENO, STDOUT_FILENO) >= 0
            else {
                throw CommandError(
                    exitCode: 3,
                    "cannot take standard input and output: \(String(cString: strerror(errno)))",
                    hint: "start it with all three open: input, output and errors"
                )
            }
            return Pipes(input: input, output: output)
        }
    }
}
