import Glibc
import HiveProcess

// The witness's git
//
// Every question goes to the `git` program by way of `Git`, which keeps the repository from running
// anything. What is written is objects and one ref of notes; index, work tree and branches stay as
// they are. Where git needs an index to work on, it gets one of its own in a scratch folder.
//
// Names are bytes from end to end. Those that no tree may have (`..`, `.git`, an empty one) are an
// error here already, before anything is checked out. An answer that is cut is an error as well: a
// tree with some of its files is another tree.

/// A git repository, with or without a work tree, as the witness asks it.
package struct GitRepository: Sendable {
    /// Answers that are longer are an error, bytes.
    package static let answerBytesMax = 256 << 20
    /// How long one command of git may take, seconds.
    package static let secondsMax = 300.0

    /// The top of the work tree, or the git folder of a bare repository; absolute, without links.
    package let folder: String
    package let isBare: Bool
    /// Where this work tree's own files of git are, such as its index; absolute.
    package let gitFolder: String
    /// Where the objects are; absolute.
    let objectsFolder: String
    /// `sha1` or `sha256`.
    let objectFormat: String
    /// Digits of an object's id.
    let idDigits: Int
    let git: Git
    /// Where scratch folders are made.
    let scratchParent: String
    let known = KnownTrees()

    /// Finds the repository that a folder is in.
    ///
    /// The folder is absolute: anywhere in the work tree, or a bare repository. The environment
    /// says where temporary files go, by `TMPDIR`; `variables` are git's own, by which it tells a
    /// hook where objects are that are not let in yet. Throws `missing` where there is no
    /// repository, `unfit` where git does not want to read it.
    package static func open(
        _ folder: String,
        environment: [String: String] = [:],
        variables: [String: String] = [:]
    ) async throws(WitnessError) -> GitRepository {
        let asker = Asker(git: git(in: folder, variables))
        let facts = try await asker.ask(
            [
                "rev-parse", "--is-bare-repository", "--is-inside-work-tree",
                "--show-object-format", "--absolute-git-dir", "--path-format=absolute",
                "--git-path", "objects", "--show-toplevel",
            ],
            accepting: [0, 128, Git.missingCode]
        )
        let words = facts.text.split(separator: "\n").map(String.init)
        guard words.count >= 3, facts.code == 0 || words[0] == "true" || words[1] == "false" else {
            throw absence(of: facts, in: folder)
        }
        let isBare = words[0] == "true"
        guard isBare || words[1] == "true" else {
            throw WitnessError(
                .unfit,
                "\(WitnessError.shown(folder)) is inside a .git folder",
                hint: "use the folder that the repository's files are in"
            )
        }
        // A bare repository has no top, and git says so last. A path with a line break in it is
        // more than one line: each is asked for alone then.
        var paths = Array(words.dropFirst(3))
        if paths.count != (isBare ? 2 : 3) { paths = try await asker.places(isBare: isBare) }
        let top = isBare ? paths[0] : paths[2]
        var status = stat()
        // `core.worktree` can name any folder of the machine; a real top level has a `.git`.
        guard isBare || lstat("\(top)/.git", &status) == 0 else {
            throw WitnessError(
                .unfit,
                "the work tree of \(WitnessError.shown(folder)) is elsewhere (core.worktree)",
                hint: "git config --unset core.worktree, or use a worktree made by git worktree add"
            )
        }
        var git = git(in: top, variables)
        git.filterDrivers = try await asker.filterDrivers()
        return GitRepository(
            folder: top,
            isBare: isBare,
            gitFolder: paths[0],
            objectsFolder: paths[1],
            objectFormat: words[2],
            idDigits: words[2] == "sha256" ? 64 : 40,
            git: git,
            scratchParent: try ScratchFolder.parent(environment)
        )
    }

    private static func git(in folder: String, _ variables: [String: String]) -> Git {
        var git = Git(folder: folder)
        git.environment = variables
        git.isInBackground = false
        git.limits.seconds = secondsMax
        git.limits.outputBytes = answerBytesMax
        return git
    }

    private static func absence(of facts: Git.Output, in folder: String) -> WitnessError {
        let name = WitnessError.shown(folder)
        if facts.code == Git.missingCode {
            return WitnessError(
                .missing,
                "git is not installed",
                hint: "install it: apt-get install git"
            )
        }
        if facts.complaint.contains("not a git repository") {
            return WitnessError(
                .missing,
                "\(name) is in no git repository",
                hint: "make one there with `git init`, or go to the project's folder"
            )
        }
        return WitnessError(
            .unfit,
            "git does not read the repository in \(name): \(facts.complaint)",
            hint: "do there what git says"
        )
    }

    // MARK: Asking

    /// git, with answers that are whole or an error.
    struct Asker: Sendable {
        var git: Git

        /// The folders of git, of its objects, and the top of the work tree where there is one.
        func places(isBare: Bool) async throws(WitnessError) -> [String] {
            let own = try await ask(["rev-parse", "--absolute-git-dir"]).text
            let objects = ["rev-parse", "--path-format=absolute", "--git-path", "objects"]
            var places = [own, try await ask(objects).text]
            if !isBare { places.append(try await ask(["rev-parse", "--show-toplevel"]).text) }
            return places
        }

        @discardableResult
        func ask(
            _ words: [String],
            input: [UInt8] = [],
            accepting: Set<Int32> = [0],
            bytesMax: Int? = nil
        ) async throws(WitnessError) -> Git.Output {
            var git = git
            if let bytesMax { git.limits.outputBytes = bytesMax }
            let output: Git.Output
            do {
                output = try await git.run(
                    words,
                    input: input,
                    accepting: accepting.union([1, 127, 128, 129, 255])
                )
            } catch {
                throw WitnessError(error)
            }
            let command = "git \(words.first { !$0.hasPrefix("-") } ?? "")"
            guard !output.isCut else {
                throw WitnessError(
                    .tooLarge,
                    "\(command) says more than \(git.limits.outputBytes) bytes",
                    hint: "the repository is larger than hive can witness; git count-objects -vH"
                )
            }
            guard accepting.contains(output.code) else {
                let reason =
                    output.complaint.isEmpty ? "exit code \(output.code)" : output.complaint
                throw WitnessError(
                    .io,
                    "\(command) failed in \(WitnessError.shown(git.folder)): \(reason)",
                    hint: "try it by hand there; git fsck may tell more"
                )
            }
            return output
        }

        func filterDrivers() async throws(WitnessError) -> [String] {
            let drivers: [String]?
            do {
                drivers = try await git.namesOfFilterDrivers()
            } catch {
                throw WitnessError(error)
            }
            guard let drivers else {
                throw WitnessError(
                    .unfit,
                    "the filter drivers of \(WitnessError.shown(git.folder)) are too many, or "
                        + "have odd names",
                    hint:
                        "look at git config --get-regexp '^filter\\.', and remove what is not yours"
                )
            }
            return drivers
        }
    }

    @discardableResult
    func ask(
        _ words: [String],
        input: [UInt8] = [],
        accepting: Set<Int32> = [0],
        bytesMax: Int? = nil
    ) async throws(WitnessError) -> Git.Output {
        try await Asker(git: git).ask(
            words,
            input: input,
            accepting: accepting,
            bytesMax: bytesMax
        )
    }

    /// git with an index of its own, in place of the repository's.
    func asker(withIndex path: String) -> Asker {
        var git = git
        git.environment["GIT_INDEX_FILE"] = path
        // The real bytes count: neither a warning about line ends nor a sparse checkout is in the
        // way of that.
        git.configuration += ["core.safecrlf=false", "core.sparseCheckout=false"]
        git.configuration += ["core.splitIndex=false", "core.untrackedCache=false"]
        return Asker(git: git)
    }

    /// Hexadecimal digits, as many as this repository's ids have.
    func isID(_ text: some StringProtocol) -> Bool {
        text.utf8.count == idDigits
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    /// What stands for no object.
    var nullID: String { String(repeating: "0", count: idDigits) }
}
