import Foundation
package import HiveSignal

/// A daemon of the real binary on a board in a folder of its own, and the commands a user would
/// run.
package final class DaemonUnderTest {
    package let folder: TemporaryFolder
    private let process: Spawned

    /// Starts `hive up` and waits until it says that it is up.
    ///
    /// - `reacts`: false: signals ask nobody, so that the board holds what the test wrote and
    ///   nothing else. A rule book that is there already stays.
    package init(
        in folder: TemporaryFolder,
        flags: [String] = [],
        environment: [String: String] = [:],
        reacts: Bool = false
    ) throws {
        self.folder = folder
        if !reacts { try folder.makeQuietRules() }
        process = try Spawned.start(
            HiveProgram.path,
            ["up", "--json"] + flags,
            in: folder.path,
            environment: environment
        )
        var said: [String] = []
        while let line = process.readLine() {
            if line.hasPrefix("watching ") { return }
            said.append(line)
        }
        throw TestKitError(
            "the daemon did not start: exit \(process.wait()): \(said.joined(separator: " | "))"
        )
    }

    package var pid: Int32 { process.pid }

    /// The next verdict the daemon prints, awaited.
    package func nextVerdict() throws -> JSONValue {
        guard let line = process.readLine(where: { $0.hasPrefix("{") }) else {
            throw TestKitError("the daemon ended: exit \(process.wait())")
        }
        return try JSONValue(parsing: line)
    }

    /// Reads verdicts until this many lines have one in all.
    package func waitForSequence(_ sequence: Int64) throws {
        while let at = try nextVerdict()["sequence"]?.integerValue, at < sequence {}
    }

    package func hive(_ arguments: String..., input: [UInt8] = []) throws -> HiveProgram.Output {
        try HiveProgram.run(arguments, in: folder.path, input: input)
    }

    /// `hive state --json`.
    package func state() throws -> JSONValue {
        try JSONValue(parsing: try hive("state", "--json").standardOutput.trimmed)
    }

    /// `hive status --json`.
    package func status() throws -> JSONValue {
        try JSONValue(parsing: try hive("status", "--json").standardOutput.trimmed)
    }

    package func signal(_ number: Int32) { process.signal(number) }

    /// The next line of its log or its output that holds these words, awaited.
    package func waitForLine(with words: String) throws {
        guard process.readLine(where: { $0.contains(words) }) != nil else {
            throw TestKitError("the daemon ended without saying: \(words)")
        }
    }

    /// SIGTERM, and the exit code.
    @discardableResult
    package func stop() -> Int32 {
        process.signal(SIGTERM)
        return process.wait()
    }

    /// SIGKILL.
    package func kill() {
        process.signal(SIGKILL)
        process.wait()
    }
}

extension TemporaryFolder {
    /// A rule book by which nobody is asked, where none is there.
    package func makeQuietRules() throws {
        guard bytes("specs/rules.yaml").isEmpty else { return }
        try makeFolder("specs")
        try write(Array("reactions: {enabled: false}\n".utf8), to: "specs/rules.yaml")
    }
}

extension String {
    /// Without white space at both ends.
    package var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
