import Glibc
import HiveProcess

// From a tree's id to files
//
// An id promises the bytes, and git believes its own disk: a loose object that somebody wrote by
// hand under another object's id would be checked out. So the tree's objects are packed and indexed
// anew, in a git folder that knows no others. `git index-pack` computes each id from the bytes; an
// object that lied is not there under the id that the tree asks for, and the checkout fails. From
// there on nobody can change what the tree consists of, by `git gc` or by hand.

extension GitRepository {
    /// Writes the files of a tree into a folder, whatever may be there already under their names.
    ///
    /// The bytes are those of the blobs, with line ends as the tree's own `.gitattributes` ask for;
    /// no filter is run. Git keeps its index in `gitFolder`, which is made here and is outside of
    /// `folder`; what comes back is git on the files. Throws `unfit` where a symbolic link leads
    /// out of the tree, or an object is not what its id says.
    func checkOut(
        _ tree: GitTree,
        into folder: String,
        gitFolder: String
    ) async throws(WitnessError) -> ScratchGit {
        try await requireLinksStayInside(tree)
        let own = try ScratchGit(gitFolder, of: self, workTree: folder, seesObjects: false)
        if !tree.files.isEmpty { try await copyObjects(of: tree, to: own) }
        let result = try await own.asker.ask(
            ["read-tree", "--reset", "-u", "--no-recurse-submodules", tree.id],
            accepting: [0, 1, 128]
        )
        guard result.code == 0 else {
            throw WitnessError(
                .unfit,
                "the tree \(tree.id) cannot be checked out: \(result.complaint)",
                hint: "an object is missing or is not what its id says (git fsck tells which), or "
                    + "\(scratchParent) is full: TMPDIR names another folder"
            )
        }
        return own
    }

    /// Gives all objects of a tree to another git folder, under ids that are computed anew.
    private func copyObjects(of tree: GitTree, to own: ScratchGit) async throws(WitnessError) {
        var packer = git
        packer.configuration += ["pack.packSizeLimit=0", "pack.compression=1"]
        // A pack is begun in the object folder and renamed: the folder is to be on the file system
        // where the pack belongs, which need not be the repository's.
        packer.environment["GIT_OBJECT_DIRECTORY"] = "\(own.folder)/objects"
        packer.environment["GIT_ALTERNATE_OBJECT_DIRECTORIES"] =
            ScratchGit.quoted(objectsFolder)
        let base = "\(own.folder)/objects/pack/pack"
        let packed = try await Asker(git: packer).ask(
            ["pack-objects", "--revs", "--quiet", "--window=0", base],
            input: Array((tree.id + "\n").utf8),
            accepting: [0, 128]
        )
        guard packed.code == 0, isID(packed.text) else {
            throw WitnessError(
                .unfit,
                "the objects of the tree \(tree.id) cannot be copied: \(packed.complaint)",
                hint: "git fetch gets what is missing, git fsck tells what is broken; is there "
                    + "room in \(scratchParent)? TMPDIR names another folder"
            )
        }
        for kind in ["idx", "rev"] { unlink("\(base)-\(packed.text).\(kind)") }
        try await own.asker.ask(["index-pack", "\(base)-\(packed.text).pack"])
    }

    // MARK: Links

    private func requireLinksStayInside(_ tree: GitTree) async throws(WitnessError) {
        let links = tree.files.filter { $0.mode == .symbolicLink }
        guard !links.isEmpty else { return }
        let contents = try await ask(
            ["cat-file", "--batch"],
            input: Array(links.map { $0.blob + "\n" }.joined().utf8)
        )
        var batch = ObjectBatch(contents.bytes)
        var targets: [[UInt8]: [UInt8]] = [:]
        for link in links {
            guard let object = batch.next(), object.id == link.blob, object.type == "blob" else {
                throw missing(link.blob)
            }
            guard object.bytes.count <= LinkCheck.targetBytesMax else {
                throw leaving(link.path, object.bytes)
            }
            targets[link.path] = Array(object.bytes)
        }
        if let link = LinkCheck(targets: targets).firstLeavingLink() {
            throw leaving(link, (targets[link] ?? [])[...])
        }
    }

    private func leaving(_ link: [UInt8], _ target: ArraySlice<UInt8>) -> WitnessError {
        WitnessError(
            .unfit,
            "the symbolic link \(WitnessError.shown(link)) leads out of the tree, to "
                + WitnessError.shown(Array(target)),
            hint: "commit the file itself, or a link to a file of the tree"
        )
    }
}
