import HiveProcess
import Foundation
import HiveSignal
import HiveTestKit
import Testing

@testable import HiveWorkers

/// Real git repositories, and scripts as test commands that note each run outside of them.
@Suite(.timeLimit(.minutes(10)))
struct TestRunsTests {
    private let outside: TemporaryFolder
    private let repository: TemporaryFolder
    private let runs = TestRuns()

    init() async throws {
        outside = try TemporaryFolder()
        repository = try TemporaryFolder()
        try repository.write(Array("one\n".utf8), to: "file")
        try await git("init", "-q")
        try await commit()
    }

    // MARK: One run for a tree

    @Test func `a later caller gets the remembered result`() async throws {
        let command = try testCommand()
        let first = try await runs.run(command)
        let second = try await runs.run(command)
        #expect(first.result.ending == .exited(0))
        #expect(first.report?.passed == 3)
        #expect(!first.isReused)
        #expect(second.isReused)
        #expect(second.result == first.result)
        #expect(second.tree == first.tree)
        #expect(runCount == 1)
    }

    @Test(
        arguments: [
            "echo two >>file", "touch file2", "mkdir -p a/b && echo x >a/b/c", "rm file",
            "chmod 755 file", "git mv file moved", "echo two >file; git commit -qam two",
            "echo x >\"$(printf 'new\\nline')\"", "git rm -q --cached file",
        ]
    ) func `any change makes another tree`(_ change: String) async throws {
        let command = try testCommand()
        let before = try await runs.run(command)
        try await shell(change)
        let after = try await runs.run(command)
        #expect(!after.isReused)
        #expect(after.tree != before.tree)
        #expect(runCount == 2)
    }

    @Test func `the same changed files are the same tree, and other bytes are not`() async throws {
        try await shell("echo two >file; touch -d @1700000000.000000001 file; echo >untracked")
        let first = try #require(await WorkingTree.read(repository.path))
        #expect(await WorkingTree.read(repository.path) == first)
        // The size is the same, and so is the second.
        try await shell("echo six >file; touch -d @1700000000.000000002 file")
        let second = try #require(await WorkingTree.read(repository.path))
        #expect(second != first)
        #expect(first.name.split(separator: "+")[0] == second.name.split(separator: "+")[0])
        #expect(first.name != second.name)
    }

    @Test func `a clean tree bears the name of its commit`() async throws {
        let tree = try #require(await WorkingTree.read(repository.path))
        #expect(tree.name.count == 40)
        #expect(tree.name.allSatisfy { $0.isHexDigit })
    }

