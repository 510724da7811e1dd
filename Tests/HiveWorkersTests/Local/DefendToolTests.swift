import HiveSignal
import HiveTestKit
import Testing

@testable import HiveWorkers

@Suite struct `Port 5 defends` {
    @Test func `finds what an added line weakens, with its place`() async throws {
        let repository = try GitFolder()
        try repository.write("one\ntwo\nthree\n", to: "src/app.py")
        try repository.write("def test_a():\n    assert 1\n    assert 2\n", to: "tests/test_a.py")
        try repository.write("def test_b():\n    assert 1\n", to: "tests/test_b.py")
        try repository.write("already = 1  # noqa\n", to: "old.py")
        try repository.commit()
        try repository.write("one\ntwo  # noqa: E501\nthree\n# TODO: four\n", to: "src/app.py")
        try repository.write(
            "@pytest.mark.skip\ndef test_a():\n    assert 1\n",
            to: "tests/test_a.py"
        )
        try repository.git("rm", "-q", "tests/test_b.py")
        try repository.write("make test || true\n", to: "ci.sh")
        let outcome = try await repository.ask(5)
        #expect(
            outcome.message == """
                6 findings in 4 added lines in 3 files
                  1 skipped or focused test: tests/test_a.py:1 (mark.skip)
                  1 deleted test file: tests/test_b.py (deleted)
                  1 test file with fewer assertions: tests/test_a.py (1 fewer)
                  2 disabled checks: src/app.py:2 (noqa), ci.sh:1 (|| true)
                  1 stub: src/app.py:4 (TODO)
                """
        )
        #expect(outcome.confidence == 0.9)
        #expect(outcome.details["disabledChecks"]?.arrayValue?.count == 2)
        #expect(outcome.details["stubs"]?.arrayValue?.first?["line"] == 4)
    }

    @Test func `never repeats a secret`() async throws {
        let secrets = [
            "AKIA" + "ABCDEFGHIJKLMNOP", "ghp_" + String(repeating: "a1", count: 18),
            "glpat-" + String(repeating: "b2", count: 10), "xoxb-" + "1234567890-abcdef",
            "sk_live_" + String(repeating: "c3", count: 12),
            "sk-ant-" + String(repeating: "d4", count: 20),
            "sk-" + String(repeating: "e5", count: 24),
        ]
        let repository = try GitFolder()
        try repository.commit()
        let lines =
            secrets.map { "key = \"\($0)\"" } + [
                "-----BEGIN OPENSSH PRIVATE " + "KEY-----",
                "db = postgres://root:hunter2" + "@db/x",
                "password = \"correct-horse\"",
            ]
        try repository.write(lines.joined(separator: "\n"), to: "config.py")
        let outcome = try await repository.ask(5)
        #expect(outcome.summary == "10 findings in 10 added lines in 1 file")
        let text = outcome.message + JSONValue.object(outcome.details).text
        for secret in secrets + ["hunter2", "correct-horse"] { #expect(!text.contains(secret)) }
        let found = outcome.details["secrets"]?.arrayValue ?? []
        #expect(found.compactMap { $0["line"]?.integerValue } == Array(1...10))
        #expect(
            outcome.lines.first?.hasPrefix("10 secrets: config.py:1 (an AWS access key)") == true
        )
    }

    @Test func `nothing suspicious is said with less confidence`() async throws {
        let repository = try GitFolder()
        try repository.write("let one = 1\n", to: "a.swift")
        let outcome = try await repository.ask(5)
        #expect(outcome.message == "nothing suspicious in 1 added line in 1 file")
        #expect(outcome.confidence == 0.6)
    }

    @Test func `no change is nothing to defend`() async throws {
        let repository = try GitFolder()
        try repository.commit()
        let outcome = try await repository.ask(5)
        #expect(outcome.message == "nothing has changed: nothing to defend")
        #expect(outcome.confidence == 0.4)
    }

    @Test func `the board and large files are not scanned`() async throws {
        let repository = try GitFolder()
        try repository.write("TODO\n", to: "sandbox/obsidianblackboard.jsonl")
        try repository.writeSparse("big", bytes: 1 << 30)
        let outcome = try await repository.ask(5)
        #expect(
            outcome.message
                == "nothing suspicious in 0 added lines in 0 files; not looked into: "
                + "1 file over 4 MiB"
        )
    }

    @Test func `a test file that only moved is not gone`() async throws {
        let repository = try GitFolder()
        try repository.write("assert 1\n", to: "old/test_a.py")
        try repository.write("assert 2\n", to: "old/test_b.py")
        try repository.commit()
        try repository.folder.remove("old/test_a.py")
        try repository.write("assert 1\n", to: "new/test_a.py")
        try repository.write("new\n", to: "new/test_c.py")
        try repository.git("mv", "old/test_b.py", "test_b.py")
        try repository.git("add", "new/test_c.py")
        try repository.folder.remove("new/test_c.py")
        let outcome = try await repository.ask(5)
        #expect(outcome.summary.hasPrefix("nothing suspicious"))
    }

    @Test func `names that git quotes are found again`() async throws {
        let repository = try GitFolder()
        let name = Array("tab\tquote\"line\nback\\".utf8) + [0xFF] + Array(".py".utf8)
        try repository.write(Array("one\n".utf8), to: name)
        try repository.commit()
        try repository.write(Array("one\n+++ b/fake\n@@ -1 +1 @@\nx = 1  # TODO\n".utf8), to: name)
        let outcome = try await repository.ask(5)
        #expect(outcome.lines == ["1 stub: tab\\tquote\"line\\nback\\�.py:4 (TODO)"])
    }

    @Test(arguments: [
        ("a/ATests.swift", "@Test(.disabled(\"flaky\")) func x() {}"),
        ("a/ATests.swift", "try XCTSkipIf(true)"), ("a.py", "@pytest.mark.skip"),
        ("a.py", "    self.skipTest('no')"), ("a.js", "it.only('x', () => {})"),
        ("a.ts", "describe.skip('x', () => {})"), ("a.test.js", "  xit('x')"),
        ("a_test.go", "t.Skip(\"later\")"), ("a.rs", "#[ignore]"), ("A.java", "@Disabled"),
        ("A.kt", "@Ignore(\"x\")"), ("a.cpp", "GTEST_SKIP();"), ("a_spec.rb", "xit 'works' do"),
        ("A.php", "$this->markTestSkipped();"), ("A.cs", "[Fact(Skip = \"later\")]"),
    ])
    func `knows a skipped test`(_ name: String, _ line: String) {
        #expect(kinds(name, line).contains(.skippedTest))
    }

    @Test(arguments: [
        ("a.swift", "Button(\"x\").disabled(true)"), ("a.js", "process.exit(1)"),
        ("a.test.js", "model.fit(data)"), ("A.java", "@IgnoreExtraProperties"),
        ("README.md", "use it.only to focus"), ("a.rb", "skip first"),
    ])
    func `does not take other code for a skipped test`(_ name: String, _ line: String) {
        #expect(kinds(name, line).isEmpty)
    }

    @Test(arguments: [
        ("a.js", "// eslint-disable-next-line"), ("a.py", "x = y  # type: ignore"),
        ("a.ts", "// @ts-ignore"), ("a.go", "//nolint:errcheck"), ("a.cpp", "// NOLINT"),
        ("a.swift", "// swiftlint:disable all"), ("a.cs", "#pragma warning disable CS0168"),
        ("a.sh", "git commit --no-verify"), ("Makefile", "\tlint || true"),
        (".github/ci.yml", "continue-on-error: true"), ("a.rs", "#[allow(dead_code)]"),
        ("A.java", "@SuppressWarnings(\"all\")"),
    ])
    func `knows a disabled check`(_ name: String, _ line: String) {
        #expect(kinds(name, line) == [.disabledCheck])
    }

    @Test(arguments: [
        ("a.py", "raise NotImplementedError"), ("a.rs", "unimplemented!()"),
        ("a.rs", "    todo!()"), ("a.swift", "fatalError(\"not implemented\")"),
        ("a.js", "throw new Error('Not implemented')"), ("a.c", "/* FIXME */"),
        ("A.cs", "throw new NotImplementedException();"),
    ])
    func `knows a stub`(_ name: String, _ line: String) {
        #expect(kinds(name, line) == [.stub])
    }

    @Test(arguments: [
        ("a.py", "password = os.environ['PASSWORD']"), ("a.py", "password = \"\""),
        ("a.py", "api_key = \"your-api-key\""), ("a.swift", "let secret: String"),
        ("a.ts", "apiKey: string,"), ("a.yml", "password: ${DB_PASSWORD}"),
        ("a.md", "sk-learn is a library"), ("a.js", "if (password == 'abcdefgh') {}"),
        ("a.txt", "https://example.org/a:b@c"), ("a.go", "Password string `json:\"password\"`"),
    ])
    func `does not take other text for a secret`(_ name: String, _ line: String) {
        #expect(kinds(name, line).isEmpty)
    }

    @Test(arguments: [
        (".env", "DB_PASSWORD=correct-horse"), ("a.yaml", "  api_key: abc123def456"),
        ("a.json", "\"clientSecret\": \"abc123def456\""), ("a.go", "apiKey := \"abc123def456\""),
        ("a.rb", ":password => 'abc123def456'"),
        ("a.txt", "eyJ" + "hbGciOiJIUzI1.eyJ" + "zdWIiOiIxMjM0.dBjftJeZ4CVP-mB92"),
    ])
    func `knows a secret`(_ name: String, _ line: String) {
        #expect(kinds(name, line) == [.secret])
    }

    private func kinds(_ name: String, _ line: String) -> Set<ChangeScanner.Kind> {
        let patch = """
            diff --git a/\(name) b/\(name)
            --- a/\(name)
            +++ b/\(name)
            @@ -0,0 +1 @@
            +\(line)
            """
        var scanner = ChangeScanner()
        scanner.scan(GitPatch(Array(patch.utf8)))
        #expect(scanner.addedLines == 1)
        return Set(scanner.findings.keys)
    }
}

