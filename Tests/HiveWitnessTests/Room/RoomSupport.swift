import Foundation
import HiveProcess
import HiveTestKit
import Testing

@testable import HiveWitness

/// The sandboxes that this machine has, and how the room's own is reached from a test.
enum Sandboxes {
    /// hive's own sandbox behind a program of one line, as `hive` has it behind a hidden word.
    ///
    /// It is built beside the tests, by the C compiler that built them; nil: there is none.
    static let entry: [String]? = {
        let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../Sources/CLinux").standardized.path
        let folder = URL(fileURLWithPath: HiveProgram.path).deletingLastPathComponent().path
        let program = "\(folder)/sandbox-entry-\(getpid())"
        let code = """
            #include "CLinuxSandbox.h"
            int main(int count, char **words) { return clinux_sandbox(count - 1, words + 1); }
            """
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        for compiler in ["clang", "cc"] {
            let output = try? Spawned.run(
                "/usr/bin/env",
                [
                    compiler, "-O1", "-Wall", "-Wextra", "-Werror", "-I", "\(sources)/include",
                    "-o", program, "\(sources)/sandbox.c", "-x", "c", "-",
                ],
                in: "/",
                environment: ["PATH": path],
                input: Array(code.utf8)
            )
            guard output?.exitCode == 0 else { continue }
            // One name for all runs: what is left is one file among what was built.
            let kept = "\(folder)/sandbox-entry"
            return rename(program, kept) == 0 ? [kept] : nil
        }
        return nil
    }()

    static let hasBubblewrap = works([
        "/usr/bin/bwrap", "--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "true",
    ])

    static let hasNamespaces = works(
        (entry ?? ["/nonexistent"])
            + ["--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "--", "true"]
    )

    /// Those that work here, the one without walls among them.
    static let all: [SandboxKind] =
        (hasBubblewrap ? [.bubblewrap] : []) + (hasNamespaces ? [.namespaces] : [])
        + [.unsandboxed]

    static let walled = all.filter { $0 != .unsandboxed }

    private static func works(_ words: [String]) -> Bool {
        let output = try? Spawned.run(words[0], Array(words.dropFirst()), in: "/")
        return output?.exitCode == 0
    }
}

/// A repository, a home and a cache of a test's own, and the room over them.
struct RoomDesk {
    let folder: TemporaryFolder
    /// Outside of the repository.
    let outside: TemporaryFolder
    var room: CleanRoom

    init(
        _ files: [String: String],
        _ sandbox: SandboxKind?,
        setup: [String]? = nil,
        lockFiles: [String] = [],
        readable: [String] = [],
        limits: Command.Limits = Command.Limits(seconds: 120, outputBytes: 1 << 20),
        path: String = Toolchains.defaultPath
    ) async throws {
        folder = try TemporaryFolder(repository: files)
        outside = try TemporaryFolder()
        try outside.makeFolder("home")
        try outside.makeFolder("tmp")
        room = CleanRoom(
            repository: try await folder.repository,
            rules: RoomRules(
                setup: setup,
                lockFiles: lockFiles,
                readable: readable,
                limits: limits
            ),
            cacheFolder: outside.at("cache"),
            environment: [
                "PATH": path, "HOME": outside.at("home"), "TMPDIR": outside.at("tmp"),
                "A_VARIABLE_OF_OURS": "secret", "SSH_AUTH_SOCK": "/x", "GIT_DIR": "/x",
            ],
            entry: Sandboxes.entry ?? []
        )
        room.sandbox = sandbox
    }

    func tree(_ ref: String = "HEAD") async throws(WitnessError) -> GitTree {
        try await room.repository.tree(of: ref)
    }

    /// Runs a shell's script in a fresh checkout of the head.
    func run(_ script: String) async throws(WitnessError) -> RoomRun {
        try await room.withTree(try await tree()) { place throws(WitnessError) in
            try await place.shell(script)
        }
    }

    /// What is left of rooms.
    var leftovers: [String] { outside.names(in: "tmp") }
}

extension Workplace {
    /// Runs a script of the test's own; `$1` is the report folder.
    func shell(_ script: String) async throws(WitnessError) -> RoomRun {
        try await run { RunnerInvocation(words: ["bash", "-c", script, "test", $0]) }
    }
}

extension RoomRun {
    var text: String { String(decoding: run.output, as: UTF8.self) }
    var errorText: String { String(decoding: run.errors, as: UTF8.self) }
}
