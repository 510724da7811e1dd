import Glibc
import HiveProcess
import HiveWitness

/// Where a hook runs: found by one question to git, with what git told the hook.
package struct HookPlace: Sendable {
    /// The top of the work tree, or the folder of a bare repository; absolute.
    package let top: String
    /// Where this work tree's own files of git are; absolute.
    package let gitFolder: String
    /// Where the files of git are that all work trees share; absolute.
    package let commonFolder: String
    package let isBare: Bool
    /// The index that will be committed, where git named one; absolute.
    let index: String?
    /// What git has of its own for this hook: objects that are not let in yet.
    let variables: [String: String]

    /// Names of variables by which git tells a hook where things are.
    private static let told = [
        "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_QUARANTINE_PATH",
    ]

    /// Finds the repository that a folder is in, as git told the hook.
    ///
    /// - Parameters:
    ///   - folder: the working directory; absolute.
    ///   - environment: the process's variables; those of git's that say where things are count.
    /// - Returns: the place.
    /// - Throws: exit code 3 where there is no repository.
    package static func find(
        _ folder: String,
        environment: [String: String]
    ) async throws(HiveError) -> HookPlace {
        func absolute(_ path: String) -> String {
            path.hasPrefix("/") ? path : "\(folder)/\(path)"
        }
        var variables: [String: String] = [:]
        // git gives the alternates as a list of absolute paths, quoted in a way of its own.
        for name in told { variables[name] = environment[name] }
        variables["GIT_OBJECT_DIRECTORY"] = environment["GIT_OBJECT_DIRECTORY"].map(absolute)
        var git = Git(folder: folder)
        git.isInBackground = false
        git.environment = variables
        for name in ["GIT_DIR", "GIT_WORK_TREE"] {
            git.environment[name] = environment[name].map(absolute)
        }
        let output: Git.Output
        do {
            output = try await git.run(
                [
                    "rev-parse", "--is-bare-repository", "--path-format=absolute", "--git-dir",
                    "--git-common-dir", "--show-toplevel",
                ],
                accepting: [0, 128]
            )
        } catch {
            throw .machine(error.message, hint: error.hint)
        }
        let lines = output.text.split(separator: "\n").map(String.init)
        let isBare = lines.first == "true"
        guard lines.count == (isBare ? 3 : 4) else {
            throw .machine(
                "git finds no repository in \(folder): \(output.complaint)",
                hint: "go to the project's folder, or make one with git init"
            )
        }
        // In a repository with files that is pushed to, the hook runs in the folder of git.
        let isInside = !isBare && lines[3] == lines[1] && lines[1].hasSuffix("/.git")
        let top = isInside ? String(lines[1].dropLast("/.git".count)) : lines[isBare ? 1 : 3]
        return HookPlace(
            top: top,
            gitFolder: lines[1],
            commonFolder: lines[2],
            isBare: isBare,
            index: environment["GIT_INDEX_FILE"].map(absolute),
            variables: variables
        )
    }

    /// git in this repository, as the hook sees it.
    var git: Git {
        var git = Git(folder: top)
        git.isInBackground = false
        git.environment = variables
        git.environment["GIT_DIR"] = gitFolder
        if !isBare {
            git.environment["GIT_WORK_TREE"] = top
            git.environment["GIT_INDEX_FILE"] = index
        }
        git.limits = Command.Limits(
            seconds: GitRepository.secondsMax,
            outputBytes: GitRepository.answerBytesMax
        )
        return git
    }

    /// True in the middle of a rebase, whose commits are judged when it is done and pushed.
    var isInRebase: Bool {
        ["rebase-merge", "rebase-apply"].contains { FileProbe.exists("\(gitFolder)/\($0)") }
    }

    /// The commits that are being merged; none where nothing is.
    var merging: [String] {
        let path = "\(gitFolder)/MERGE_HEAD"
        guard case .bytes(let bytes) = BoundedFile.read(path, bytesMax: Self.mergeHeadBytesMax)
        else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private static let mergeHeadBytesMax = 1 << 16

    /// The commits that the last fetch brought.
    var fetched: [String] {
        let path = "\(gitFolder)/FETCH_HEAD"
        guard case .bytes(let bytes) = BoundedFile.read(path, bytesMax: Self.mergeHeadBytesMax)
        else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { line in
            let id = line.prefix { $0 != "\t" }
            return id.count >= 40 && id.allSatisfy(\.isHexDigit) ? "\(id)" : nil
        }
    }

    /// The folder whose board and rule book hold: this work tree's, else the main one's, for a
    /// board is not checked out with a linked work tree.
    package var project: String {
        let board = "sandbox/obsidianblackboard.jsonl"
        guard !isBare, !FileProbe.exists("\(top)/\(board)"), commonFolder.hasSuffix("/.git") else {
            return top
        }
        let main = String(commonFolder.dropLast("/.git".count))
        return FileProbe.exists("\(main)/\(board)") ? main : top
    }
}