@Suite struct `A patch` {
    @Test func `gives each line its number`() throws {
        let patch = GitPatch(
            Array(
                """
                diff --git a/a.txt b/a.txt
                index 1..2 100644
                --- a/a.txt
                +++ b/a.txt
                @@ -1,2 +1 @@ heading
                -one
                -two
                +1
                @@ -9,0 +9,2 @@
                +++ b/x
                +@@ -1 +1 @@
                \\ No newline at end of file
                diff --git a/gone b/gone
                --- a/gone
                +++ /dev/null
                @@ -1 +0,0 @@
                --- a/y

                """.utf8
            )
        )
        let first = try #require(patch.files.first)
        #expect(first.new?.text == "a.txt")
        #expect(first.removed.map(\.number) == [1, 2])
        #expect(first.added.map(\.number) == [1, 9, 10])
        #expect(first.added.map { String(decoding: $0.text, as: UTF8.self) }[1] == "++ b/x")
        let last = try #require(patch.files.last)
        #expect(last.old?.text == "gone")
        #expect(last.new == nil)
        #expect(String(decoding: last.removed[0].text, as: UTF8.self) == "-- a/y")
        #expect(patch.files.count == 2)
    }

    @Test func `no bytes bring the parser down`() {
        var generator = SeededGenerator()
        let pieces = [
            "diff --git ", "--- a/", "+++ \"b/\\", "@@ -1,2 +3,4 @@", "\n", "+", "-", "\\377\"",
            "@@ -99999999999999999999 +1 @@\n", "\"", "1 M", "\0", "2 R. N... ", "u UU ", "? ",
            "# branch.ab +1 -1", "\t", "-\t-\t",
        ]
        for _ in 0..<2_000 {
            let count = Int.random(in: 0...30, using: &generator)
            let text = (0..<count).map { _ in pieces.randomElement(using: &generator) ?? "" }
            let bytes = Array(text.joined().utf8)
            let patch = GitPatch(bytes)
            #expect(patch.files.count <= count, "HIVE_SEED=\(generator.seed)")
            let fields = bytes.split(separator: 0)
            #expect(GitStatus(fields: fields).entries.count <= fields.count)
            #expect(Change.counts(fields).count <= fields.count)
        }
    }
}
