@testable import HiveProcess
import Foundation
import HiveTestKit
import Testing

@testable import HiveWorkers

/// Real processes, one clause a test.
@Suite(.timeLimit(.minutes(10)))
struct CommandRunnerTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func `output, errors and exit code come back`() async throws {
        let command = try folder.command("cat; echo two >&2; exit 3", input: Array("one".utf8))
        let result = try await CommandRunner.run(command)
        #expect(result.ending == .exited(3))
        #expect(result.text == "one")
        #expect(result.errorText == "two\n")
        #expect(!result.isOutputCut)
        #expect(result.seconds > 0)
    }

    @Test func `words reach the program as they are, through no shell`() async throws {
        let words = ["a b", "$HOME", "`id`", "*", "", "é\n", "';--"]
        let command = try folder.command(
            #"for word; do printf '<%s>' "$word"; done"#,
            arguments: words
        )
        let result = try await CommandRunner.run(command)
        #expect(result.text == words.map { "<\($0)>" }.joined())
    }

    @Test func `a bare name is found on PATH, a relative path from the folder`() async throws {
        _ = try folder.script("here", "pwd")
        for words in [["pwd"], ["./here"]] {
            var command = try folder.command("")
            command.words = words
            let result = try await CommandRunner.run(command)
            #expect(result.text == folder.path + "\n")
        }
    }

    @Test func `bytes that are no UTF-8 are not touched`() async throws {
        let bytes: [UInt8] = [0xFF, 0x00, 0x1B, 0x5B, 0x6D, 0xC3]
        let result = try await CommandRunner.run(try folder.command("cat", input: bytes))
        #expect(result.output == bytes)
    }

    @Test func `a signal that ends the program is told`() async throws {
        let result = try await CommandRunner.run(try folder.command("kill -9 $$"))
        #expect(result.ending == .signalled(SIGKILL))
    }

    // MARK: What cannot be started

    @Test func `a program that is not there is named, with the cure`() async throws {
        var command = try folder.command("")
        command.words = ["no-such-program-of-hive"]
        var error = await #expect(throws: WorkerError.self) { try await CommandRunner.run(command) }
        #expect(error?.message == "cannot run no-such-program-of-hive: no such program")
        #expect(error?.hint == "install it, or write its whole path in the command")
        command.words = ["./missing"]
        error = await #expect(throws: WorkerError.self) { try await CommandRunner.run(command) }
        #expect(error?.message == "cannot run ./missing: no such program")
        #expect(error?.hint == "check that the file is there and executable (chmod +x)")
    }

    @Test func `a file that may not be executed is named, with the cure`() async throws {
        var command = try folder.command("")
        try folder.write(Array("#!/bin/sh\n".utf8), to: "plain")
        command.words = ["./plain"]
        let error = await #expect(throws: WorkerError.self) {
            try await CommandRunner.run(command)
        }
        #expect(error?.message.hasPrefix("cannot run ./plain") == true)
        #expect(error?.hint.contains("chmod +x") == true)
    }

    @Test func `a folder that is not there is named`() async throws {
        var command = try folder.command("")
        command.folder = folder.at("missing")
        let error = await #expect(throws: WorkerError.self) {
            try await CommandRunner.run(command)
        }
        #expect(
            error?.message == "cannot run \(command.words[0]) in \(command.folder): no such folder"
        )
    }

    @Test(arguments: [[], [""]]) func `a command needs a program`(_ words: [String]) async throws {
        var command = try folder.command("")
        command.words = words
        let error = await #expect(throws: WorkerError.self) {
            try await CommandRunner.run(command)
        }
        #expect(error?.message == "the command has no words")
    }

    // MARK: What the program inherits

    @Test func `it has three descriptors, whatever is open here`() async throws {
        let leak = open("/dev/null", O_RDONLY)
        defer { close(leak) }
        var command = try folder.command("")
        command.words = ["ls", "/proc/self/fd"]
        // The fourth is the folder that ls reads.
        #expect(try await CommandRunner.run(command).text == "0\n1\n2\n3\n")
    }

    @Test func `it leads a session and a process group of its own`() async throws {
        let body =
            "read pid name state parent group session rest </proc/$$/stat; "
            + "echo $((group == pid && session == pid))"
        #expect(try await CommandRunner.run(try folder.command(body)).text == "1\n")
    }

    @Test func `variables are added and replaced`() async throws {
        var command = try folder.command(#"echo "$HIVE_TASK|$HOME|${PATH:+path}""#)
        command.environment = ["HIVE_TASK": "t-87-0-4", "HOME": "/nowhere"]
        #expect(try await CommandRunner.run(command).text == "t-87-0-4|/nowhere|path\n")
    }

    @Test func `secrets are passed on only where the command says so`() throws {
        let inherited = [
            "PATH=/bin", "OPENAI_API_KEY=1", "OPENROUTER_API_KEY3=2", "githubToken=3",
            "DB_PASSWORD=4", "DB_PWD=5", "AWS_SECRET_ACCESS_KEY=6", "NPM_AUTH=7", "PWD=/tmp",
            "GIT_AUTHOR_NAME=me", "KEYBOARD=de", "MONKEY=1", "TOKENS=8", "9=9", "odd", "HOME=/",
        ]
        var command = try folder.command("")
        command.environment = ["HOME": "/home"]
        func names() -> [String] {
            let bytes = inherited.map { Array("\($0)\0".utf8) }
            return ProcessEnvironment.entries(for: command, inherited: bytes).map {
                String(decoding: $0.prefix { $0 != UInt8(ascii: "=") }, as: UTF8.self)
            }
        }
        #expect(names() == ["HOME", "PATH", "PWD", "GIT_AUTHOR_NAME", "KEYBOARD", "MONKEY"])
        command.hidesSecrets = false
        #expect(names().count == inherited.count - 2)
    }

    // MARK: Input

    @Test func `a large input arrives whole while output flows back`() async throws {
        let input = (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0) }
        let command = try folder.command("cat", input: input, outputBytes: 5_000_000)
        let result = try await CommandRunner.run(command)
        #expect(result.output == input)
        #expect(!result.isOutputCut)
    }

    @Test(arguments: ["exit 0", "exec 0<&-; exit 0", "head -c 1 >/dev/null"])
    func `input that is not read is no error`(_ body: String) async throws {
        let input = [UInt8](repeating: 65, count: 10_000_000)
        let result = try await CommandRunner.run(try folder.command(body, input: input))
        #expect(result.ending == .exited(0))
    }

    @Test func `a program may close its output long before it ends`() async throws {
        let body = "exec >&- 2>&-; cat; exit 7"
        let result = try await CommandRunner.run(try folder.command(body, input: [65, 10]))
        // cat(1) finds no output to write to.
        #expect(result.ending == .exited(7))
        #expect(result.output.isEmpty)
    }

    // MARK: Limits

    @Test func `output over the limit is kept up to it, and the program ended`() async throws {
        let body = "head -c 100000000 /dev/zero; echo survived >survivor"
        let command = try folder.command(body, outputBytes: 1_000_000)
        let result = try await CommandRunner.run(command)
        #expect(result.isOutputCut)
        #expect(result.output.count == 1_000_000)
        #expect(result.ending == .signalled(SIGTERM))
        #expect(folder.bytes("survivor").isEmpty)
    }

    @Test func `output at the limit is whole`() async throws {
        let command = try folder.command("head -c 300000 /dev/zero", outputBytes: 300_000)
        let result = try await CommandRunner.run(command)
        #expect(!result.isOutputCut)
        #expect(result.output.count == 300_000)
        #expect(result.ending == .exited(0))
    }

    @Test func `of the errors the end is kept`() async throws {
        let body = "yes some-long-word | head -c 1000000 >&2; echo; echo the end >&2"
        let result = try await CommandRunner.run(try folder.command(body))
        let counts = CommandRunner.errorBytesMax - 20...CommandRunner.errorBytesMax
        #expect(counts.contains(result.errors.count))
        #expect(result.errorText.hasPrefix("\nsome-long-word\n"), "no half a word")
        #expect(result.errorText.hasSuffix("the end\n"))
        #expect(result.ending == .exited(0))
    }

    @Test func `time that is over ends the program and what it started`() async throws {
        let pipe = try Pipe(in: folder)
        let body = "exec 9>'\(pipe.path)'; sleep 1000 & sleep 1000"
        let result = try await CommandRunner.run(try folder.command(body, seconds: 0.3))
        #expect(result.ending == .timedOut)
        await pipe.end()
    }

    @Test func `a program that ignores SIGTERM is killed`() async throws {
        let pipe = try Pipe(in: folder)
        let body = "trap '' TERM; exec 9>'\(pipe.path)'; while :; do sleep 1000; done"
        let result = try await CommandRunner.run(try folder.command(body, seconds: 0.3))
        #expect(result.ending == .timedOut)
        await pipe.end()
    }

    @Test func `memory over the limit is refused to the program`() async throws {
        // The limit holds before the input comes.
        let body = "read go; exec dd if=/dev/zero of=/dev/null bs=512M count=1"
        let limited = try folder.command(body, input: [10], memoryBytes: 64 << 20)
        let result = try await CommandRunner.run(limited)
        #expect(result.ending == .exited(1))
        #expect(result.errorText.contains("memory exhausted"))
        let free = try await CommandRunner.run(try folder.command(body, input: [10]))
        #expect(free.ending == .exited(0))
    }

    // MARK: Strays

    @Test func `a grandchild that keeps the pipes open does not hold the run`() async throws {
        let pipe = try Pipe(in: folder)
        let body = "exec 9>'\(pipe.path)'; sleep 1000 & echo gone"
        let result = try await CommandRunner.run(try folder.command(body))
        #expect(result.ending == .exited(0))
        #expect(result.text == "gone\n")
        await pipe.end()
    }

    @Test func `a grandchild that ignores SIGTERM is killed`() async throws {
        let pipe = try Pipe(in: folder)
        let body = """
            exec 9>'\(pipe.path)'
            mkfifo ready
            (trap '' TERM; echo >ready; while :; do sleep 1000; done) &
            read line <ready
            """
        let result = try await CommandRunner.run(try folder.command(body))
        #expect(result.ending == .exited(0))
        await pipe.end()
    }

    @Test func `one that left the group and writes for ever does not hold the run`() async throws {
        let pipe = try Pipe(in: folder)
        let body = "exec 9>'\(pipe.path)'; setsid yes >&2 & setsid yes & exit 0"
        let result = try await CommandRunner.run(try folder.command(body, outputBytes: 1 << 30))
        #expect(result.ending == .exited(0))
        // Nobody reads its pipe any more: SIGPIPE ends it.
        await pipe.end()
    }

    // MARK: Cancellation

    @Test func `cancellation ends the program and what it started`() async throws {
        let pipe = try Pipe(in: folder)
        let body = "exec 9>'\(pipe.path)'; sleep 1000 & echo up >&9; sleep 1000"
        let command = try folder.command(body)
        let run = Task { try await CommandRunner.run(command) }
        #expect(await pipe.next() == "up\n")
        run.cancel()
        let error = await #expect(throws: WorkerError.self) { try await run.value }
        #expect(error == .cancelled)
        await pipe.end()
    }

    @Test func `a task that is cancelled already starts nothing`() async throws {
        let command = try folder.command("echo started >started")
        let run = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await CommandRunner.run(command)
        }
        let error = await #expect(throws: WorkerError.self) { try await run.value }
        #expect(error == .cancelled)
        #expect(folder.bytes("started").isEmpty)
    }

    // MARK: Many

    @Test func `fifty at once each get their own answer`() async throws {
        let command = try folder.command("cat; echo \"$1\"")
        try await withThrowingTaskGroup(of: (Int, String).self) { runs in
            for number in 0..<50 {
                var command = command
                command.words.append("argument \(number)")
                command.input = Array("input \(number)\n".utf8)
                runs.addTask { [command] in
                    (number, try await CommandRunner.run(command).text)
                }
            }
            for try await (number, text) in runs {
                #expect(text == "input \(number)\nargument \(number)\n")
            }
        }
    }
}