    @Test func `callers from one tree share a run in progress`() async throws {
        let started = try Pipe(in: outside, "started")
        let gate = try Gate(in: outside)
        let command = try testCommand("echo up >'\(started.path)'; read go <'\(gate.path)'")
        let first = Task { try await runs.run(command) }
        #expect(await started.next() == "up\n")
        let others = (0..<3).map { _ in Task { try await runs.run(command) } }
        await untilWaiting(4)
        gate.open()
        #expect(try await first.value.isReused == false)
        for other in others { #expect(try await other.value.isReused) }
        #expect(runCount == 1)
    }

    @Test func `without git each caller has a run of its own, one at a time`() async throws {
        let folder = try TemporaryFolder()
        var command = try testCommand(
            "mkdir '\(outside.at("lock"))' || echo overlapped >>'\(outside.at("overlaps"))'; "
                + "rmdir '\(outside.at("lock"))'"
        )
        command.folder = folder.path
        try await withThrowingTaskGroup(of: TestRun.self) { callers in
            for _ in 0..<8 {
                callers.addTask { [command] in try await runs.run(command) }
            }
            for try await run in callers {
                #expect(!run.isReused)
                #expect(run.tree == nil)
            }
        }
        #expect(runCount == 8)
        #expect(outside.bytes("overlaps").isEmpty)
    }

    @Test func `another command on the same tree is another run`() async throws {
        var command = try testCommand()
        _ = try await runs.run(command)
        command.words.append("--again")
        #expect(try await !runs.run(command).isReused)
        #expect(runCount == 2)
    }

    @Test func `a tree that changes in the middle of its run is not remembered`() async throws {
        let command = try testCommand("echo change >>file; git checkout -q file; touch generated")
        let first = try await runs.run(command)
        try await shell("rm generated")
        let second = try await runs.run(command)
        #expect(first.tree == second.tree)
        #expect(!second.isReused)
        #expect(runCount == 2)
    }

    @Test func `eight results are remembered`() async throws {
        var command = try testCommand()
        command.words.append("")
        let last = command.words.count - 1
        for number in 0...TestRuns.rememberedMax {
            command.words[last] = "\(number)"
            #expect(try await !runs.run(command).isReused)
        }
        command.words[last] = "1"
        #expect(try await runs.run(command).isReused)
        command.words[last] = "0"
        #expect(try await !runs.run(command).isReused)
    }

    @Test func `a run that was ended is not remembered`() async throws {
        var command = try testCommand("sleep 1000")
        command.limits.seconds = 0.2
        for _ in 0..<2 {
            let run = try await runs.run(command)
            #expect(run.result.ending == .timedOut)
            #expect(!run.isReused)
        }
        #expect(runCount == 2)
    }

    // MARK: Cancellation

    @Test func `a caller that is cancelled does not hurt the others`() async throws {
        let started = try Pipe(in: outside, "started")
        let gate = try Gate(in: outside)
        let command = try testCommand("echo up >'\(started.path)'; read go <'\(gate.path)'")
        let first = Task { try await runs.run(command) }
        #expect(await started.next() == "up\n")
        let second = Task { try await runs.run(command) }
        await untilWaiting(2)
        first.cancel()
        let error = await #expect(throws: WorkerError.self) { try await first.value }
        #expect(error == .cancelled)
        gate.open()
        let run = try await second.value
        #expect(run.result.ending == .exited(0))
        #expect(runCount == 1)
    }

    @Test func `a run that nobody waits for is ended, and no later caller gets it`() async throws {
        let started = try Pipe(in: outside, "started")
        let command = try testCommand(
            "test -e '\(outside.at("again"))' && exit 0; exec 9>'\(started.path)'; "
                + "echo up >&9; sleep 1000"
        )
        let only = Task { try await runs.run(command) }
        #expect(await started.next() == "up\n")
        only.cancel()
        let error = await #expect(throws: WorkerError.self) { try await only.value }
        #expect(error == .cancelled)
        try outside.write([], to: "again")
        let run = try await runs.run(command)
        #expect(run.result.ending == .exited(0))
        #expect(!run.isReused)
        await started.end()
    }

    @Test func `a caller that waits for its turn can leave`() async throws {
        let started = try Pipe(in: outside, "started")
        let gate = try Gate(in: outside)
        let command = try testCommand("echo up >'\(started.path)'; read go <'\(gate.path)'")
        let first = Task { try await runs.run(command) }
        #expect(await started.next() == "up\n")
        try await shell("echo two >file")
        let second = Task { try await runs.run(command) }
        await untilWaiting(2)
        second.cancel()
        let error = await #expect(throws: WorkerError.self) { try await second.value }
        #expect(error == .cancelled)
        gate.open()
        #expect(try await first.value.result.ending == .exited(0))
        #expect(runCount == 1)
    }

    // MARK: Odd repositories

    @Test func `a repository without a commit has a tree`() async throws {
        let folder = try TemporaryFolder()
        try await shell("git init -q; echo >file", in: folder)
        let tree = try #require(await WorkingTree.read(folder.path))
        #expect(tree.name.hasPrefix("none+"))
    }

    @Test func `a folder inside of a repository has the whole tree`() async throws {
        try await shell("mkdir inner; echo >inner/file")
        let before = try #require(await WorkingTree.read(repository.at("inner")))
        try await shell("echo two >file")
        #expect(await WorkingTree.read(repository.at("inner")) != before)
    }

    @Test func `git runs no program that the repository names`() async throws {
        let script = try outside.script("monitor", "touch '\(outside.at("ran"))'")
        try await git("config", "core.fsmonitor", script)
        #expect(await WorkingTree.read(repository.path) != nil)
        #expect(access(outside.at("ran"), F_OK) != 0)
    }

    @Test func `a tree with submodules is unsure, and git is not let into them`() async throws {
        let inner = try TemporaryFolder()
        try await shell("git init -q; echo >file; git add .; git commit -qm inner", in: inner)
        try await git(
            "-c",
            "protocol.file.allow=always",
            "submodule",
            "add",
            "-q",
            inner.path,
            "sub"
        )
        try await commit()
        let script = try outside.script("monitor", "touch '\(outside.at("ran"))'")
        try await shell("git -C sub config core.fsmonitor '\(script)'")
        try await shell("echo two >>sub/file")
        #expect(await WorkingTree.read(repository.path) == nil)
        #expect(access(outside.at("ran"), F_OK) != 0)
    }

    // MARK: Helpers

    /// A test command that notes that it ran, outside of the repository.
    private func testCommand(_ body: String = ":") throws -> Command {
        let script = try outside.script(
            "tests",
            "echo ran >>'\(outside.at("runs"))'\n\(body)\necho '=== 3 passed in 0.01s ==='"
        )
        return Command(
            words: [script],
            folder: repository.path,
            limits: Command.Limits(seconds: 60, outputBytes: 65_536)
        )
    }

    private var runCount: Int { outside.bytes("runs").count { $0 == 10 } }

    private func untilWaiting(_ count: Int) async {
        while await runs.waiting < count { await Task.yield() }
    }

    private func shell(_ script: String, in folder: TemporaryFolder? = nil) async throws {
        let result = try await CommandRunner.run(
            Command(
                words: ["sh", "-e", "-c", script],
                folder: (folder ?? repository).path,
                environment: [
                    "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_AUTHOR_NAME": "a",
                    "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a",
                    "GIT_COMMITTER_EMAIL": "a@b",
                ],
                limits: Command.Limits(seconds: 60, outputBytes: 65_536)
            )
        )
        try #require(result.ending == .exited(0), "\(script): \(result.errorText)")
    }

    private func git(_ words: String...) async throws {
        try await shell("git " + words.map { "'\($0)'" }.joined(separator: " "))
    }

    private func commit() async throws { try await shell("git add -A; git commit -qm 'a commit'") }
}

/// A named pipe that scripts wait at until the test opens it.
private final class Gate: Sendable {
    let path: String
    private let descriptor: Int32

    init(in folder: TemporaryFolder) throws {
        path = folder.at("gate")
        try #require(mkfifo(path, 0o600) == 0)
        descriptor = Foundation.open(path, O_RDWR | O_CLOEXEC)
        try #require(descriptor >= 0)
    }

    deinit { close(descriptor) }

    /// Lets one script through.
    func open() { _ = write(descriptor, "go\n", 3) }
}
