import HiveProcess
import Glibc
package import HiveKernel
import HiveWorkers

/// The settings a command line may give; nil: not given.
package struct SettingsFlags: Sendable, Hashable {
    package var board: String?
    package var quarantine: String?
    package var audit: String?
    package var stateDirectory: String?
    package var rules: String?
    /// `strict`, `paired` or `observe`.
    package var mode: String?

    package init() {}
}

/// Where everything of one board is, and what its environment says.
///
/// Flags beat the environment, the environment beats `.env` in the working directory, and that
/// beats the defaults. Quarantine, audit, archive and state stand beside the board unless they are
/// given (specs/decisions/0002-siblings-of-the-board.md). All paths are absolute; nothing is
/// opened but `.env`.
package struct Settings: Sendable, Hashable {
    package let board: String
    package let quarantine: String
    package let audit: String
    /// The folder of earlier generations.
    package let archive: String
    /// The folder of what can be rebuilt.
    package let stateDirectory: String
    package var ledger: String { stateDirectory + "/ledger.sqlite" }
    /// What was asked of models, and what they answered: no rebuild makes it anew.
    package var swarm: String { stateDirectory + "/swarm.sqlite" }
    /// False where no board was made yet.
    package var hasBoard: Bool { FileProbe.exists(board) }
    /// False where no scatter was ever made here.
    package var hasScatters: Bool { FileProbe.exists(swarm) }
    /// A folder for each scatter that is worked on.
    package var swarmLocks: String { stateDirectory + "/swarm" }
    package var lock: String { stateDirectory + "/lock" }
    /// The rule book's file; nil: the built-in rules hold.
    package let rulesPath: String?
    /// False where the rule book is the default one, or built in.
    package let rulesAreExplicit: Bool
    /// `CURRENT_GEN`: what a new board's first generation is.
    package let currentGeneration: Int64?
    /// The mode that a flag puts in place of the rule book's.
    package let modeOverride: Mode?
    /// `XDG_RUNTIME_DIR`, for a control socket whose path would be too long elsewhere.
    package let runtimeDirectory: String?
    /// The project's folder, or the linked work tree of it: what workers and witness look at.
    package let workingFolder: String
    /// The personas' folder.
    package let agentsFolder: String
    /// False where the personas' folder is the default one, which need not be there.
    package let agentsAreExplicit: Bool
    /// `HIVE_BACKEND`: who answers what is asked.
    package let backend: Backend
    /// What `HIVE_BACKEND` says where that is no backend; `backend` is `local` then.
    package let unknownBackend: String?
    /// `MAX_CONCURRENT_WORKERS`: how many workers may be busy at once.
    package let workersMax: Int
    /// Which models are asked, and where they are.
    package let models: ModelSettings
    /// The keys that the environment or `.env` has.
    package let secrets: Secrets
    /// What was passed over, one line each; never a value.
    package let warnings: [String]

    /// Settles all of it.
    ///
    /// - Parameters:
    ///   - flags: what the command line gives.
    ///   - environment: an empty value counts as none.
    ///   - workingDirectory: absolute; nil: the process's own, or the folder above it that has the
    ///     project's board.
    /// - Throws: exit code 2 for a flag that makes no sense or two files on one path, 3 where the
    ///   working directory is gone.
    package init(
        flags: SettingsFlags,
        environment: [String: String] = Settings.processEnvironment(),
        workingDirectory: String? = nil
    ) throws(HiveError) {
        let current: String
        let folder: String
        if let workingDirectory {
            current = workingDirectory
            folder = workingDirectory
        } else {
            current = try Self.currentDirectory()
            let namesBoard = flags.board != nil || environment["BLACKBOARD_PATH"]?.isEmpty == false
            folder = namesBoard ? current : Self.project(around: current)
        }
        let dotEnv = DotEnv.load(path: Self.absolute(".env", in: folder))
        var warnings = dotEnv.warnings
        let lookup = Lookup(
            environment: environment,
            dotEnv: dotEnv.values,
            folder: current,
            project: folder
        )

        board =
            try lookup.path(flags.board, flag: "--board", name: "BLACKBOARD_PATH")
            ?? Self.absolute(Self.boardDefault, in: folder)
        let home = Self.folder(of: board)
        quarantine =
            try lookup.path(flags.quarantine, flag: "--quarantine", name: "QUARANTINE_PATH")
            ?? Self.absolute("quarantine.jsonl", in: home)
        audit =
            try lookup.path(flags.audit, flag: "--audit", name: "AUDIT_PATH")
            ?? Self.absolute("pyre_audit.jsonl", in: home)
        archive = Self.absolute("archive", in: home)
        stateDirectory =
            try lookup.path(flags.stateDirectory, flag: "--state-dir", name: "HIVE_STATE_DIR")
            ?? Self.absolute(".hive", in: home)

        let explicit = try lookup.path(flags.rules, flag: "--rules", name: "HIVE_RULES")
        let usual = Self.absolute("specs/rules.yaml", in: folder)
        rulesAreExplicit = explicit != nil
        rulesPath = explicit ?? (access(usual, F_OK) == 0 ? usual : nil)

        currentGeneration = lookup.generation(&warnings)
        runtimeDirectory = lookup.runtimeDirectory(&warnings)
        // A linked work tree has the board of the main one, and files of its own.
        workingFolder = "\(current)/".hasPrefix("\(folder)/") ? folder : current
        let agents = lookup.variable("HIVE_AGENTS_DIR")
        agentsAreExplicit = agents != nil
        agentsFolder = agents.map(lookup.path) ?? Self.absolute("agents", in: folder)
        let backendName = lookup.variable("HIVE_BACKEND")?.value ?? Backend.local.rawValue
        backend = Backend(rawValue: backendName) ?? .local
        unknownBackend = Backend(rawValue: backendName) == nil ? backendName : nil
        workersMax = lookup.workersMax(&warnings)
        models = ModelSettings(&warnings) { lookup.variable($0) }
        secrets = lookup.secrets
        modeOverride = try Self.mode(flags.mode)
        self.warnings = warnings
        try refuseSharedPaths()
    }

    /// The variables read here, as the process has them; no other is looked at.
    package static func processEnvironment() -> [String: String] {
        var environment: [String: String] = [:]
        for name in environmentNames {
            guard let value = getenv(name) else { continue }
            environment[name] = String(cString: value)
        }
        return environment
    }

    private static let environmentNames =
        [
            "BLACKBOARD_PATH", "QUARANTINE_PATH", "AUDIT_PATH", "HIVE_STATE_DIR", "HIVE_RULES",
            "CURRENT_GEN", "XDG_RUNTIME_DIR", "HIVE_AGENTS_DIR", "HIVE_BACKEND",
            "MAX_CONCURRENT_WORKERS",
        ] + ModelSettings.names + Secrets.known

    /// Two of hive's files on one path would eat each other.
    private func refuseSharedPaths() throws(HiveError) {
        let files = [("board", board), ("quarantine", quarantine), ("audit", audit)]
        var owners: [String: String] = [stateDirectory: "state folder", archive: "archive"]
        for (name, path) in files {
            if let owner = owners.updateValue(name, forKey: path) {
                throw .usage(
                    "the \(owner) and the \(name) have one path: \(path)",
                    hint: "give each a path of its own"
                )
            }
        }
    }
}

