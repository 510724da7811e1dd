import Glibc
import HiveKernel
import HiveTestKit
import HiveWitness
import Testing

@testable import HiveDaemon

/// How a project's test command is found by the files of its folder.
@Suite struct InitTestCommandTests {
    /// A folder by its files, and what is found there; empty words: nothing.
    struct Project: Sendable, CustomTestStringConvertible {
        var files: [String: String]
        var words: [String]
        var foundBy: String

        init(_ files: [String: String], _ words: [String], by foundBy: String = "") {
            self.files = files
            self.words = words
            self.foundBy = foundBy
        }

        var testDescription: String { files.keys.sorted().joined(separator: " ") }
    }

    private func detect(_ files: [String: String]) throws -> TestCommand? {
        let folder = try TemporaryFolder()
        for (name, text) in files {
            let parts = name.split(separator: "/")
            if parts.count > 1 {
                try folder.makeFolder(parts.dropLast().joined(separator: "/"))
            }
            try folder.write(Array(text.utf8), to: name)
        }
        return TestCommand.detect(in: ProjectFolder(folder.path))
    }

    private static let script = #"{"scripts":{"test":"vitest run"}}"#

    static let oneLanguage: [Project] = [
        Project(["Package.swift": ""], ["swift", "test"], by: "Package.swift"),
        Project(["Cargo.toml": ""], ["cargo", "test"], by: "Cargo.toml"),
        Project(["go.mod": ""], ["go", "test", "./..."], by: "go.mod"),
        Project(["mix.exs": ""], ["mix", "test"], by: "mix.exs"),
        Project(["pom.xml": ""], ["mvn", "-q", "test"], by: "pom.xml"),
        Project(["pom.xml": "", "mvnw": ""], ["./mvnw", "-q", "test"], by: "pom.xml"),
        Project(["build.gradle": "", "gradlew": ""], ["./gradlew", "test"], by: "build.gradle"),
        Project(["build.gradle.kts": ""], ["gradle", "test"], by: "build.gradle.kts"),
        Project(["App.csproj": ""], ["dotnet", "test"], by: "a .csproj file"),
        Project(["App.sln": "", "App.csproj": ""], ["dotnet", "test"], by: "a .sln file"),
        Project(
            ["composer.json": "{}", "phpunit.xml.dist": ""],
            ["vendor/bin/phpunit"],
            by: "phpunit.xml.dist"
        ),
        Project(
            ["composer.json": #"{"require-dev":{"phpunit/phpunit":"^11"}}"#],
            ["vendor/bin/phpunit"],
            by: "composer.json"
        ),
        Project(
            ["composer.json": #"{"scripts":{"test":["@phpunit"]}}"#],
            ["composer", "test"],
            by: "the test script in composer.json"
        ),
        Project(
            ["Gemfile": "", "spec/a_spec.rb": ""],
            ["bundle", "exec", "rspec"],
            by: "Gemfile and spec/"
        ),
        Project(["deno.json": "{}"], ["deno", "test"], by: "deno.json"),
        Project(["deno.jsonc": "{ // a comment\n}"], ["deno", "test"], by: "deno.jsonc"),
        Project(
            ["deno.json": #"{"tasks":{"test":"deno test -A"}}"#],
            ["deno", "task", "test"],
            by: "the test task in deno.json"
        ),
        Project(["pytest.ini": ""], ["python3", "-m", "pytest"], by: "pytest.ini"),
        Project(["pyproject.toml": ""], ["python3", "-m", "pytest"], by: "pyproject.toml"),
        Project(["setup.cfg": ""], ["python3", "-m", "pytest"], by: "setup.cfg"),
        Project(["tox.ini": ""], ["python3", "-m", "pytest"], by: "tox.ini"),
        Project(["tests/test_a.py": ""], ["python3", "-m", "pytest"], by: "tests/*.py"),
        Project(
            ["pyproject.toml": "", "uv.lock": ""],
            ["uv", "run", "pytest"],
            by: "pyproject.toml and uv.lock"
        ),
        Project(
            ["pyproject.toml": "", "poetry.lock": ""],
            ["poetry", "run", "pytest"],
            by: "pyproject.toml and poetry.lock"
        ),
        Project(
            ["CMakeLists.txt": "", "build/CMakeCache.txt": ""],
            ["ctest", "--test-dir", "build", "--output-on-failure"],
            by: "CMakeLists.txt and build/"
        ),
    ]

    @Test(arguments: oneLanguage)
    func `a project of one language gets that language's runner`(project: Project) throws {
        let found = try #require(try detect(project.files))
        #expect(found.words == project.words)
        #expect(found.foundBy == project.foundBy)
    }

    @Test(arguments: [
        ("", ["npm", "test"]),
        ("package-lock.json", ["npm", "test"]),
        ("pnpm-lock.yaml", ["pnpm", "test"]),
        ("yarn.lock", ["yarn", "test"]),
        ("bun.lock", ["bun", "run", "test"]),
        ("bun.lockb", ["bun", "run", "test"]),
    ])
    func `a test script is run by the package manager whose lock file is there`(
        lock: String,
        words: [String]
    ) throws {
        var files = ["package.json": Self.script]
        if !lock.isEmpty { files[lock] = "" }
        let found = try #require(try detect(files))
        #expect(found.words == words)
        #expect(found.foundBy == "the test script in package.json")
    }

    @Test func `without a lock file the packageManager key counts`() throws {
        let manifest = #"{"packageManager":"pnpm@9.1.0","scripts":{"test":"jest"}}"#
        #expect(try detect(["package.json": manifest])?.words == ["pnpm", "test"])
    }

    @Test(arguments: [
        [:], ["README.md": ""], ["CMakeLists.txt": ""], ["Gemfile": ""],
        ["composer.json": "{}"], ["tests/readme.txt": ""], ["package.json": "{}"],
        ["package.json": "{"], ["package.json": #"{"scripts":{"test":" "}}"#],
        ["package.json": #"{"scripts":{"test":["jest"]}}"#],
        ["package.json": #"{"scripts":{"test":"echo \"Error: no test specified\" && exit 1"}}"#],
        ["sub/Cargo.toml": ""],
    ])
    func `what does not tell of tests gives no command`(files: [String: String]) throws {
        #expect(try detect(files) == nil)
    }

    @Test func `of several languages a test target counts, else the strongest sign`() throws {
        let both = ["Cargo.toml": "", "package.json": Self.script]
        #expect(try detect(both)?.words == ["cargo", "test"])
        let make = both.merging(["Makefile": "test: a b\n\tcargo test\n"]) { $1 }
        #expect(try detect(make)?.words == ["make", "test"])
        #expect(try detect(make)?.foundBy == "the test target in Makefile")
        let just = both.merging(["justfile": "test filter='':\n  cargo test\n"]) { $1 }
        #expect(try detect(just)?.words == ["just", "test"])
        let scripts = ["package.json": Self.script, "pyproject.toml": ""]
        #expect(try detect(scripts)?.words == ["npm", "test"])
    }

    @Test func `of one language its own runner counts, for it names the tests`() throws {
        let files = ["Package.swift": "", "Makefile": "test:\n\tswift test\n"]
        #expect(try detect(files)?.words == ["swift", "test"])
    }

    @Test(arguments: [
        ("test:", true), ("check test: build", true), ("test:: x", true), ("test : x", true),
        (".PHONY: test", false), ("test := x", false), ("test = a:b", false),
        ("\ttest: x", false), ("#test: x", false), ("tests:", false), ("test", false),
    ])
    func `a Makefile has a test target or has none`(line: String, hasTarget: Bool) throws {
        let found = try detect(["Makefile": "all:\n\techo\n\(line)\n"])
        #expect((found?.words == ["make", "test"]) == hasTarget)
    }

    @Test(arguments: [
        ("test:", true), ("@test:", true), ("test filter='':", true), ("test := 'x'", false),
        ("testing:", false), ("  test:", false),
    ])
    func `a justfile has a test recipe or has none`(line: String, hasRecipe: Bool) throws {
        let found = try detect(["justfile": "\(line)\n"])
        #expect((found?.words == ["just", "test"]) == hasRecipe)
    }

    @Test func `a manifest that is too large or not a regular file is passed over`() throws {
        let folder = try TemporaryFolder()
        let padding = String(repeating: " ", count: ProjectFolder.fileBytesMax)
        try folder.write(Array((Self.script + padding).utf8), to: "package.json")
        try folder.makeFolder("Cargo.toml")
        #expect(mkfifo(folder.at("Makefile"), 0o600) == 0)
        #expect(TestCommand.detect(in: ProjectFolder(folder.path)) == nil)
    }

    @Test(arguments: oneLanguage)
    func `the command stands in the fresh rule book as the words it is`(
        project: Project
    ) throws {
        let test = try #require(try detect(project.files))
        let text = try RuleBook.fresh(test: test)
        let rules = try RuleBook.parse(text: text, file: "rules.yaml")
        #expect(rules.test.words == project.words)
        #expect(text.contains("# Found by hive init: \(project.foundBy).\n"))
        var other = rules
        other.test.words = nil
        let isRead = TestRunners.runner(for: project.words, named: nil) != nil
        #expect(other.evidence == (isRead ? .warn : .off))
        other.evidence = .off
        #expect(other == RuleBook.builtIn.rules, "nothing else differs from the built-in rules")
    }

    @Test func `without a command the fresh rule book is the built-in one`() throws {
        #expect(try RuleBook.fresh(test: nil) == RuleBook.builtInText)
    }

    @Test func `words that are no plain words are quoted`() {
        let words = ["a", "-m", "./...", "a b", "true", "12", "-", "", "it's", "x,y", "\"", "[z]"]
        #expect(
            RuleBook.flowSequence(words)
                == ##"[a, -m, ./..., "a b", "true", "12", "-", "", "it's", "x,y", "\"", "[z]"]"##
        )
    }
}
