import HiveProcess

extension GitRepository {
    /// What changed in some files from one tree to another, as a unified diff for people.
    ///
    /// Attributes have no say: a file cannot hide its changes by `-diff`. The paths are whole
    /// names of files; what is cut after `bytesMax` says so at its end. It is plain text, without
    /// anything that moves or hides text; empty where nothing changed.
    package func difference(
        from: GitTree,
        to: GitTree,
        paths: [[UInt8]],
        bytesMax: Int
    ) async throws(WitnessError) -> String {
        let wanted = Set(paths)
        let scratch = try ScratchFolder(in: scratchParent)
        defer { scratch.remove() }
        let own = try ScratchGit(scratch.at("git"), of: self)
        // Trees of these files alone: as words of a command, names could not be any bytes.
        var ids: [String] = []
        for (number, tree) in [from, to].enumerated() {
            var asker = own.asker
            asker.git.environment["GIT_INDEX_FILE"] = scratch.at("index\(number)")
            ids.append(try await compose(tree.files.filter { wanted.contains($0.path) }, asker).id)
        }
        var git = own.asker.git
        git.limits.outputBytes = max(1, bytesMax)
        let output: Git.Output
        do {
            output = try await git.run([
                "diff-tree", "-p", "-r", "--no-ext-diff", "--no-textconv", "--no-color",
                "--no-renames", "--unified=3", "--src-prefix=a/", "--dst-prefix=b/", ids[0], ids[1],
            ])
        } catch {
            throw WitnessError(error)
        }
        let text = PlainText.clean(output.bytes)
        return output.isCut ? "\(text)\n… cut after \(bytesMax) bytes" : text
    }
}
