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
        "Tests/**", "tests/**", "test/**", "spec/**", "**/__tests__/**", "**/__snapshots__/**",
        "**/__mocks__/**", "**/fixtures/**", "**/testdata/**", "**/*_test.*", "**/*_tests.*",
        "**/test_*.*", "**/*.test.*", "**/*.spec.*", "**/*Tests.swift", "**/conftest.py",
        "**/*.snap", "**/*.golden",
    ]

    /// What the common runners are configured by, and what they may run before a test does.
    package static let defaultPinned = [
        "specs/rules.yaml", "specs/approval.json", "specs/owner.pub",
        "Package.swift", "Package.resolved", "Cargo.toml", "**/Cargo.toml", "Cargo.lock",
        "**/build.rs", ".cargo/**", "rust-toolchain*", "go.mod", "go.sum", "go.work",
        "package.json", "**/package.json", "package-lock.json", "npm-shrinkwrap.json",
        "yarn.lock", "pnpm-lock.yaml", "pnpm-workspace.yaml", ".npmrc", ".yarnrc*",
        "jest.config.*", "jest.setup.*", "vitest.config.*", "vitest.setup.*", "vite.config.*",
        "babel.config.*", ".babelrc*", "tsconfig*.json",
        "pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg", "setup.py", "requirements*.txt",
        "poetry.lock", "uv.lock", "**/sitecustomize.py", "**/usercustomize.py", "**/*.pth",
        "Makefile", "**/.env", ".gitattributes", "**/.gitattributes",
    ]
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
        self.tree = tree
        pinned = tree.files.filter { file in globs.contains { $0.matches(file.path) } }
        let names = Set(pinned.map(\.path))
        code = tree.files.filter { !names.contains($0.path) }
    }

    package var pinsDigest: String { TreeDigest.of(pinned) }
    /// Without prose, which may change and prove nothing.
    package var codeDigest: String {
        TreeDigest.of(code.filter { !Self.isDocument($0.name) })
    }

    /// Prose, and what only git and editors read: no test depends on it.
    static func isDocument(_ name: String) -> Bool {
        [".md", ".txt", ".rst", ".adoc", "LICENSE", ".gitignore", ".editorconfig"]
            .contains { name.hasSuffix($0) } || name.hasPrefix("docs/")
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