// MARK: - Paths

extension Settings {
    /// Where a project's board is, in its folder.
    static let boardDefault = "sandbox/obsidianblackboard.jsonl"

    /// The nearest folder with a board, from this one up to the top of its git repository.
    ///
    /// With a linked work tree no board is checked out: there it is the main one. Where none has a
    /// board it is this folder.
    private static func project(around folder: String) -> String {
        func hasBoard(_ folder: String) -> Bool {
            FileProbe.exists(absolute(boardDefault, in: folder))
        }
        guard !hasBoard(folder), let top = GitTop.of(folder) else { return folder }
        var above = folder
        while above != top {
            above = Self.folder(of: above)
            if hasBoard(above) { return above }
        }
        guard let main = GitFolders(of: top).mainFolder, hasBoard(main) else { return folder }
        return main
    }

    private static func currentDirectory() throws(HiveError) -> String {
        guard let path = getcwd(nil, 0) else {
            throw .machine(
                "cannot tell the working directory: \(BoundedFile.reason(errno))",
                hint: "change to a folder that exists"
            )
        }
        defer { free(path) }
        return String(cString: path)
    }

    /// The path from the root, without `.` and doubled slashes.
    ///
    /// `..` stays: behind a symbolic link it leads elsewhere than its text says.
    private static func absolute(_ path: String, in folder: String) -> String {
        let whole = path.utf8.first == UInt8(ascii: "/") ? path : "\(folder)/\(path)"
        let parts = whole.split(separator: "/").filter { $0 != "." }
        return "/" + parts.joined(separator: "/")
    }

