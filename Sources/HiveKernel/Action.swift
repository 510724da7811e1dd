import HiveSignal

/// A part of a repository, told by a path (`RepositoryParts`).
package enum RepositoryPart: String, Sendable, Hashable, CaseIterable {
    /// What the rules themselves stand on: the rule book, the board, hooks, the guards' settings.
    case guarded
    /// Tests, fixtures and snapshots.
    case tests
    case docs
    /// Contracts: schemas, declarations.
    case interfaces
    /// What configures tests and builds, and lock files.
    case config
    /// All else: the implementation.
    case code
}

/// What somebody is about to do, as the rules by phase name it (SPEC §4).
///
/// Its name is a word, `read`, or two, `edit.tests`.
package enum Action: Sendable, Hashable {
    /// Reading files and other looking that changes nothing.
    case read
    case search
    /// Asking a memory.
    case recall
    /// Writing to a memory.
    case remember
    case edit(RepositoryPart)
    case create(RepositoryPart)
    case delete(RepositoryPart)
    case run(Command)

    /// What kind of command.
    package enum Command: String, Sendable, Hashable, CaseIterable {
        /// The project's tests.
        case tests
        /// Code that comes with the command, `python -c`: it can do anything.
        case inline
        case other
    }

    package var name: String {
        switch self {
        case .read: "read"
        case .search: "search"
        case .recall: "recall"
        case .remember: "remember"
        case .edit(let part): "edit.\(part.rawValue)"
        case .create(let part): "create.\(part.rawValue)"
        case .delete(let part): "delete.\(part.rawValue)"
        case .run(let command): "run.\(command.rawValue)"
        }
    }

    /// True where something is other afterwards, for which the port must own the phase.
    var isChange: Bool {
        switch self {
        case .remember, .edit, .create, .delete: true
        case .read, .search, .recall, .run: false
        }
    }

    var writesCode: Bool { self == .edit(.code) || self == .create(.code) }

    /// The part that it changes; nil: none.
    package var part: RepositoryPart? {
        switch self {
        case .edit(let part), .create(let part), .delete(let part): part
        case .read, .search, .recall, .remember, .run: nil
        }
    }

    /// Every action that there is.
    package static let all: [Action] =
        [.read, .search, .recall, .remember]
        + RepositoryPart.allCases.flatMap { [.edit($0), .create($0), .delete($0)] }
        + Command.allCases.map(Action.run)
}

/// Tells the parts of a repository by their paths.
package struct RepositoryParts: Sendable, Hashable {
    private let globs: [(part: RepositoryPart, globs: [PathGlob])]

    /// - Parameters:
    ///   - paths: what the rule book says of paths.
    ///   - tests: globs of tests and what they stand on.
    ///   - config: globs of what configures them.
    package init(_ paths: PathRules, tests: [String], config: [String]) {
        func globs(_ patterns: [String]) -> [PathGlob] { patterns.map { PathGlob($0) } }
        self.globs = [
            (.guarded, globs(paths.guarded)), (.tests, globs(tests)),
            (.docs, globs(paths.docs)), (.interfaces, globs(paths.interfaces)),
            (.config, globs(config)),
        ]
    }

    /// The first part, in the order above, that has a glob for the path.
    package func part(of path: [UInt8]) -> RepositoryPart {
        globs.first { $0.globs.contains { $0.matches(path) } }?.part ?? .code
    }

    package static func == (one: Self, other: Self) -> Bool {
        one.globs.elementsEqual(other.globs) { $0.part == $1.part && $0.globs == $1.globs }
    }

    package func hash(into hasher: inout Hasher) {
        for (part, globs) in globs {
            hasher.combine(part)
            hasher.combine(globs)
        }
    }
}

/// Which paths are which part, beside tests and their configuration (`WitnessRule`): globs.
package struct PathRules: Sendable, Hashable {
    package var guarded = [
        "specs/rules.yaml", "specs/approval.json", "specs/owner.pub", "/.env", "sandbox/**",
        ".git/**", ".claude/settings*.json", ".codex/hooks.json", ".codex/config.toml",
        ".cursor/hooks.json", ".github/hooks/**", ".gemini/settings.json", ".opencode/plugin*/**",
    ]
    package var interfaces = [
        "**/*.proto", "**/*.graphql", "**/*.graphqls", "**/*.thrift", "**/*.avsc", "**/*.xsd",
        "**/*.d.ts", "**/*.pyi", "**/*.swiftinterface", "**/*.schema.json", "**/openapi.*",
        "**/asyncapi.*", "schema/**", "**/schemas/**", "specs/**",
    ]
    package var docs = ["**/*.md", "**/*.rst", "**/*.adoc", "docs/**", "doc/**", "LICENSE*"]

    package init() {}
}
