import Glibc
import HiveProcess

extension GitRepository {
    /// The tree of a commit, a tag or a tree, by any name that git knows it by.
    ///
    /// - Throws: `unnamed` where nothing has that name.
    package func tree(of ref: String) async throws(WitnessError) -> GitTree {
        if let id = known.tree(of: ref) {
            if let tree = known.listed(id) { return tree }
            let tree = try await listed(id)
            known.keep(tree)
            return tree
        }
        guard let named = try await resolve(ref), let id = try await resolve(named + "^{tree}")
        else {
            throw WitnessError(
                .unnamed,
                "\(WitnessError.shown(ref)) names no commit and no tree",
                hint: "git rev-parse says what a name stands for; git fetch gets what is missing"
            )
        }
        return try await listed(id)
    }

    /// The tree without files, which every repository knows.
    package var emptyTree: GitTree {
        GitTree(
            id: objectFormat == "sha256"
                ? "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321"
                : "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
            files: []
        )
    }

    /// The bytes of a blob.
    ///
    /// - Throws: `tooLarge` where it has more than `bytesMax`, `missing` where it is not there.
    package func blob(_ id: String, bytesMax: Int) async throws(WitnessError) -> [UInt8] {
        guard isID(id) else { throw missing(id) }
        let output = try await ask(
            ["cat-file", "blob", id],
            accepting: [0, 128],
            bytesMax: bytesMax
        )
        guard output.code == 0 else { throw missing(id) }
        return output.bytes
    }

    /// Writes the tree of these files, and of no others.
    ///
    /// They may be in any order; their blobs are in the repository. Throws `unfit` where a blob is
    /// missing, or two of the files cannot stand side by side.
    package func compose(_ files: [TreeFile]) async throws(WitnessError) -> GitTree {
        let scratch = try ScratchFolder(in: scratchParent)
        defer { scratch.remove() }
        return try await compose(files, asker(withIndex: scratch.at("index")))
    }

    func compose(
        _ files: [TreeFile],
        _ asker: Asker
    ) async throws(WitnessError) -> GitTree {
        let files = files.sorted { $0.path.lexicographicallyPrecedes($1.path) }
        if let odd = files.first(where: { !TreeListing.isAllowed($0.path) || !isID($0.blob) }) {
            throw WitnessError(
                .malformed,
                "no tree can have \(WitnessError.shown(odd.path)) as "
                    + WitnessError.shown(odd.blob),
                hint: "a path is relative, without .., and an object's id has \(idDigits) digits"
            )
        }
        try await asker.ask(
            ["update-index", "-z", "--index-info"],
            input: Self.indexInformation(files)
        )
        let written = try await asker.ask(["write-tree"], accepting: [0, 128])
        guard written.code == 0 else {
            throw WitnessError(
                .unfit,
                "there is no tree of these files: \(written.complaint)",
                hint: "git fetch gets objects that are missing"
            )
        }
        // A file and a folder of one name, or a name that git does not take, are left out silently.
        let tree = try await listed(written.text, asker)
        guard tree.files == files else {
            let lost = Set(files).subtracting(tree.files).first
            throw WitnessError(
                .unfit,
                "git leaves \(WitnessError.shown(lost?.path ?? [])) out of the tree",
                hint: "is there a folder of the same name, or the same file twice?"
            )
        }
        return tree
    }

    /// What `git update-index --index-info -z` reads.
    static func indexInformation(_ files: [TreeFile]) -> [UInt8] {
        var lines: [UInt8] = []
        for file in files {
            lines += Array("\(file.mode.rawValue) \(file.blob) 0\t".utf8)
            lines += file.path
            lines.append(0)
        }
        return lines
    }

    // MARK: The index

    /// The tree of the index, as `git commit` would record it now.
    ///
    /// `index` is another index than the repository's, such as the one that git gives to a hook
    /// (`GIT_INDEX_FILE`); absolute. Throws `unfit` for an index with conflicts, or with files that
    /// are only announced.
    package func indexTree(_ index: String? = nil) async throws(WitnessError) -> GitTree {
        try requireWorkTree()
        let scratch = try ScratchFolder(in: scratchParent)
        defer { scratch.remove() }
        // On a copy: git writes into an index what it has found out, such as the ids of folders.
        let copy = scratch.at("index")
        try FileCopy.copy(index ?? "\(gitFolder)/index", to: copy)
        let asker = asker(withIndex: copy)
        let entries = try await indexEntries(asker)
        if let conflict = entries.first(where: { $0.stage != 0 }) {
            throw WitnessError(
                .unfit,
                "the index has a conflict in \(WitnessError.shown(conflict.file.path))",
                hint: "resolve it, then git add it"
            )
        }
        let tree = try await listed(try await asker.ask(["write-tree"]).text, asker)
        let files = entries.map(\.file)
        guard files.count == tree.files.count else {
            let written = Set(tree.files.map(\.path))
            let announced = files.first { !written.contains($0.path) }
            throw WitnessError(
                .unfit,
                "\(WitnessError.shown(announced?.path ?? [])) is only announced "
                    + "(git add --intent-to-add)",
                hint: "git add it, or git rm --cached it"
            )
        }
        return tree
    }

    func indexEntries(
        _ asker: Asker
    ) async throws(WitnessError) -> [TreeListing.IndexEntry] {
        try TreeListing.entries(
            try await asker.ask(["ls-files", "--stage", "-t", "-z", "--full-name"]).fields
        )
    }

    func requireWorkTree() throws(WitnessError) {
        guard isBare else { return }
        throw WitnessError(
            .unfit,
            "\(WitnessError.shown(folder)) is a bare repository: it has no index and no files",
            hint: "name a commit, or go to a work tree of it"
        )
    }

    // MARK: Names

    /// The id of what a name stands for; nil where it stands for nothing.
    func resolve(_ name: String) async throws(WitnessError) -> String? {
        guard !name.utf8.contains(0) else { return nil }
        let output = try await ask(
            ["rev-parse", "--verify", "--quiet", "--end-of-options", name],
            accepting: [0, 1, 128]
        )
        return output.code == 0 && isID(output.text) ? output.text : nil
    }

    /// A tree with its files.
    func listed(_ id: String, _ asker: Asker? = nil) async throws(WitnessError) -> GitTree {
        let output = try await (asker ?? Asker(git: git)).ask(
            ["ls-tree", "-r", "-z", "--full-tree", id]
        )
        return GitTree(id: id, files: try TreeListing.files(output.fields))
    }

    func missing(_ id: String) -> WitnessError {
        WitnessError(
            .missing,
            "there is no blob \(WitnessError.shown(id)) in \(WitnessError.shown(folder))",
            hint: "git fetch gets objects that are missing; git fsck tells more"
        )
    }
}
