/// What a file is, by its name and its folders, in the usual layouts of many languages.
enum SourceKind {
    /// Files of a programming language.
    static func isCode(_ path: RepositoryPath) -> Bool {
        codeExtensions.contains(path.fileExtension)
    }

    /// Prose: marks of code in it are examples.
    static func isProse(_ path: RepositoryPath) -> Bool {
        ["md", "markdown", "rst", "txt", "adoc", "org", "html"].contains(path.fileExtension)
    }

    /// Files whose values stand without quotes.
    static func isSettings(_ path: RepositoryPath) -> Bool {
        path.lastComponent.hasPrefix(".env")
            || ["env", "ini", "conf", "cfg", "properties", "yaml", "yml", "toml"]
                .contains(path.fileExtension)
    }

    /// Scripts, and what runs commands: build files, hooks, CI.
    static func isScript(_ path: RepositoryPath) -> Bool {
        let name = path.lastComponent
        return ["sh", "bash", "zsh", "yml", "yaml", "mk"].contains(path.fileExtension)
            || ["Makefile", "makefile", "GNUmakefile", "Dockerfile", "Jenkinsfile", "package.json"]
                .contains(name)
            || (path.fileExtension.isEmpty && !name.hasPrefix("."))
    }

    /// Tests and their helpers.
    static func isTest(_ path: RepositoryPath) -> Bool {
        guard isCode(path) else { return false }
        let folders = path.text.lowercased().split(separator: "/").dropLast()
        return folders.contains { testFolders.contains($0) || $0.hasSuffix("tests") }
            || testedStem(path) != nil || path.lastComponent == "conftest.py"
    }

    /// The stem of what a test file tests, by its name, lower case: `parser` for
    /// `ParserTests.swift`, `test_parser.py`, `parser_test.go`, `parser.spec.ts`.
    ///
    /// Nil for a name that is no test's.
    static func testedStem(_ path: RepositoryPath) -> String? {
        guard isCode(path) else { return nil }
        let stem = path.stem
        for prefix in ["test_", "Test_", "test-"] where stem.hasPrefix(prefix) {
            return rest(stem.dropFirst(prefix.count))
        }
        for suffix in testSuffixes where stem.hasSuffix(suffix) {
            return rest(stem.dropLast(suffix.count))
        }
        return nil
    }

    /// What a test of a source would be named after: its stem, of `Parser+Lines` the `Parser`.
    static func subject(of path: RepositoryPath) -> String {
        String(path.stem.prefix { $0 != "+" })
    }

    private static func rest(_ stem: Substring) -> String? {
        stem.isEmpty ? nil : stem.lowercased()
    }

    private static let codeExtensions: Set<String> = [
        "swift", "py", "pyi", "js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts", "vue", "svelte",
        "go", "rs", "java", "kt", "kts", "scala", "groovy", "c", "h", "cc", "cpp", "cxx", "hh",
        "hpp", "hxx", "m", "mm", "rb", "php", "cs", "fs", "ex", "exs", "erl", "dart", "lua", "pl",
        "pm", "r", "jl", "hs", "ml", "zig", "nim", "sh", "bash", "bats", "t",
    ]

    private static let testFolders: Set<Substring> = [
        "test", "tests", "__tests__", "spec", "testing", "t", "e2e", "androidtest",
    ]

    /// Longer ones first where one ends in another.
    private static let testSuffixes = [
        "Tests", "Test", "_tests", "_test", "-tests", "-test", ".tests", ".test", "_spec", "-spec",
        ".spec", "Spec", "Specs", "TestCase", "IT",
    ]
}
