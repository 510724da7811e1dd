// A clean room
//
// A tree is checked out into a private folder outside of the repository, and programs are run on it
// that know nothing of the machine they are on but its system and its toolchains: no home, no keys,
// no network, no variables. What they leave behind goes with the folder.
//
//     hive-room-PID-START-XXXXXX/   private, locked
//         git/      the tree's objects, index and nothing else
//         tree/     the files; in the sandbox /witness/tree
//         home/     an empty home, or what the set-up left there; /witness/home
//         tmp/      /tmp
//         reports/  a folder for each run; /witness/report
//         blank/    what covers files that are not to be read
//
// The sandbox is bubblewrap where that works, else hive's own namespaces, else there is none and
// the receipt says so.

/// Where the trees of a repository are run.
package struct CleanRoom: Sendable {
    package let repository: GitRepository
    package let rules: RoomRules
    let cache: SetupCache
    let environment: [String: String]
    let entry: [String]
    /// Nil: the best that works.
    var sandbox: SandboxKind?

    /// A room for one repository.
    ///
    /// The cache folder is absolute, and made where it is missing. Of the environment only `PATH`,
    /// `HOME`, `TMPDIR` and `RUSTUP_HOME` are looked at. `entry` are the words that lead to
    /// `SandboxEntry.enter` in a program of ours; without them there are no namespaces of hive's
    /// own.
    package init(
        repository: GitRepository,
        rules: RoomRules,
        cacheFolder: String,
        environment: [String: String],
        entry: [String] = []
    ) {
        self.repository = repository
        self.rules = rules
        self.environment = environment
        self.entry = entry
        cache = SetupCache(folder: cacheFolder)
    }

    /// Which sandbox there is: each is tried, once for a process.
    package static func probe(entry: [String] = []) async -> SandboxKind {
        await SandboxProbe.shared.kind(entry: entry)
    }

    /// Checks a tree out, sets it up as the rules say, and removes it when `body` is over.
    ///
    /// Several trees may be there at once. Throws what `body` throws, and `unfit` for a tree that
    /// cannot be checked out or set up.
    package func withTree<T: Sendable>(
        _ tree: GitTree,
        _ body: (any Workplace) async throws(WitnessError) -> T
    ) async throws(WitnessError) -> T {
        let kind: SandboxKind
        if let sandbox { kind = sandbox } else { kind = await Self.probe(entry: entry) }
        let parent = try ScratchFolder.parent(environment, outside: repository.folder)
        ScratchFolder.sweep(parent)
        let scratch = try ScratchFolder(in: parent)
        defer { scratch.remove() }
        for name in ["tree", "home", "tmp", "reports", "blank", "blank/folder"] {
            _ = try scratch.makeFolder(name)
        }
        try FileCopy.write("", to: scratch.at("blank/file"))
        let place = RoomWorkplace(
            sandbox: kind,
            scratch: scratch,
            surroundings: try Surroundings(
                readable: rules.readable,
                environment: environment,
                hidden: [
                    repository.folder, repository.gitFolder, repository.objectsFolder,
                    cache.folder, scratch.path,
                ],
                blank: scratch.at("blank")
            ),
            limits: rules.limits,
            entry: entry
        )
        try await prepare(place, tree)
        return try await body(place)
    }
}
