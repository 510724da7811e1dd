import HiveProcess
import Glibc
import HiveSignal

/// A git repository with a work tree, as the tools look at it: whole, from its top level on.
struct Repository: Sendable {
    let git: Git
    /// The absolute path of its top level.
    let top: String
    /// Leaves out hive's own files, whose words are no findings.
    let ownPathspecs: [String]

    /// All of the work tree but hive's own files.
    var pathspecs: [String] { [":/"] + ownPathspecs }

    /// Pathspecs given to git at once; past it the smaller ones of the large files are searched.
    static let exclusionsMax = 500

    /// All of the work tree but hive's own files and these.
    func pathspecs(leavingOut paths: [RepositoryPath]) -> [String] {
        pathspecs + paths.prefix(Self.exclusionsMax).map(\.excludingPathspec)
    }
}

/// Why there is nothing to look at.
enum RepositoryAbsence: Sendable, Hashable {
    case noGit
    case noRepository
    /// A bare repository, or the inside of a `.git`.
    case noWorkTree
    /// git does not want to read it, and says why.
    case refused(String)

    /// What a tool answers then.
    ///
    /// - `folder`: the folder that was to be looked at.
    /// - `purpose`: what the tool would have done, as in "search the project".
    func answer(in folder: String, purpose: String) -> Answer {
        let name = Readable.name(folder.utf8)
        let (reason, summary) =
            switch self {
            case .noGit:
                ("no git", "git is not installed: install it (apt-get install git) to \(purpose)")
            case .noRepository:
                (
                    "no repository",
                    "no git repository in \(name): make one with `git init` to \(purpose)"
                )
            case .noWorkTree:
                (
                    "no work tree",
                    "\(name) has no work tree (a bare repository, or a .git folder): "
                        + "use a folder made by `git clone` or `git worktree add` to \(purpose)"
                )
            case .refused(let complaint):
                ("refused", "git does not read the repository in \(name): \(complaint)")
            }
        return Answer(
            summary: summary,
            confidence: Answer.Confidence.notTried,
            details: ["repository": .string(reason)]
        )
    }
}

/// What looking for a repository found.
enum RepositoryFinding: Sendable {
    case found(Repository)
    case absent(RepositoryAbsence)
}

extension Repository {
    /// Looks for the repository that `folder` is in.
    ///
    /// - `ownPaths`: hive's own files and folders, absolute or relative to `folder`.
    /// - Throws: `WorkerError` where git cannot be run, or takes too long.
    static func find(
        in folder: String,
        ownPaths: [String]
    ) async throws(WorkerError) -> RepositoryFinding {
        var git = Git(folder: folder)
        let place = try await git.run(
            ["rev-parse", "--is-inside-work-tree", "--show-cdup"],
            accepting: [0, 128, Git.missingCode]
        )
        if place.code == Git.missingCode { return .absent(.noGit) }
        let words = place.text.split(separator: "\n", omittingEmptySubsequences: false)
        guard place.code == 0 else {
            if words.first == "false" || place.complaint.contains("must be run in a work tree") {
                return .absent(.noWorkTree)
            }
            let isNone = place.complaint.contains("not a git repository")
            return .absent(isNone ? .noRepository : .refused(place.complaint))
        }
        guard words.first == "true" else { return .absent(.noWorkTree) }
        let up = words.count > 1 ? String(words[1]) : ""
        guard let drivers = try await git.namesOfFilterDrivers() else {
            return .absent(.refused("its filter drivers are too many, or have odd names"))
        }
        git.filterDrivers = drivers
        let location = Location(folder: folder, up: up)
        // `core.worktree` can name any folder of the machine; a real top level has a `.git`.
        var status = stat()
        guard lstat("\(location.top)/.git", &status) == 0 else {
            return .absent(.refused("its work tree is elsewhere (core.worktree)"))
        }
        let own = ownPaths.compactMap(location.fromTop).map { ":(top,exclude,literal)\($0)" }
        return .found(Repository(git: git, top: location.top, ownPathspecs: own))
    }
}

/// Where a folder lies in its repository.
private struct Location {
    let folder: String
    /// The folder without links.
    let real: String
    let top: String

    /// - `up`: what `git rev-parse --show-cdup` says: nothing, or `../` once for each level.
    init(folder: String, up: String) {
        self.folder = folder
        let resolved = realpath(folder, nil)
        defer { free(resolved) }
        real = resolved.map { String(cString: $0) } ?? folder
        var top = real[...]
        var rest = up[...]
        while rest.hasPrefix("../") {
            rest = rest.dropFirst(3)
            top = top[..<(top.lastIndex(of: "/") ?? top.startIndex)]
        }
        // A work tree that the configuration puts elsewhere is named in full.
        self.top = rest.isEmpty ? String(top) : String(rest.hasSuffix("/") ? rest.dropLast() : rest)
    }

    /// A path as seen from the top level; nil for one outside of it.
    func fromTop(_ path: String) -> String? {
        var path = path
        if !path.hasPrefix("/") {
            path = "\(real)/\(path)"
        } else if path.hasPrefix(folder + "/") {
            path = real + path.dropFirst(folder.count)
        }
        while path.hasSuffix("/") { path.removeLast() }
        guard path.hasPrefix(top + "/") else { return nil }
        return String(path.dropFirst(top.count + 1))
    }
}
