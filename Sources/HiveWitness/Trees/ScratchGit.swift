import HiveProcess

/// A git folder of hive's own over the objects of a repository.
///
/// What a repository can say about how files are written (configuration, `info/attributes`, filter
/// drivers, sparse patterns, hooks) and what the user's own configuration says is not there: only
/// the tree's own `.gitattributes` count, as in a fresh clone of a user who has set nothing.
/// Objects that are made in it stay in it.
struct ScratchGit {
    let folder: String
    let asker: GitRepository.Asker

    /// Makes the folder, which is absolute, as the work tree is.
    ///
    /// Without `workTree` there are no files to look at; where it does not see the repository's
    /// objects it knows only those that it is given.
    init(
        _ folder: String,
        of repository: GitRepository,
        workTree: String? = nil,
        seesObjects: Bool = true
    ) throws(WitnessError) {
        for name in ["", "/objects", "/objects/pack", "/refs"] {
            try Folders.make(folder + name)
        }
        let isSHA1 = repository.objectFormat == "sha1"
        try FileCopy.write("ref: refs/heads/none\n", to: folder + "/HEAD")
        try FileCopy.write(
            "[core]\n\trepositoryFormatVersion = \(isSHA1 ? 0 : 1)\n"
                + (isSHA1 ? "" : "[extensions]\n\tobjectFormat = \(repository.objectFormat)\n"),
            to: folder + "/config"
        )
        var git = Git(folder: workTree ?? folder)
        git.isInBackground = false
        git.limits = repository.git.limits
        git.environment = [
            "GIT_DIR": folder,
            "GIT_OBJECT_DIRECTORY": folder + "/objects",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_ATTR_NOSYSTEM": "1",
        ]
        git.environment["GIT_WORK_TREE"] = workTree
        git.environment["GIT_ALTERNATE_OBJECT_DIRECTORIES"] =
            seesObjects ? Self.quoted(repository.objectsFolder) : nil
        // As many writers as there are processors.
        git.configuration = ["core.attributesFile=/dev/null", "checkout.workers=0"]
        self.folder = folder
        asker = GitRepository.Asker(git: git)
    }

    /// As git wants a path that may have a colon in it, between which it lists several.
    static func quoted(_ path: String) -> String {
        let escaped = path.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] }
        return "\"\(String(escaped))\""
    }
}
