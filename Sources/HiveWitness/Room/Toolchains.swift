import Glibc

// Which of the machine's programs a run may see
//
// The system's folders are readable. Beside them `PATH` leads to toolchains that people keep in
// their homes: those folders are bound, each at its own place, and nothing else of the home is.
// How much around a `bin` belongs to a toolchain differs: for most the folder that it is in; where
// that would be too much (`~/.cargo` has keys, `~/.local` everything) a table knows better. What
// is known to hold credentials is covered by an empty file.
//
// A folder of the repository on `PATH`, such as a virtual environment, is left out: it is no part
// of the tree.

/// The folders that `PATH` leads to outside the system's, and what they need.
struct Toolchains: Sendable, Hashable {
    /// Bound to read, each at its own path.
    var folders: [String] = []
    /// Files in them that are covered.
    var covered: [String] = []
    /// What is left of `PATH`.
    var path: [String] = []
    var variables: [String: String] = [:]

    /// More folders on `PATH` are left out.
    static let pathFoldersMax = 128
    static let defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// Readable in every sandbox, where they are there.
    static let systemFolders = [
        "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc", "/opt", "/nix",
        "/gnu",
    ]

    /// Files that hold secrets in a toolchain's folder, by their places in it.
    private static let credentials = [
        "credentials", "credentials.toml", "config", "config.toml", ".netrc", ".npmrc", ".pypirc",
        ".condarc", ".git-credentials", "auth.json", "etc/npmrc", "pip.conf", ".env",
    ]

    /// Looks at what there is.
    ///
    /// `environment` says `PATH` and `HOME`; none of the `hidden` folders is ever in view.
    init(environment: [String: String], hidden: [String]) {
        let home = environment["HOME"].flatMap(ScratchFolder.resolved)
        // A home of `/`, as some containers have it, is nobody's own.
        let own = home == "/" ? nil : home
        let secret = hidden.compactMap(ScratchFolder.resolved) + [own].compactMap { $0 }
        for entry in (environment["PATH"] ?? Self.defaultPath).split(separator: ":")
            .prefix(Self.pathFoldersMax)
        {
            add(String(entry), environment, home: own, hidden: secret)
        }
        if path.isEmpty { path = Self.defaultPath.split(separator: ":").map(String.init) }
        let rustup = environment["RUSTUP_HOME"] ?? own.map { $0 + "/.rustup" }
        if let rustup, path.contains(where: { access("\($0)/rustup", X_OK) == 0 }),
            bind(rustup, hidden: secret)
        {
            variables["RUSTUP_HOME"] = rustup
        }
        // What is inside another is there with it.
        let all = folders
        folders.removeAll { folder in
            all.contains { $0 != folder && ScratchFolder.isInside(folder, $0) }
        }
    }

    private mutating func add(
        _ entry: String,
        _ environment: [String: String],
        home: String?,
        hidden: [String]
    ) {
        guard entry.hasPrefix("/"), let real = ScratchFolder.resolved(entry),
            ScratchFolder.isFolder(real), !path.contains(entry)
        else { return }
        // Of the hidden ones only the home may have toolchains in it.
        guard !hidden.contains(where: { $0 != home && ScratchFolder.isInside(real, $0) }) else {
            return
        }
        if Self.isSystem(entry) && Self.isSystem(real) { return path.append(entry) }
        var isBound = false
        // Behind a link in a system folder only what it leads to is a place of its own.
        for place in Self.isSystem(entry) ? [real] : Set([entry, real]).sorted() {
            let folders = Self.folders(around: place, home: home)
            // What is too wide is bound as narrowly as it is named.
            let bound = folders.map { bind($0, hidden: hidden) }
            isBound = bound.first == true || bind(place, hidden: hidden) || isBound
        }
        guard isBound else { return }
        path.append(entry)
        if let root = Self.folder(".pyenv", of: entry) { variables["PYENV_ROOT"] = root }
    }

    /// The folders that belong to a folder of programs, itself among them or in one of them.
    private static func folders(around place: String, home: String?) -> [String] {
        if let root = folder(".pyenv", of: place) { return [root] }
        if let home, place == home + "/.cargo/bin" { return [place] }
        if let home, place == home + "/.local/bin" {
            let others = ["lib", "share/uv", "share/pipx", "pipx", "share/mise", "share/swiftly"]
            return [place] + others.map { "\(home)/.local/\($0)" }
        }
        let parts = place.split(separator: "/")
        guard let last = parts.last, ["bin", "sbin", "shims", "condabin"].contains(last),
            parts.count > 2
        else { return [place] }
        return ["/" + parts.dropLast().joined(separator: "/")]
    }

    /// Binds a folder that is there and has nothing hidden below it.
    private mutating func bind(_ folder: String, hidden: [String]) -> Bool {
        guard folder.hasPrefix("/"), let real = ScratchFolder.resolved(folder),
            ScratchFolder.isFolder(real),
            !hidden.contains(where: {
                ScratchFolder.isInside($0, real) || ScratchFolder.isInside($0, folder)
            })
        else { return false }
        if folders.contains(folder) || Self.isSystem(real) && real == folder { return true }
        folders.append(folder)
        covered += Self.credentials.map { "\(folder)/\($0)" }.filter(Self.isFile)
        return true
    }

    private static func isFile(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    static func isSystem(_ path: String) -> Bool {
        systemFolders.contains { ScratchFolder.isInside(path, $0) }
    }

    /// The path up to a part of that name.
    private static func folder(_ name: Substring, of path: String) -> String? {
        let parts = path.split(separator: "/")
        guard let place = parts.firstIndex(of: name) else { return nil }
        return "/" + parts[...place].joined(separator: "/")
    }
}
