import HiveSignal

/// The part of the rule book that the witness goes by.
package struct WitnessRules: Sendable, Hashable {
    /// The test command, word by word; nil: none, and nothing can be proven.
    package var test: [String]?
    /// Which family of runners reads its report; nil: told from the words.
    package var runner: String?
    /// Tests and what they stand on, as globs (`PathGlob`).
    package var tests: [String]
    /// What else must hold still between red and green: runner configuration, lock files.
    package var pinned: [String]
    package var room: RoomRules
    /// SHA-256 of the whole rule book, hexadecimal digits.
    package var digest: String

    package init(
        test: [String]?,
        runner: String? = nil,
        tests: [String] = Self.defaultTests,
        pinned: [String] = Self.defaultPinned,
        room: RoomRules,
        digest: String
    ) {
        self.test = test
        self.runner = runner
        self.tests = tests
        self.pinned = pinned
        self.room = room
        self.digest = digest
    }

    /// Where the common languages keep tests, fixtures and snapshots.
    package static let defaultTests = [
        "Tests/**", "**/Tests/**", "tests/**", "**/tests/**", "test/**", "**/test/**", "spec/**",
        "**/__tests__/**", "**/__snapshots__/**",
        "**/__mocks__/**", "**/fixtures/**", "**/testdata/**", "**/*_test.*", "**/*_tests.*",
        "**/test_*.*", "**/*.test.*", "**/*.spec.*", "**/*Tests.swift", "**/conftest.py",
        "**/*.snap", "**/*.golden",
    ]

    /// What the common runners are configured by, and what they may run before a test does.
    package static let defaultPinned = [
        "specs/rules.yaml", "specs/approval.json", "specs/owner.pub",
        "Package.swift", "Package@swift-*.swift", "Package.resolved", ".swiftpm/**", "Cargo.toml",
        "**/Cargo.toml", "Cargo.lock",
        "**/build.rs", ".cargo/**", "**/.cargo/**", ".config/nextest.toml", "rust-toolchain*",
        "go.mod", "go.sum", "go.work", "go.work.sum",
        "package.json", "**/package.json", "package-lock.json", "npm-shrinkwrap.json",
        "yarn.lock", "pnpm-lock.yaml", "pnpm-workspace.yaml", ".npmrc", ".yarnrc*",
        "jest.config.*", "jest.setup.*", "vitest.config.*", "vitest.setup.*",
        "vitest.workspace.*", "vite.config.*", ".mocharc*", "bunfig.toml", "deno.json*",
        "babel.config.*", ".babelrc*", "tsconfig*.json",
        "pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml", "pyproject.toml", "tox.ini",
        "setup.cfg", "setup.py", "requirements*.txt", ".coveragerc", "Pipfile*", "noxfile.py",
        // Modules that Python would take for the runner's own.
        "pytest.py", "pytest/**", "_pytest/**", "pluggy/**",
        "poetry.lock", "uv.lock", "**/sitecustomize.py", "**/usercustomize.py", "**/*.pth",
        "Makefile", "makefile", "GNUmakefile", "CMakeLists.txt", "pom.xml", "build.gradle*",
        "settings.gradle*", "**/.env", ".gitattributes", "**/.gitattributes",
    ]
}

extension Receipt {
    /// Says which of the proving tests stand in files of the code, where nothing holds them still:
    /// Rust's unit tests and doctests.
    var remarksOnProvingTests: [String] {
        guard runner == CargoRunner.name, kind == .red || kind == .green else { return [] }
        let inCode = proving.filter { name in
            let program = name.prefix { $0 != " " }.split(separator: "/").last ?? ""
            return !program.hasPrefix("test:") && !program.hasPrefix("bench:")
        }
        guard !inCode.isEmpty else { return [] }
        return ["not held still, as it stands among the code: \(few(inCode)); see tests/"]
    }
}