    /// The folder that an absolute path stands in.
    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return "/" }
        return String(path[..<slash])
    }

    private static func mode(_ flag: String?) throws(HiveError) -> Mode? {
        guard let flag else { return nil }
        guard let mode = Mode(rawValue: flag) else {
            throw .usage(
                "--mode: found \(RuleValue.quoted(flag)); expected strict, paired or observe",
                hint: "leave the flag out for the rule book's own mode"
            )
        }
        return mode
    }

    /// The three places a setting can come from, the strongest first.
    private struct Lookup {
        let environment: [String: String]
        let dotEnv: [String: String]
        /// Where the paths of flags and environment begin.
        let folder: String
        /// Where those of `.env` do, which stands there.
        let project: String

        /// The value of a variable and where it stands, or nil.
        func variable(_ name: String) -> (value: String, place: String)? {
            if let value = environment[name], !value.isEmpty { return (value, "the environment") }
            if let value = dotEnv[name], !value.isEmpty { return (value, Self.file) }
            return nil
        }

        private static let file = ".env"

        /// The path that a variable names.
        func path(_ variable: (value: String, place: String)) -> String {
            Settings.absolute(variable.value, in: variable.place == Self.file ? project : folder)
        }

        func path(_ given: String?, flag: String, name: String) throws(HiveError) -> String? {
            guard let given else {
                return variable(name).map(path)
            }
            guard !given.isEmpty, !given.utf8.contains(0) else {
                throw .usage("\(flag): found no path; expected one", hint: "or leave the flag out")
            }
            return Settings.absolute(given, in: folder)
        }

        /// `CURRENT_GEN`; one that is no generation is passed over, for audit and archive decide.
        func generation(_ warnings: inout [String]) -> Int64? {
            guard let (value, place) = variable("CURRENT_GEN") else { return nil }
            guard let generation = Int64(value), generation >= 0 else {
                warnings.append("CURRENT_GEN in \(place) is no generation (0, 1, …); ignored")
                return nil
            }
            return generation
        }

        /// hive's own keys, and whatever else in `.env` has a secret's name.
        var secrets: Secrets {
            var byName = dotEnv.filter { SecretNames.include($0.key) && !$0.value.isEmpty }
            for name in Secrets.known { byName[name] = variable(name)?.value }
            return Secrets(byName)
        }

        /// `MAX_CONCURRENT_WORKERS`; one that makes no sense is passed over.
        func workersMax(_ warnings: inout [String]) -> Int {
            guard let (value, place) = variable("MAX_CONCURRENT_WORKERS") else {
                return Settings.workersDefault
            }
            guard let count = Int(value), (1...Settings.workersLimit).contains(count) else {
                warnings.append(
                    "MAX_CONCURRENT_WORKERS in \(place) is no number from 1 to"
                        + " \(Settings.workersLimit); \(Settings.workersDefault) holds"
                )
                return Settings.workersDefault
            }
            return count
        }

        /// `XDG_RUNTIME_DIR` of the environment only: it is the session's, not the project's.
        ///
        /// The XDG Base Directory Specification has a relative path ignored.
        func runtimeDirectory(_ warnings: inout [String]) -> String? {
            guard let path = environment["XDG_RUNTIME_DIR"], !path.isEmpty else { return nil }
            guard path.utf8.first == UInt8(ascii: "/") else {
                warnings.append("XDG_RUNTIME_DIR is not an absolute path; ignored")
                return nil
            }
            return Settings.absolute(path, in: "")
        }
    }
}
