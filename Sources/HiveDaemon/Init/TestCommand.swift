import HiveSignal

// How a project's test command is found: by the files of its own folder alone, so that what is
// found can be said in one line and checked by eye.
//
// A project of one language gets that language's own runner, for its output names the tests. One
// of several gets its `test` target from a Makefile or justfile, where somebody wrote down what
// testing all of it means; without one, the strongest sign counts. Strongest are manifests that
// are there for this project's code only (Package.swift, Cargo.toml, …). Then come those that
// often only carry tools for another language's project (package.json). Python and CMake are last:
// their files say how to build, and that pytest or ctest is meant is a guess.

/// The command that runs a project's tests, and what it was found by.
package struct TestCommand: Sendable, Hashable {
    /// The program, then its arguments; no shell reads them.
    package var words: [String]
    /// The file that gave it away.
    package var foundBy: String

    init(_ words: String..., foundBy: String) {
        self.words = words
        self.foundBy = foundBy
    }

    /// What the folder's files say; nil where they say nothing.
    static func detect(in folder: ProjectFolder) -> TestCommand? {
        let found = signs.compactMap { $0(folder) }
        if found.count == 1 { return found.first }
        return makefile(folder) ?? justfile(folder) ?? found.first
    }

    private static let signs: [@Sendable (ProjectFolder) -> TestCommand?] = [
        swift, rust, go, elixir, maven, gradle, dotnet, php, ruby, deno, node, python, cmake,
    ]
}

// MARK: - Manifests of this project's code

extension TestCommand {
    private static func swift(_ folder: ProjectFolder) -> TestCommand? {
        guard folder.has("Package.swift") else { return nil }
        return TestCommand("swift", "test", foundBy: "Package.swift")
    }

    private static func rust(_ folder: ProjectFolder) -> TestCommand? {
        guard folder.has("Cargo.toml") else { return nil }
        return TestCommand("cargo", "test", foundBy: "Cargo.toml")
    }

    private static func go(_ folder: ProjectFolder) -> TestCommand? {
        guard folder.has("go.mod") else { return nil }
        return TestCommand("go", "test", "./...", foundBy: "go.mod")
    }

    private static func elixir(_ folder: ProjectFolder) -> TestCommand? {
        guard folder.has("mix.exs") else { return nil }
        return TestCommand("mix", "test", foundBy: "mix.exs")
    }

    private static func maven(_ folder: ProjectFolder) -> TestCommand? {
        guard folder.has("pom.xml") else { return nil }
        let program = folder.has("mvnw") ? "./mvnw" : "mvn"
        return TestCommand(program, "-q", "test", foundBy: "pom.xml")
    }

    private static func gradle(_ folder: ProjectFolder) -> TestCommand? {
        let files = [
            "build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts",
        ]
        guard let file = folder.first(of: files) else { return nil }
        return TestCommand(folder.has("gradlew") ? "./gradlew" : "gradle", "test", foundBy: file)
    }

    private static func dotnet(_ folder: ProjectFolder) -> TestCommand? {
        let suffixes = [".sln", ".slnx", ".csproj", ".fsproj", ".vbproj"]
        guard let suffix = suffixes.first(where: { folder.hasFile(endingIn: $0) }) else {
            return nil
        }
        return TestCommand("dotnet", "test", foundBy: "a \(suffix) file")
    }

    private static func php(_ folder: ProjectFolder) -> TestCommand? {
        guard let manifest = folder.json("composer.json") else { return nil }
        if manifest["scripts"]?["test"]?.isNull == false {
            return TestCommand("composer", "test", foundBy: "the test script in composer.json")
        }
        let file = folder.first(of: ["phpunit.xml", "phpunit.xml.dist"])
        let isRequired = manifest["require-dev"]?["phpunit/phpunit"] != nil
        guard file != nil || isRequired else { return nil }
        return TestCommand("vendor/bin/phpunit", foundBy: file ?? "composer.json")
    }

    private static func ruby(_ folder: ProjectFolder) -> TestCommand? {
        guard folder.has("Gemfile"), folder.hasFolder("spec") else { return nil }
        return TestCommand("bundle", "exec", "rspec", foundBy: "Gemfile and spec/")
    }
}

// MARK: - JavaScript and TypeScript

extension TestCommand {
    private static func deno(_ folder: ProjectFolder) -> TestCommand? {
        guard let file = folder.first(of: ["deno.json", "deno.jsonc"]) else { return nil }
        // With comments (.jsonc) it is no JSON, and Deno's own runner is the likely one.
        guard folder.json(file)?["tasks"]?["test"]?.isNull == false else {
            return TestCommand("deno", "test", foundBy: file)
        }
        return TestCommand("deno", "task", "test", foundBy: "the test task in \(file)")
    }