/// The files of a tree, by what they are to a proof.
package struct TreeParts: Sendable, Hashable {
    package let tree: GitTree
    /// Tests and all else that must hold still between red and green.
    package let pinned: [TreeFile]
    /// Everything else: the code, and documents.
    package let code: [TreeFile]

    package init(_ tree: GitTree, _ rules: WitnessRules) {
        let globs = (rules.tests + rules.pinned).map { PathGlob($0) }
        let named = Set((rules.test ?? []).compactMap(Self.pathNamed))
        self.tree = tree
        pinned = tree.files.filter { file in
            named.contains(file.path) || globs.contains { $0.matches(file.path) }
        }
        let names = Set(pinned.map(\.path))
        code = tree.files.filter { !names.contains($0.path) }
    }

    /// What a word of the test command may name: `./first.js`, `--import=./first.js`.
    private static func pathNamed(_ word: String) -> [UInt8]? {
        let value = word.hasPrefix("-") ? word.drop { $0 != "=" }.dropFirst() : word[...]
        let path = value.hasPrefix("./") ? value.dropFirst(2) : value
        return path.isEmpty ? nil : Array(path.utf8)
    }

    package var pinsDigest: String { TreeDigest.of(pinned) }
    /// Without prose, which may change and prove nothing.
    package var codeDigest: String {
        TreeDigest.of(code.filter { !Self.isDocument($0) })
    }

    /// Prose, and what only git and editors read: no test depends on it.
    ///
    /// A link or a program is none, whatever its name; nor is a `.txt` in the middle of the code,
    /// which may well be read at run time.
    package static func isDocument(_ file: TreeFile) -> Bool {
        guard file.mode == .file else { return false }
        let name = file.name
        let last = String(name.lastPathPart)
        if [".md", ".rst", ".adoc"].contains(where: last.hasSuffix) { return true }
        if name.hasPrefix("docs/"), pictures.contains(where: last.hasSuffix) { return true }
        let stem = last.hasSuffix(".txt") ? String(last.dropLast(4)) : last
        return customary.contains(stem) || name.hasPrefix("docs/") && stem != last
    }

    private static let pictures = [".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp"]
    /// What repositories keep for people and for git.
    private static let customary: Set<String> = [
        "README", "LICENSE", "LICENCE", "COPYING", "NOTICE", "AUTHORS", "CONTRIBUTORS",
        "CHANGELOG", "CHANGES", "HISTORY", "NEWS", "TODO", ".gitignore", ".editorconfig",
    ]

    /// What a reader should look at in a change, whatever its runs show: tests that were there and
    /// are no longer the same, and code that came with a red.
    package static func remarks(
        on kind: Receipt.Kind,
        from base: TreeParts,
        to tree: TreeParts
    ) -> [String] {
        guard kind != .green else { return [] }
        var remarks: [String] = []
        let there = Set(base.pinned.map(\.path))
        let left = Set(tree.pinned.map(\.path))
        let altered = changed(tree.pinned, from: base.pinned).filter { file in
            // What went in a removal was looked at there.
            there.contains(file.path) && (kind != .removal || left.contains(file.path))
                && !Verifier.ownersPaths.contains(file.name)
        }
        if !altered.isEmpty {
            remarks.append("changes tests that were there: \(few(altered.map(\.name)))")
        }
        let code = changed(tree.code, from: base.code).filter { !isDocument($0) }
        if kind == .red, !code.isEmpty {
            remarks.append("a red shows nothing of \(few(code.map(\.name))), which is code")
        }
        return remarks
    }

    /// The files of `part` that are not the same in the other, or in one of the two alone.
    package static func changed(_ files: [TreeFile], from others: [TreeFile]) -> [TreeFile] {
        let old = Set(others)
        let new = Set(files)
        let gone = others.filter { !new.contains($0) }
        let names = Set(files.map(\.path))
        return files.filter { !old.contains($0) } + gone.filter { !names.contains($0.path) }
    }
}
