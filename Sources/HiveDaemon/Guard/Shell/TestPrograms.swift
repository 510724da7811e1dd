/// Which commands run a project's tests, by the words that are usual.
enum TestPrograms {
    private static let names: Set<String> = [
        "pytest", "py.test", "nosetests", "tox", "nox", "jest", "vitest", "mocha", "ava", "karma",
        "cypress", "phpunit", "pest", "rspec", "ctest", "bats", "busted", "prove", "gotestsum",
        "minitest", "cucumber", "behave", "trial", "stestr", "green",
    ]

    /// Words behind a program, in front of anything else: `cargo test`.
    private static let subcommands: [String: Set<String>] = [
        "go": ["test"], "cargo": ["test", "t", "nextest", "tarpaulin"], "swift": ["test"],
        "dotnet": ["test", "vstest"], "deno": ["test"], "bun": ["test"], "mix": ["test"],
        "sbt": ["test", "testOnly"], "lein": ["test"], "stack": ["test"], "cabal": ["test"],
        "flutter": ["test"], "dart": ["test"], "rails": ["test", "spec"], "rake": ["test", "spec"],
        "meson": ["test"], "bazel": ["test"], "bazelisk": ["test"], "buck2": ["test"],
        "composer": ["test"], "artisan": ["test"], "playwright": ["test"], "ng": ["test", "e2e"],
        "react-scripts": ["test"], "xcodebuild": ["test"], "forge": ["test"], "hardhat": ["test"],
        "npm": ["test", "t", "tst", "it", "install-test"], "pnpm": ["test", "t"], "yarn": ["test"],
        "nx": ["test"], "turbo": ["test"], "gleam": ["test"], "crystal": ["spec"],
    ]

    /// Programs that run a target by its name, which says what it is.
    private static let runners: Set<String> = [
        "make", "gmake", "just", "task", "ninja", "mvn", "mvnw", "gradle", "gradlew", "ant", "npm",
        "pnpm", "yarn", "bun", "invoke", "inv", "doit", "mage", "rake",
    ]

    /// True where the command runs tests; nil in `words` is a word that nobody knows.
    static func includes(_ program: String, _ words: [String?]) -> Bool {
        if names.contains(program) { return true }
        let operands = words.compactMap(\.self).filter { !$0.hasPrefix("-") && !$0.contains("=") }
        if let known = subcommands[program], let first = operands.first, known.contains(first) {
            return true
        }
        switch program {
        case "node", "nodejs":
            return words.contains { $0 == "--test" || $0?.hasPrefix("--test-") ?? false }
        case "zig": return operands.first == "test" || operands.contains("test")
        case "php": return operands.first.map { $0.hasSuffix("phpunit") } ?? false
        case "coverage", "pytest-watch", "ptw": return true
        case _ where program.hasPrefix("python") || program.hasPrefix("pypy"):
            let modules: Set<String> = ["pytest", "unittest", "nose", "nose2", "doctest", "tox"]
            guard let place = words.firstIndex(of: "-m"), place + 1 < words.count else {
                return false
            }
            return words[place + 1].map(modules.contains) ?? false
        default: break
        }
        guard runners.contains(program) else { return false }
        let targets =
            ["run", "run-script"].contains(operands.first)
            ? operands.dropFirst().prefix(1) : operands[...]
        return targets.contains(where: isTarget)
    }

    /// `test`, `test:unit`, `check`, `unitTest`, `:app:test`, `e2e-tests`.
    private static func isTarget(_ name: String) -> Bool {
        let words = name.split { ":-_./".contains($0) }
        let whole: Set<String> = ["test", "tests", "check", "spec", "specs", "e2e", "verify"]
        return words.contains { whole.contains($0.lowercased()) || $0.hasSuffix("Test") }
    }
}
