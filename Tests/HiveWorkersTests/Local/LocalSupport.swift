import Glibc
import HiveSignal
import HiveTestKit
import HiveWorkers
import Testing

/// A real git repository in a folder of its own.
final class GitFolder {
    let folder: TemporaryFolder

    /// Makes an empty repository with the branch `main`.
    init(bare: Bool = false) throws {
        folder = try TemporaryFolder()
        try git(["init", "-q"] + (bare ? ["--bare"] : []))
    }

    /// Runs git as a user would; for anything but `accepting` it throws.
    @discardableResult
    func git(
        _ words: [String],
        in subfolder: String = ".",
        accepting: Set<Int32> = [0]
    ) throws -> String {
        let settings = [
            "user.name=A Tester", "user.email=tester@example.org", "init.defaultBranch=main",
            "commit.gpgSign=false", "protocol.file.allow=always",
        ].flatMap { ["-c", $0] }
        let run = try Spawned.run(
            "/usr/bin/git",
            settings + words,
            in: folder.at(subfolder),
            environment: ["GIT_CONFIG_NOSYSTEM": "1"]
        )
        guard accepting.contains(run.exitCode) else {
            throw TestKitError("git \(words): \(run.exitCode): \(run.standardError)")
        }
        return run.standardOutput
    }

    func git(_ words: String...) throws { try git(words) }

    /// Writes a text file, and the folders it is in.
    func write(_ text: String, to name: String) throws {
        try write(Array(text.utf8), to: Array(name.utf8))
    }

    /// Writes a file with whatever name.
    func write(_ bytes: [UInt8], to name: [UInt8]) throws {
        if let slash = name.lastIndex(of: UInt8(ascii: "/")) {
            try folder.makeFolder(String(decoding: name[..<slash], as: UTF8.self))
        }
        let path = Array(folder.path.utf8) + [UInt8(ascii: "/")] + name + [0]
        let file = path.withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) { name in
                name.baseAddress.map { fopen($0, "wb") } ?? nil
            }
        }
        let stream = try #require(file)
        defer { fclose(stream) }
        #expect(fwrite(bytes, 1, bytes.count, stream) == bytes.count)
    }

    /// Adds all and commits.
    func commit(_ message: String = "a commit") throws {
        try git("add", "-A")
        try git("commit", "-q", "--allow-empty", "-m", message)
    }

    /// A file of this size without content.
    func writeSparse(_ name: String, bytes: Int) throws {
        let file = open(folder.at(name), O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
        try #require(file >= 0)
        defer { close(file) }
        #expect(ftruncate(file, off_t(bytes)) == 0)
    }

    /// What a port answers to a message.
    func ask(
        _ port: UInt8,
        _ message: String = "a message",
        in subfolder: String? = nil
    ) async throws -> Outcome {
        let path = subfolder.map { folder.at($0) } ?? folder.path
        return try await LocalTools.ask(port, message, in: path)
    }
}

enum LocalTools {
    /// What a port answers in a folder, checked for what holds of every answer.
    static func ask(
        _ port: UInt8,
        _ message: String = "a message",
        in folder: String
    ) async throws -> Outcome {
        let worker = LocalWorker(folder: folder, tests: noTests)
        let outcome = try await worker.answer(.sample(port: port, message: message))
        expectHarmless(outcome)
        return outcome
    }

    static let noTests = TestTool(folder: "/", test: nil, runs: TestRuns())

    /// Bounded, readable, and nothing that could leave the line it is written to.
    static func expectHarmless(_ outcome: Outcome) {
        #expect(outcome.message.utf8.count <= 2_000)
        #expect(JSONValue.object(outcome.details).text.utf8.count <= 8_192)
        let lines = outcome.message.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count <= 9)
        #expect(lines.dropFirst().allSatisfy { $0.hasPrefix("  ") })
        let texts = [outcome.message] + strings(in: .object(outcome.details))
        for text in texts {
            for scalar in text.unicodeScalars where scalar != "\n" {
                let category = scalar.properties.generalCategory
                #expect(category != .control && category != .format, "in \(text)")
            }
        }
        for text in strings(in: .object(outcome.details)) { #expect(!text.contains("\n")) }
    }

    private static func strings(in value: JSONValue) -> [String] {
        switch value {
        case .string(let text): [text]
        case .array(let values): values.flatMap(strings)
        case .object(let object): object.values.flatMap(strings)
        default: []
        }
    }
}

extension Assignment {
    /// An assignment as the daemon would hand it out.
    static func sample(
        port number: UInt8,
        message: String = "a message",
        recalled: [AssignedSignal] = [],
        state: AssignedState? = nil
    ) -> Assignment {
        let port = Port(rawValue: number) ?? Port.all[0]
        return Assignment(
            task: TaskName(signal: SignalPlace(generation: 87, offset: 4_096), port: port),
            phase: port.phase,
            depth: 0,
            trace: TraceID(high: 1, low: 2),
            signal: .sample(message, reference: "s-87-4096"),
            causes: [],
            persona: Persona(
                port: port,
                name: "tester",
                verb: port.verb,
                model: nil,
                tools: [],
                temperature: nil,
                prompt: ""
            ),
            recalled: recalled,
            state: state
                ?? AssignedState(
                    generation: 87,
                    mode: "paired",
                    cycle: 1,
                    reached: PhaseSet(.hunt),
                    accepted: 12,
                    quarantined: 0,
                    unseen: 0,
                    openTasks: 0,
                    moves: []
                )
        )
    }
}

extension AssignedSignal {
    static func sample(
        _ message: String,
        reference: String,
        agent: String? = nil
    ) -> AssignedSignal {
        AssignedSignal(
            reference: reference,
            sequence: 7,
            timestamp: Timestamp(seconds: 1_767_002_400),
            phase: .hunt,
            port: Port.all[0],
            type: .signal,
            pull: .downstream,
            mark: 1,
            message: message,
            agent: agent
        )
    }
}

extension Outcome {
    /// The first line of the message.
    var summary: String {
        String(message.split(separator: "\n", omittingEmptySubsequences: false)[0])
    }

    /// The lines below it, without their indentation.
    var lines: [String] {
        message.split(separator: "\n", omittingEmptySubsequences: false).dropFirst()
            .map { String($0.dropFirst(2)) }
    }
}
