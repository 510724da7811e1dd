import Glibc
import HiveSignal
import HiveTestKit
import Testing

@testable import HiveDaemon

@Suite struct PersonasFileTests {
    // MARK: What is read

    @Test(arguments: [
        PersonasTests.adaText,
        "\u{FEFF}" + PersonasTests.adaText,
        PersonasTests.adaText.split(separator: "\n", omittingEmptySubsequences: false)
            .joined(separator: "\r\n"),
        "--- \t\n# mine\n" + PersonasTests.adaKeys + "\n \t\n\n",
    ])
    func `a byte order mark, CRLF and blank lines around the prompt mean nothing`(
        text: String
    ) throws {
        let three = try #require(Port(rawValue: 3))
        #expect(try PersonaFile.parse(text: text, file: "f").persona == PersonasTests.ada(three))
    }

    @Test(arguments: ["", "model: null\ntools: []\ntemperature: ~\n", "model:\ntools:\n"])
    func `model, tools and temperature may be left out`(keys: String) throws {
        let text = "---\n\(keys)port: 0\nname: a-1\nverb: sense\n---\nAnswer.\n---\nMore."
        let file = try PersonaFile.parse(text: text, file: "f")
        #expect(file.persona.model == nil)
        #expect(file.persona.tools.isEmpty)
        #expect(file.persona.temperature == nil)
        #expect(file.persona.prompt == "Answer.\n---\nMore.")
        #expect(file.portLine == keys.count { $0 == "\n" } + 2)
    }

    @Test(arguments: [("0", 0.0), ("2", 2), ("0.7", 0.7), ("1.50", 1.5), ("2.0", 2)])
    func `a temperature from 0 to 2 is read`(text: String, value: Double) throws {
        let file = try PersonaFile.parse(
            text: "---\nport: 0\nname: a\nverb: b\ntemperature: \(text)\n---\nA.",
            file: "f"
        )
        #expect(file.persona.temperature == value)
    }

    // MARK: What is refused