    private static func node(_ folder: ProjectFolder) -> TestCommand? {
        guard let manifest = folder.json("package.json"),
            let script = manifest["scripts"]?["test"]?.stringValue,
            script.contains(where: { !$0.isWhitespace }), !script.contains(npmPlaceholder)
        else { return nil }
        let source = "the test script in package.json"
        switch packageManager(folder, manifest) {
        // `bun test` is Bun's own runner; the script needs `run`.
        case "bun": return TestCommand("bun", "run", "test", foundBy: source)
        case let manager: return TestCommand(manager, "test", foundBy: source)
        }
    }

    /// What `npm init` writes where there are no tests.
    private static let npmPlaceholder = "no test specified"

    /// By its lock file, else by the `packageManager` key (`pnpm@9.1.0`).
    private static func packageManager(
        _ folder: ProjectFolder,
        _ manifest: JSONValue
    ) -> String {
        let locks = [
            ("pnpm-lock.yaml", "pnpm"), ("yarn.lock", "yarn"), ("bun.lock", "bun"),
            ("bun.lockb", "bun"), ("package-lock.json", "npm"),
        ]
        if let lock = locks.first(where: { folder.has($0.0) }) { return lock.1 }
        let wanted = manifest["packageManager"]?.stringValue?.split(separator: "@").first
        return ["pnpm", "yarn", "bun"].first { wanted == $0[...] } ?? "npm"
    }
}

// MARK: - Python and CMake

extension TestCommand {
    private static func python(_ folder: ProjectFolder) -> TestCommand? {
        guard let file = pythonSign(folder) else { return nil }
        if folder.has("uv.lock") {
            return TestCommand("uv", "run", "pytest", foundBy: "\(file) and uv.lock")
        }
        if folder.has("poetry.lock") {
            return TestCommand("poetry", "run", "pytest", foundBy: "\(file) and poetry.lock")
        }
        return TestCommand("python3", "-m", "pytest", foundBy: file)
    }

    /// pytest's own files first, then a project's, then its tests.
    private static func pythonSign(_ folder: ProjectFolder) -> String? {
        let files = [
            "pytest.ini", "conftest.py", "pyproject.toml", "setup.cfg", "tox.ini", "setup.py",
        ]
        if let file = folder.first(of: files) { return file }
        let tests = ["tests", "test"].first { name in
            folder.hasFolder(name) && folder.names(in: name).contains { $0.hasSuffix(".py") }
        }
        return tests.map { "\($0)/*.py" }
    }

    /// Only where it is built: CTest runs what a build left.
    private static func cmake(_ folder: ProjectFolder) -> TestCommand? {
        guard folder.has("CMakeLists.txt") else { return nil }
        let builds = ["build", "_build", "cmake-build-debug", "cmake-build-release", "out"]
        let build = builds.first { folder.names(in: $0).contains("CMakeCache.txt") }
        guard let build else { return nil }
        return TestCommand(
            "ctest",
            "--test-dir",
            build,
            "--output-on-failure",
            foundBy: "CMakeLists.txt and \(build)/"
        )
    }
}

// MARK: - Recipes

extension TestCommand {
    /// The file that make itself would take.
    private static func makefile(_ folder: ProjectFolder) -> TestCommand? {
        guard let file = folder.first(of: ["GNUmakefile", "makefile", "Makefile"]),
            folder.lines(file).contains(where: isTestTarget)
        else { return nil }
        return TestCommand("make", "test", foundBy: "the test target in \(file)")
    }

    private static func justfile(_ folder: ProjectFolder) -> TestCommand? {
        guard let file = folder.first(of: ["justfile", "Justfile", ".justfile"]),
            folder.lines(file).contains(where: isTestRecipe)
        else { return nil }
        return TestCommand("just", "test", foundBy: "the test recipe in \(file)")
    }

    /// `test:`, `check test: deps`, `test::`; neither `.PHONY: test` nor `test := x`.
    private static func isTestTarget(_ line: Substring) -> Bool {
        guard line.first != "\t", line.first != "#",
            let colon = line.firstIndex(of: ":")
        else { return false }
        let after = line[colon...].drop { $0 == ":" }
        let targets = line[..<colon]
        guard after.first != "=", !targets.contains("=") else { return false }
        return targets.split(whereSeparator: \.isWhitespace).contains("test")
    }

    /// `test:`, `@test:`, `test filter='':`; not `test := x`.
    private static func isTestRecipe(_ line: Substring) -> Bool {
        let name = line.first == "@" ? line.dropFirst() : line
        guard name.hasPrefix("test"), let colon = name.firstIndex(of: ":"),
            let next = name.dropFirst("test".count).first, next == ":" || next.isWhitespace
        else { return false }
        return name[name.index(after: colon)...].first != "="
    }
}

extension ProjectFolder {
    /// The file as JSON; nil where it is missing or none.
    fileprivate func json(_ name: String) -> JSONValue? {
        text(name).flatMap { try? JSONValue(parsing: $0) }
    }
}
