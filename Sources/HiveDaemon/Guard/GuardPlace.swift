import Glibc
import HiveKernel
import HiveSignal
import HiveWitness

/// Where a call of a tool takes place: the project, and what in and around it is guarded.
package struct GuardPlace: Sendable {
    /// The project's folder, without symbolic links.
    package let root: String
    package let settings: Settings
    /// Where relative paths begin.
    let folder: String
    let home: String?
    /// Files and folders that no agent's tool writes, wherever they are: without symbolic links.
    private let guarded: [String]
    /// Where private keys are; nil: nowhere.
    let keys: KeyPlace?
    private let board: String

    /// The project that a call is about; nil where hive was never set up there.
    ///
    /// A project has a rule book or a board. The folders that the agent's program calls its
    /// project's come first, as an agent can change its working folder, and the outermost project
    /// counts, as an agent can make a rule book further down.
    ///
    /// - Throws: exit code 2 or 3, as `Settings` does.
    package static func find(
        _ call: GuardCall,
        environment: [String: String],
        workingFolder: String
    ) throws(HiveError) -> GuardPlace? {
        let names = ["CLAUDE_PROJECT_DIR", "GEMINI_PROJECT_DIR", "CURSOR_PROJECT_DIR"]
        let given = names.compactMap { environment[$0] } + call.roots
        let starts = (given + [call.folder].compactMap(\.self) + [workingFolder])
            .filter { $0.utf8.first == UInt8(ascii: "/") }
        for start in starts {
            guard let root = project(above: Paths.resolved(start)) else { continue }
            let folder = call.folder.flatMap { $0.hasPrefix("/") ? $0 : nil } ?? workingFolder
            return try GuardPlace(root: root, folder: folder, environment: environment)
        }
        return nil
    }

    private init(
        root: String,
        folder: String,
        environment: [String: String]
    ) throws(HiveError) {
        self.root = root
        self.folder = folder
        home = environment["HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        var flags = SettingsFlags()
        var places = environment
        // Whose rules hold is the project's to say, and not the environment's.
        places["HIVE_RULES"] = nil
        let rules = "\(root)/\(Verifier.rulesPath)"
        if FileProbe.exists(rules) { flags.rules = rules }
        let git = GitFolders(of: root)
        if places["BLACKBOARD_PATH"] == nil, !FileProbe.exists("\(root)/\(Self.boardPath)"),
            let main = git.mainFolder, FileProbe.exists("\(main)/\(Self.boardPath)")
        {
            // A linked worktree has the board of the main one.
            flags.board = "\(main)/\(Self.boardPath)"
        }
        settings = try Settings(flags: flags, environment: places, workingDirectory: root)
        board = Paths.resolved(settings.board)
        let keyFolder = (try? KeyFolder(environment: environment))?.path
        keys = keyFolder.map(KeyPlace.init)
        var guarded = [
            settings.board, settings.quarantine, settings.audit, settings.archive,
            settings.stateDirectory,
        ]
        guarded += git.folders
        if let keyFolder { guarded.append(keyFolder) }
        if let home { guarded += Self.personal.map { "\(home)/\($0)" } }
        self.guarded = guarded.map(Paths.resolved)
    }

    private static let boardPath = "sandbox/obsidianblackboard.jsonl"

    /// What in a person's home says which hooks run.
    private static let personal = [
        ".gitconfig", ".config/git", ".claude/settings.json", ".claude/settings.local.json",
        ".codex/hooks.json", ".codex/config.toml", ".cursor/hooks.json", ".copilot/hooks",
        ".gemini/settings.json", ".config/opencode",
    ]

    /// The outermost folder with a rule book or a board, up to the top of the git repository.
    private static func project(above folder: String) -> String? {
        let top = GitTop.of(folder) ?? "/"
        var found: String?
        var next = folder
        while true {
            let hasHive =
                FileProbe.exists("\(next)/\(Verifier.rulesPath)")
                || FileProbe.exists("\(next)/\(boardPath)")
            if hasHive { found = next }
            if next == top || next == "/" { break }
            next = Paths.folder(of: next)
        }
        if found != nil { return found }
        let main = GitFolders(of: top).mainFolder
        return main.map { FileProbe.exists("\($0)/\(boardPath)") } == true ? top : nil
    }

    // MARK: Paths

    /// What a path is to the project.
    enum Standing: Sendable, Hashable {
        /// In the project, from its folder; empty: the folder itself.
        case inside(String)
        /// Nobody's part.
        case outside
        /// What the rules stand on.
        case guarded
        /// The board, to whose end everybody may speak.
        case board
        /// A private key's folder.
        case keys
    }

    /// What a path is, once links and `..` are followed.
    func standing(of path: String) -> Standing {
        if path == board { return .board }
        if let keys, keys.holds(path) { return .keys }
        if guarded.contains(where: { Self.holds($0, path) }) { return .guarded }
        guard Self.holds(root, path) else { return .outside }
        return .inside(String(path.dropFirst(root == "/" ? 1 : root.utf8.count + 1)))
    }

    /// True where what is guarded lies in that folder.
    func holdsGuarded(_ folder: String) -> Bool {
        guarded.contains { Self.holds(folder, $0) && FileProbe.exists($0) }
    }

    static func holds(_ folder: String, _ path: String) -> Bool {
        path == folder || path.hasPrefix(folder == "/" ? "/" : folder + "/")
    }

    /// The places that a path may lead to.
    ///
    /// A shell follows links before it goes up by `..`, an editor's tool mostly does not; and a
    /// file may be a link, which is written through and removed itself.
    func places(of path: String, isRemoved: Bool) -> [String] {
        guard path.utf8.count <= PathGlob.pathBytesMax, !path.utf8.contains(0) else { return [] }
        var places: [String] = []
        for path in [Self.withoutDots(path), path] {
            let own = Self.own(path)
            if !places.contains(own) { places.append(own) }
            guard !isRemoved, let goal = Self.goal(own), !places.contains(goal) else { continue }
            places.append(goal)
        }
        return places
    }

    /// The path itself, the folders above it without links.
    private static func own(_ path: String) -> String {
        var path = path
        while path.utf8.count > 1, path.hasSuffix("/") { path.removeLast() }
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        guard name != "." && name != ".." && !name.isEmpty else { return Paths.resolved(path) }
        let above = Paths.resolved(Paths.folder(of: path))
        return above == "/" ? "/\(name)" : "\(above)/\(name)"
    }

    /// Where a link leads; nil: it is none.
    private static func goal(_ path: String) -> String? {
        var next = path
        for _ in 0..<linksMax {
            guard PlaceKind.of(next) == .link else { break }
            var bytes = [UInt8](repeating: 0, count: PathGlob.pathBytesMax)
            let count = bytes.withUnsafeMutableBytes { buffer in
                buffer.baseAddress.map { readlink(next, $0, buffer.count) } ?? 0
            }
            guard count > 0 else { break }
            let goal = String(decoding: bytes[..<count], as: UTF8.self)
            next = own(goal.hasPrefix("/") ? goal : "\(Paths.folder(of: next))/\(goal)")
        }
        return next == path ? nil : next
    }

    /// As many links as Linux follows.
    private static let linksMax = 40

    /// `.` and `..` taken out as text.
    static func withoutDots(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }
}

/// Where git keeps a repository, found without asking git.
struct GitFolders {
    /// What holds hooks and settings: the folder of this worktree, and that of all of them.
    private(set) var folders: [String] = []
    /// The main worktree, where this is a linked one.
    private(set) var mainFolder: String?

    private static let bytesMax = 8_192

    /// `top` is the top of a worktree, or any folder in it.
    init(of folder: String) {
        guard let top = GitTop.of(folder) else { return }
        let place = "\(top)/.git"
        guard PlaceKind.of(place) == .file else {
            folders = [place]
            return
        }
        guard let line = Self.line(place), line.hasPrefix("gitdir: ") else { return }
        let own = Self.absolute(String(line.dropFirst("gitdir: ".count)), in: top)
        folders = [place, own]
        guard let common = Self.line("\(own)/commondir").map({ Self.absolute($0, in: own) }) else {
            return
        }
        let shared = Paths.resolved(common)
        folders.append(shared)
        if shared.hasSuffix("/.git") { mainFolder = Paths.folder(of: shared) }
    }

    private static func line(_ path: String) -> String? {
        guard case .bytes(let bytes) = BoundedFile.read(path, bytesMax: bytesMax) else {
            return nil
        }
        return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }

    private static func absolute(_ path: String, in folder: String) -> String {
        path.hasPrefix("/") ? path : "\(folder)/\(path)"
    }
}