    @Test(arguments: PersonaMistake.all)
    func `a mistake names file, line and key`(mistake: PersonaMistake) throws {
        let error = try #require(throws: HiveError.self) {
            try PersonaFile.parse(text: mistake.text, file: "a.agent.md")
        }
        #expect(error.exitCode == 2)
        #expect(error.message == "a.agent.md:" + mistake.message)
        #expect(!error.hint.isEmpty)
    }

    @Test func `a bomb of aliases is refused before it unfolds`() throws {
        var text = "---\na0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...40 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(aliases)]\n"
        }
        let error = try #require(throws: HiveError.self) {
            try PersonaFile.parse(text: text + "---\nA.", file: "f")
        }
        #expect(error.message.hasPrefix("f:2: found an anchor"))
    }

    @Test(arguments: ["[", "{", "- ", "? ", "[[{a: "])
    func `nesting without end is refused`(unit: String) throws {
        let text = "---\ntools: \(String(repeating: unit, count: 40_000))\n---\nA."
        let error = try #require(throws: HiveError.self) {
            try PersonaFile.parse(text: text, file: "f")
        }
        #expect(error.exitCode == 2)
    }

    @Test func `what a message quotes is short and nothing that a terminal would obey`() throws {
        let value = #""\e[2J\u202Eb"# + String(repeating: "x", count: 100) + "\""
        let error = try #require(throws: HiveError.self) {
            try PersonaFile.parse(text: "---\nport: \(value)\n---\nA.", file: "f")
        }
        let tail = String(repeating: "x", count: 54)
        #expect(
            error.message
                == #"f:2: port: found "\u{1B}[2J\u{202E}b"# + tail
                + "\"…; expected a port from 0 to 7"
        )
    }

    // MARK: Files

    @Test func `a file of 256 KiB is read, a byte more is not`() throws {
        let folder = try TemporaryFolder()
        let missing = PersonaFile.bytesMax - PersonasTests.adaText.utf8.count
        let text = PersonasTests.adaText + String(repeating: "x", count: missing)
        try folder.write(Array(text.utf8), to: "a.agent.md")
        let path = folder.at("a.agent.md")
        #expect(try PersonaFile.read(path).persona.prompt.hasSuffix("xxx"))
        try folder.append([UInt8(ascii: "x")], to: "a.agent.md")
        let error = try #require(throws: HiveError.self) { try PersonaFile.read(path) }
        #expect(error.exitCode == 2)
        #expect(error.message == "\(path): the persona is larger than 262144 bytes")
    }

    @Test func `a persona in UTF-16 says so`() throws {
        let folder = try TemporaryFolder()
        try folder.write([0xFF, 0xFE, 0x2D, 0x00], to: "a.agent.md")
        let path = folder.at("a.agent.md")
        let error = try #require(throws: HiveError.self) { try PersonaFile.read(path) }
        #expect(error.exitCode == 2)
        #expect(error.message == "\(path): the persona is not UTF-8")
        #expect(error.hint.contains("UTF-8"))
    }

    @Test func `a named pipe, a device and a folder are no personas, and none is waited for`()
        throws
    {
        let folder = try TemporaryFolder()
        #expect(mkfifo(folder.at("pipe.agent.md"), 0o600) == 0)
        #expect(symlink("/dev/zero", folder.at("device.agent.md")) == 0)
        try folder.makeFolder("folder.agent.md")
        for name in ["pipe.agent.md", "device.agent.md", "folder.agent.md"] {
            let path = folder.at(name)
            let error = try #require(throws: HiveError.self) { try PersonaFile.read(path) }
            #expect(error.exitCode == 2)
            #expect(error.message == "\(path): found no regular file; expected a persona")
        }
    }

    @Test func `a link that leads nowhere, or round, is a mistake`() throws {
        let folder = try TemporaryFolder()
        let path = folder.at("a.agent.md")
        for (target, reason) in [
            ("nowhere", "No such file or directory"),
            ("a.agent.md", "Too many levels of symbolic links"),
        ] {
            #expect(symlink(target, path) == 0)
            let error = try #require(throws: HiveError.self) {
                try Personas.load(folder: folder.path, requires: false)
            }
            #expect(error.exitCode == 2)
            #expect(error.message == "cannot read the persona \(path): \(reason)")
            #expect(error.hint.contains("link"))
            #expect(unlink(path) == 0)
        }
    }

    @Test func `a file's name is shown on one line, without what a terminal would obey`() throws {
        let folder = try TemporaryFolder()
        try folder.write([], to: "a\n\u{1B}[2J\u{202E}.agent.md")
        let error = try #require(throws: HiveError.self) {
            try Personas.load(folder: folder.path, requires: false)
        }
        let shown = folder.at(#"a\u{A}\u{1B}[2J\u{202E}.agent.md"#)
        #expect(error.message.hasPrefix("\(shown):1: found no front matter"))
    }

    @Test func `a file's name has to be UTF-8`() throws {
        let folder = try TemporaryFolder()
        let path = Array(folder.at("").utf8) + [0xFF] + Array(".agent.md".utf8) + [0]
        let file = path.withUnsafeBytes { bytes in
            bytes.baseAddress.map { creat($0.assumingMemoryBound(to: CChar.self), 0o600) }
        }
        close(try #require(file))
        let error = try #require(throws: HiveError.self) {
            try Personas.load(folder: folder.path, requires: false)
        }
        #expect(error.exitCode == 2)
        #expect(
            error.message == "\(folder.path): found a file whose name is not UTF-8, "
                + "\u{FFFD}.agent.md; expected names such as port-0-lidless-legion.agent.md"
        )
    }

    // MARK: Any text

    @Test func `any cut of a shipped persona is read or refused, never fatal`() throws {
        let text = Personas.builtInFiles[0].text
        let bytes = Array(text.utf8)
        for length in bytes.indices {
            Self.readOrRefuse(String(decoding: bytes[..<length], as: UTF8.self), "cut \(length)")
        }
    }

    @Test func `characters changed at random are read or refused, never fatal`() {
        var random = SeededGenerator()
        let alphabet = Array("&*!|>'\"%@`#[]{},:?-~ \n\t\rnull0123456789é\u{0}".unicodeScalars)
        let front = Array(PersonasTests.adaText.unicodeScalars)
        for round in 0..<2_000 {
            var scalars = front
            for _ in 0..<4 {
                let place = Int.random(in: scalars.indices, using: &random)
                scalars[place] = alphabet.randomElement(using: &random) ?? " "
            }
            var text = String.UnicodeScalarView()
            text.append(contentsOf: scalars)
            Self.readOrRefuse(String(text), "HIVE_SEED=\(random.seed), round \(round)")
        }
    }

    private static func readOrRefuse(_ text: String, _ label: String) {
        do throws(HiveError) {
            let persona = try PersonaFile.parse(text: text, file: "f").persona
            #expect(!persona.prompt.isEmpty, "\(label)")
            #expect((1...64).contains(persona.name.utf8.count), "\(label)")
        } catch {
            #expect(error.exitCode == 2, "\(label)")
            #expect(error.message.hasPrefix("f:"), "\(label)")
            #expect(!error.message.contains("\n"), "\(label)")
        }
    }
}
