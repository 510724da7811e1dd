import Testing

@testable import HiveDaemon

@Suite struct SettingsDotEnvTests {
    @Test(arguments: [
        ("A=b", "b"), ("A=", ""), ("  A = b c  ", "b c"), ("export A=b", "b"),
        ("export\tA=b", "b"), ("A=b # comment", "b"), ("A=b#c", "b#c"), ("A= # comment", ""),
        ("A='b # c'", "b # c"), ("A='b\\n$c' # d", "b\\n$c"),
        ("A=\"b\\n\\t\\\"\\\\\\$c\"", "b\n\t\"\\$c"),
        ("A=\"b\\qc\" # d", "b\\qc"), ("A=\"\"", ""), ("A=b=c", "b=c"), ("A=é", "é"),
        ("A=b\r", "b"), ("A=it's", "it's"), ("A=$B", "$B"), ("A=x\nA=b", "b"),
    ])
    func `a line is read as shells read it`(line: String, value: String) {
        let file = DotEnv(parsing: Array(line.utf8), file: ".env")
        #expect(file.values == ["A": value])
        #expect(file.warnings.isEmpty)
    }

    @Test(arguments: [
        ("secret", "expected KEY=VALUE"),
        ("export secret", "expected KEY=VALUE"),
        ("=secret", "a key is letters, digits and `_`, and begins with no digit"),
        ("1A=secret", "a key is letters, digits and `_`, and begins with no digit"),
        ("A-B=secret", "a key is letters, digits and `_`, and begins with no digit"),
        ("A='secret", "a quote is not closed on its line"),
        ("A=\"secret\\\"", "a quote is not closed on its line"),
        ("A=\"secret\" more", "text after the closing quote"),
        ("A='secret'more", "text after the closing quote"),
        ("A=sec\u{0}ret", "a control character"),
        ("A=sec\rret", "a control character"),
    ])
    func `a bad line is passed over, named and never shown`(line: String, fault: String) {
        let file = DotEnv(parsing: Array("X=1\n\(line)\nY=2\n".utf8), file: "/p/.env")
        #expect(file.values == ["X": "1", "Y": "2"])
        #expect(file.warnings == ["/p/.env:2: \(fault); line ignored"])
    }

    @Test func `blank lines and comments say nothing`() {
        let file = DotEnv(parsing: Array("\n  \r\n# A=1\n\t# é\nA=1".utf8), file: ".env")
        #expect(file.values == ["A": "1"])
        #expect(file.warnings.isEmpty)
    }

    @Test func `a byte order mark at the start is passed over`() {
        let file = DotEnv(parsing: [0xEF, 0xBB, 0xBF] + Array("A=1".utf8), file: ".env")
        #expect(file.values == ["A": "1"])
    }

    @Test func `a line that is no UTF-8 harms no other`() {
        let file = DotEnv(parsing: [0x41, 0x3D, 0xFF, 0x0A] + Array("B=1".utf8), file: ".env")
        #expect(file.values == ["B": "1"])
        #expect(file.warnings == [".env:1: not UTF-8 text; line ignored"])
    }

    @Test func `a file that is not there is empty, one that cannot be read is a warning`() throws {
        let folder = try SettingsFolder()
        let missing = DotEnv.load(path: folder.path + "/.env")
        #expect(missing.values.isEmpty && missing.warnings.isEmpty)
        let unreadable = DotEnv.load(path: folder.path)
        #expect(unreadable.values.isEmpty)
        #expect(unreadable.warnings == ["\(folder.path): Is a directory; not read"])
    }

    @Test func `a file too large is passed over with a warning`() throws {
        let folder = try SettingsFolder()
        let bytes = [UInt8](repeating: UInt8(ascii: "#"), count: DotEnv.bytesMax + 1)
        let path = try folder.write(bytes, to: ".env")
        let file = DotEnv.load(path: path)
        #expect(file.warnings == ["\(path): larger than 1048576 bytes; not read"])
    }

    @Test func `settings carry the warnings and never a value`() throws {
        let folder = try SettingsFolder()
        _ = try folder.write(
            Array("OPENAI_API_KEY=sk-1\nsk-2 \nCURRENT_GEN=sk-3".utf8),
            to: ".env"
        )
        let settings = try Settings(
            flags: SettingsFlags(),
            environment: [:],
            workingDirectory: folder.path
        )
        #expect(
            settings.warnings == [
                "\(folder.path)/.env:2: expected KEY=VALUE; line ignored",
                "CURRENT_GEN in .env is no generation (0, 1, …); ignored",
            ]
        )
        #expect(!"\(settings)".contains("sk-"))
    }
}
