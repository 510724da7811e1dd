import Glibc
import HiveProcess
import HiveTestKit
import Testing

@testable import HiveWitness

/// Programs that a machine may have or not.
enum Tool {
    static let pytest = works("python3", "-m", "pytest", "--version")
    static let node = works(
        "node",
        "-e",
        "process.exit(Number(process.versions.node.split('.')[0]) < 20 ? 1 : 0)"
    )
    static let cargo = works("cargo", "--version")
    static let go = works("go", "version")
    static let swift = works("swift", "--version")

    private static func works(_ words: String...) -> Bool {
        var environment: [String: String] = [:]
        for name in ["PATH", "HOME"] {
            environment[name] = getenv(name).map { String(cString: $0) }
        }
        let output = try? Spawned.run("/usr/bin/env", words, in: "/tmp", environment: environment)
        return output?.exitCode == 0
    }
}

/// A throw-away project whose tests are run as the witness runs them.
struct Project {
    /// A guard against a run that hangs, nothing that a test waits for.
    static let seconds = 540.0
    static let outputBytesMax = 8 << 20

    let tree: TemporaryFolder

    init(_ files: [String: String]) throws {
        tree = try TemporaryFolder()
        try tree.writeFiles(files)
    }

    /// Runs a command with its runner, and reads what it left.
    func run(
        _ words: [String],
        environment: [String: String] = [:]
    ) async throws -> RunReport {
        let runner = try #require(TestRunners.runner(for: words, named: nil))
        let reports = try TemporaryFolder()
        let invocation = runner.invocation(of: words, reportingTo: reports.path)
        let result = try await CommandRunner.run(
            Command(
                words: invocation.words,
                folder: tree.path,
                environment: environment.merging(invocation.environment) { _, own in own },
                limits: Command.Limits(seconds: Self.seconds, outputBytes: Self.outputBytesMax)
            )
        )
        var code: Int32?
        if case .exited(let number) = result.ending { code = number }
        let names = reports.names(in: ".")
        let files = names.map { ($0, reports.bytes($0)) }
        return runner.report(
            of: FinishedRun(
                exitCode: code,
                output: result.output,
                errors: result.errors,
                reports: Dictionary(uniqueKeysWithValues: files),
                folder: tree.path
            )
        )
    }
}
