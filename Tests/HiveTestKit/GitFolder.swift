import Foundation

/// A git repository in a folder of a test's own.
extension TemporaryFolder {
    /// Makes the folder a repository with these files, by path, in its first commit.
    ///
    /// - `parent`: where the folder is made; nil: where all of them are.
    package convenience init(
        repository files: [String: String],
        in parent: String? = nil
    ) throws {
        try self.init(in: parent)
        try git("init", "--quiet", "--initial-branch", "main")
        try writeFiles(files)
        try commitAll("the first commit")
    }

    /// Writes text files, with the folders they stand in.
    package func writeFiles(_ files: [String: String]) throws {
        for (name, text) in files {
            if let slash = name.lastIndex(of: "/") { try makeFolder(String(name[..<slash])) }
            try write(Array(text.utf8), to: name)
        }
    }

    package func commitAll(_ message: String) throws {
        try git("add", "--all")
        try git("commit", "--quiet", "--message", message)
    }

    /// Runs git in the folder, with a name and no configuration but the repository's own.
    ///
    /// - Returns: its standard output.
    /// - Throws: where it fails.
    @discardableResult
    package func git(_ arguments: String...) throws -> String {
        try git(arguments)
    }

    /// The same, with words that are there already.
    @discardableResult
    package func git(_ arguments: [String]) throws -> String {
        let output = try Spawned.run(
            "/usr/bin/git",
            arguments,
            in: path,
            environment: [
                "GIT_AUTHOR_NAME": "A Test", "GIT_AUTHOR_EMAIL": "test@example.org",
                "GIT_COMMITTER_NAME": "A Test", "GIT_COMMITTER_EMAIL": "test@example.org",
                "GIT_CONFIG_NOSYSTEM": "1",
            ]
        )
        guard output.exitCode == 0 else {
            throw TestKitError("git \(arguments): \(output.standardError)")
        }
        return output.standardOutput
    }
}
