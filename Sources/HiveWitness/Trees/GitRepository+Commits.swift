import HiveProcess

extension GitRepository {
    /// Longer ranges are not judged at once.
    package static let commitsMax = 10_000

    /// The commit that is checked out and its tree; nil: there is none yet.
    package func head() async throws(WitnessError) -> (commit: String, tree: String)? {
        guard let commit = try await resolve("HEAD^{commit}"),
            let tree = try await resolve(commit + "^{tree}")
        else { return nil }
        return (commit, tree)
    }

    /// The commit that a ref leads to; nil where it leads to a tree or to nothing.
    package func commit(_ ref: String) async throws(WitnessError) -> CommitInfo? {
        guard let id = try await resolve(ref + "^{commit}") else { return nil }
        return try await commits(id + "^!").last
    }

    /// The commits of a range, the oldest first, a parent before its children.
    ///
    /// The range is as `git rev-list` takes one: `main..feature`, `HEAD~3..`, a commit. Throws
    /// `unnamed` where git does not know it, `tooLarge` for more than `commitsMax`.
    package func commits(_ range: String) async throws(WitnessError) -> [CommitInfo] {
        let fields = ["%H", "%T", "%P", "%an", "%ae", "%at", "%s", "%b", "%(trailers)"]
        let output = try await ask(
            [
                "log", "--reverse", "--topo-order", "--max-count=\(Self.commitsMax + 1)",
                "--no-notes", "--no-mailmap", "--no-patch", "--encoding=UTF-8", "-z",
                "--format=\(fields.joined(separator: "%x00"))", "--end-of-options", range, "--",
            ],
            accepting: [0, 128]
        )
        guard output.code == 0 else {
            throw WitnessError(
                .unnamed,
                "\(WitnessError.shown(range)) is no range of commits: \(output.complaint)",
                hint: "write BASE..HEAD; git fetch --unshallow gets commits that are missing"
            )
        }
        guard !output.bytes.isEmpty else { return [] }
        let values = (output.bytes.last == 0 ? output.bytes : output.bytes + [0])
            .split(separator: 0, omittingEmptySubsequences: false).dropLast()
        guard values.count % fields.count == 0 else {
            throw WitnessError(
                .malformed,
                "git log gives \(values.count) fields, which are no whole commits",
                hint: "git fsck tells more; is git older than 2.36? git --version"
            )
        }
        guard values.count / fields.count <= Self.commitsMax else {
            throw WitnessError(
                .tooLarge,
                "\(WitnessError.shown(range)) has more than \(Self.commitsMax) commits",
                hint: "take a shorter range, such as HEAD~1000..HEAD"
            )
        }
        let commits = stride(from: 0, to: values.count, by: fields.count).map { start in
            let texts = values[start..<(start + fields.count)].map {
                String(decoding: $0, as: UTF8.self)
            }
            return CommitInfo(
                id: texts[0],
                tree: texts[1],
                parents: texts[2].split(separator: " ").map(String.init),
                author: texts[3],
                authorEmail: texts[4],
                time: Int64(texts[5]) ?? 0,
                subject: texts[6],
                body: texts[7],
                trailers: texts[8]
            )
        }
        known.note(commits)
        return commits
    }

    /// The commits that a range leaves out with all before them: `A` of `A..B`.
    ///
    /// - Throws: `unnamed` where git does not know the range.
    package func beginnings(of range: String) async throws(WitnessError) -> [String] {
        let output = try await ask(
            ["rev-parse", "--revs-only", "--end-of-options", range],
            accepting: [0, 128]
        )
        guard output.code == 0 else {
            throw WitnessError(
                .unnamed,
                "\(WitnessError.shown(range)) is no range of commits: \(output.complaint)",
                hint: "write BASE..HEAD"
            )
        }
        return output.text.split(separator: "\n").filter { $0.hasPrefix("^") }
            .map { String($0.dropFirst()) }.filter(isID)
    }

    /// The tree that git makes of a merge of these commits by itself.
    ///
    /// Nil where there are more than two, where they conflict, or where the configuration names
    /// programs that merge: none is run.
    package func mergedTree(_ parents: [String]) async throws(WitnessError) -> String? {
        guard parents.count == 2 else { return nil }
        let drivers = try await ask(
            ["config", "--name-only", "--get-regexp", #"^merge\..*\.driver$"#],
            accepting: [0, 1]
        )
        guard drivers.code == 1 else { return nil }
        let merged = try await ask(
            ["merge-tree", "--write-tree", "--no-messages", "--allow-unrelated-histories"]
                + parents,
            accepting: [0, 1]
        )
        guard merged.code == 0 else { return nil }
        return merged.text.split(separator: "\n").first.map(String.init)
    }
}
