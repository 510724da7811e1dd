import HiveSignal
import HiveTestKit
import HiveWorkers
import Testing

@Suite struct `Port 0 senses` {
    @Test func `the place where rare words stand together comes first`() async throws {
        let repository = try GitFolder()
        try repository.write(
            "import os\n\ndef parse_header(line):\n    return line.split(':')\n",
            to: "src/http.py"
        )
        try repository.write("the header of a page\n", to: "docs/page.md")
        try repository.write("def parse_body(text):\n    pass\n", to: "src/body.py")
        try repository.commit()
        let outcome = try await repository.ask(0, "the parse_header function is slow")
        #expect(
            outcome.summary
                == "3 places in 3 files for parse_header, function, slow, parse, header"
        )
        #expect(outcome.lines.first == "src/http.py:3: def parse_header(line):")
        #expect(outcome.confidence == 0.9)
        #expect(!outcome.isFailure)
        let place = outcome.details["places"]?.arrayValue?.first
        #expect(place?["path"] == "src/http.py")
        #expect(place?["line"] == 3)
    }

    @Test func `an untracked file is found, an ignored one is not`() async throws {
        let repository = try GitFolder()
        try repository.write("ignored.txt\n", to: ".gitignore")
        try repository.commit()
        try repository.write("a xylophone\n", to: "new.txt")
        try repository.write("a xylophone\n", to: "ignored.txt")
        let outcome = try await repository.ask(0, "Xylophone")
        #expect(outcome.lines == ["new.txt:1: a xylophone"])
    }

    @Test func `nothing found says which words were looked for`() async throws {
        let repository = try GitFolder()
        try repository.write("text\n", to: "a.txt")
        try repository.commit()
        let outcome = try await repository.ask(0, "where is the xylophone")
        #expect(outcome.message == "nothing found in 1 file for xylophone")
        #expect(outcome.confidence == 0.4)
    }

    @Test func `a message of stop words has nothing to look for`() async throws {
        let repository = try GitFolder()
        let outcome = try await repository.ask(0, "this and that, what is it?")
        #expect(outcome.message == "the signal has no words to look for")
        #expect(outcome.confidence == 0.4)
    }

    @Test func `one word of several is a weak find`() async throws {
        let repository = try GitFolder()
        try repository.write("xylophone\n", to: "a.txt")
        let outcome = try await repository.ask(0, "tune the xylophone")
        #expect(outcome.lines == ["a.txt:1: xylophone"])
        #expect(outcome.confidence == 0.6)
    }

    @Test func `words never become options or patterns`() async throws {
        let repository = try GitFolder()
        try repository.write("--help and .* stand here\n", to: "a.txt")
        let outcome = try await repository.ask(0, "--help --open-files-in-pager=touch .*")
        #expect(outcome.lines == ["a.txt:1: --help and .* stand here"])
    }

    @Test func `the board of hive is no finding`() async throws {
        let repository = try GitFolder()
        try repository.write("the xylophone is out of tune\n", to: "sandbox/notes.txt")
        for name in ["obsidianblackboard.jsonl", "quarantine.jsonl", "archive/gen-86.jsonl"] {
            try repository.write("xylophone tune\n", to: "sandbox/\(name)")
        }
        let outcome = try await repository.ask(0, "xylophone tune")
        #expect(outcome.lines == ["sandbox/notes.txt:1: the xylophone is out of tune"])
    }

    @Test func `a subfolder counts as the whole repository`() async throws {
        let repository = try GitFolder()
        try repository.write("xylophone\n", to: "up/here.txt")
        try repository.write("xylophone\n", to: "down/sandbox/obsidianblackboard.jsonl")
        try repository.write("nothing\n", to: "down/a.txt")
        let outcome = try await repository.ask(0, "xylophone", in: "down")
        #expect(outcome.lines == ["up/here.txt:1: xylophone"])
    }

    @Test func `files over four mebibytes are left out, and the answer says so`() async throws {
        let repository = try GitFolder()
        try repository.write("big-ignored.bin\n", to: ".gitignore")
        try repository.writeSparse("big.bin", bytes: 1 << 30)
        try repository.writeSparse("big-ignored.bin", bytes: 1 << 30)
        try repository.git("add", "-N", "big.bin")
        try repository.write(Array(repeating: 0x78, count: (4 << 20) + 1), to: [0xFF, 0x2A, 0x78])
        try repository.write("xxx\n", to: "a.txt")
        let outcome = try await repository.ask(0, "xxx")
        #expect(outcome.summary == "1 place in 2 files for xxx; left out: 2 files over 4 MiB")
        #expect(outcome.lines == ["a.txt:1: xxx"])
        #expect(outcome.details["leftOut"] == 2)
    }

    @Test func `hostile names and lines come out readable and harmless`() async throws {
        let repository = try GitFolder()
        let names = [
            "a\nb.txt", "-rf", ":(top)x", "tab\there", "\u{202E}txt.exe", "quote\"\\.txt",
            "\u{1B}[31mred",
        ]
        let line = "{\"hive\":\"X\",\"msg\":\"xylophone\u{1B}]0;t\u{7}\u{202E}\"}\r"
        for name in names { try repository.write(line + "\n", to: name) }
        try repository.write(Array(line.utf8), to: Array("bad".utf8) + [0xFF, 0xFE])
        try repository.write([0, 1, 2] + Array("xylophone".utf8), to: Array("binary".utf8))
        let outcome = try await repository.ask(0, "xylophone")
        let shown = "{\"hive\":\"X\",\"msg\":\"xylophone�]0;t��\"}"
        #expect(outcome.lines.count == 5)
        #expect(outcome.lines.contains(":(top)x:1: " + shown))
        #expect(outcome.lines.contains("-rf:1: " + shown))
        #expect(outcome.lines.contains("a\\nb.txt:1: " + shown))
        #expect(outcome.lines.contains("bad��:1: " + shown))
        #expect(!outcome.message.contains("binary"))
    }

    @Test func `a line that holds a secret is not shown`() async throws {
        let repository = try GitFolder()
        try repository.write("xylophone AKIA" + "ABCDEFGHIJKLMNOP\n", to: "a.txt")
        let outcome = try await repository.ask(0, "xylophone")
        #expect(outcome.lines == ["a.txt:1: (an AWS access key)"])
    }

    @Test func `the same repository gives the same answer`() async throws {
        let repository = try GitFolder()
        for number in 0..<30 {
            try repository.write("alpha beta\ngamma\n", to: "f\(number).txt")
        }
        let first = try await repository.ask(0, "alpha beta gamma delta")
        let second = try await repository.ask(0, "alpha beta gamma delta")
        #expect(first == second)
        #expect(first.lines.first == "f0.txt:1: alpha beta")
    }
}
