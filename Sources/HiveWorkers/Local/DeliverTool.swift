import HiveProcess
import Glibc
import HiveSignal

/// Port 3, deliver: what is ready to go, and what stands in the way.
enum DeliverTool {
    /// Commits and files that are named.
    static let commitsMax = 3
    static let filesMax = 4

    static func answer(in repository: Repository) async throws(WorkerError) -> Answer {
        let status = try await GitStatus.read(repository)
        let operations = try await Operations.underWay(in: repository)
        let base = try await Base.of(status, in: repository)
        var commits: [Commit] = []
        if let base, base.ahead > 0 {
            commits = try await Commit.list(since: base.reference, in: repository)
        }
        return answer(status, operations, base, commits)
    }

    private static func answer(
        _ status: GitStatus,
        _ operations: [Operations],
        _ base: Base?,
        _ commits: [Commit]
    ) -> Answer {
        let conflicts = status.entries.filter { $0.kind == .conflicting }
        let staged = status.entries.filter(\.isStaged)
        let leftovers = status.entries.filter { $0.isUnstaged || $0.kind == .untracked }
        var lines = operations.map(\.advice)
        if !conflicts.isEmpty { lines.append("in conflict: \(named(conflicts))") }
        if let base, base.ahead > commitsMax {
            lines.append("the last \(commits.count) of \(base.ahead) commits:")
        }
        lines += commits.map { "commit \($0.digits) \($0.subject)" }
        if !staged.isEmpty { lines.append("staged: \(named(staged))") }
        if !leftovers.isEmpty { lines.append("left over: \(named(leftovers))") }

        let ahead = base?.ahead ?? 0
        let isReady = ahead > 0 || !staged.isEmpty
        let isFound = isReady || !operations.isEmpty || !conflicts.isEmpty
        return Answer(
            summary: summary(status, base),
            lines: lines,
            confidence: isFound
                ? Answer.Confidence.found
                : leftovers.isEmpty
                    ? Answer.Confidence.nothingFound : Answer.Confidence.foundWeakly,
            details: [
                "branch": status.branch.map { .string(Readable.line($0)) } ?? .null,
                "commit": status.commit.map { .string($0) } ?? .null,
                "base": base.map { .string(Readable.line($0.name)) } ?? .null,
                "ahead": base.map { .integer(Int64($0.ahead)) } ?? .null,
                "behind": base.map { .integer(Int64($0.behind)) } ?? .null,
                "commits": .array(commits.map(\.json)),
                "staged": .integer(Int64(staged.count)),
                "leftOver": .integer(Int64(leftovers.count)),
                "conflicts": .array(conflicts.prefix(filesMax).map { .string($0.path.shown) }),
                "operations": .array(operations.map { .string($0.name) }),
            ]
        )
    }

    private static func summary(_ status: GitStatus, _ base: Base?) -> String {
        let head =
            status.branch.map { "branch \(Readable.line($0))" }
            ?? "detached HEAD at \((status.commit ?? "").prefix(9))"
        let states = ShapeTool.states(status)
        let rest = states.isEmpty ? "; nothing staged, nothing left over" : states
        guard status.commit != nil else { return "\(head) without a commit\(rest)" }
        guard let base else { return "\(head), which has nothing to be compared with\(rest)" }
        return "\(head): \(counted(base.ahead, "commit")) ahead of \(Readable.line(base.name)), "
            + "\(base.behind) behind\(rest)"
    }

    private static func named(_ entries: [GitStatus.Entry]) -> String {
        let names = entries.prefix(filesMax).map(\.path.shown).joined(separator: ", ")
        let more = entries.count - filesMax
        return more > 0 ? "\(names) and \(more) more" : names
    }
}

/// What HEAD is compared with, and how far apart they are.
private struct Base {
    var reference: String
    /// As people write it: `origin/main`.
    var name: String
    var ahead: Int
    var behind: Int

    /// Default branches, the likeliest first.
    private static let usual = [
        "refs/remotes/origin/HEAD", "refs/remotes/origin/main", "refs/remotes/origin/master",
        "refs/heads/main", "refs/heads/master",
    ]

    /// The upstream, else the default branch; nil where there is neither.
    static func of(
        _ status: GitStatus,
        in repository: Repository
    ) async throws(WorkerError) -> Base? {
        guard status.commit != nil else { return nil }
        if let upstream = status.upstream, let ahead = status.ahead, let behind = status.behind {
            return Base(reference: "@{upstream}", name: upstream, ahead: ahead, behind: behind)
        }
        let known = try await repository.git.run(
            ["for-each-ref", "--format=%(refname)"] + usual
        ).text.split(separator: "\n").map(String.init)
        let own = status.branch.map { "refs/heads/\($0)" }
        guard let reference = usual.first(where: { known.contains($0) && $0 != own }) else {
            return nil
        }
        let counts = try await repository.git.run(
            ["rev-list", "--left-right", "--count", "HEAD...\(reference)", "--"],
            // A branch may point at a commit that is not there, as in a shallow clone.
            accepting: [0, 128]
        )
        let numbers = counts.text.split(separator: "\t").compactMap { Int($0) }
        guard counts.code == 0, numbers.count == 2 else { return nil }
        let name = reference.split(separator: "/").dropFirst(2).joined(separator: "/")
        return Base(reference: reference, name: name, ahead: numbers[0], behind: numbers[1])
    }
}

private struct Commit {
    var digits: String
    /// Readable, cut.
    var subject: String

    static func list(
        since reference: String,
        in repository: Repository
    ) async throws(WorkerError) -> [Commit] {
        let output = try await repository.git.run([
            "log", "-z", "--no-show-signature", "--no-notes", "--no-color", "--no-decorate",
            "--format=%h %s", "--max-count=\(DeliverTool.commitsMax)", "\(reference)..HEAD", "--",
        ])
        return output.bytes.split(separator: 0).map { record in
            let words = record.split(separator: UInt8(ascii: " "), maxSplits: 1)
            return Commit(
                digits: Readable.line(words.first ?? []),
                subject: Readable.line(words.count > 1 ? words[1] : [])
            )
        }
    }

    var json: JSONValue { ["id": .string(digits), "subject": .string(subject)] }
}

/// What git is in the middle of.
private enum Operations: CaseIterable {
    case merge, rebase, cherryPick, revert, bisect

    /// The files in git's folder that stand for it.
    private var files: [String] {
        switch self {
        case .merge: ["MERGE_HEAD"]
        case .rebase: ["rebase-merge", "rebase-apply"]
        case .cherryPick: ["CHERRY_PICK_HEAD"]
        case .revert: ["REVERT_HEAD"]
        case .bisect: ["BISECT_LOG"]
        }
    }

    var name: String {
        switch self {
        case .merge: "merge"
        case .rebase: "rebase"
        case .cherryPick: "cherry-pick"
        case .revert: "revert"
        case .bisect: "bisect"
        }
    }

    var advice: String {
        let cure =
            switch self {
            case .bisect: "`git bisect reset` ends it"
            default: "`git \(name) --continue` or `git \(name) --abort` ends it"
            }
        return "a \(name) is under way: \(cure)"
    }

    static func underWay(in repository: Repository) async throws(WorkerError) -> [Operations] {
        let folder = try await repository.git.run(["rev-parse", "--absolute-git-dir"]).text
        return allCases.filter { operation in
            operation.files.contains { access("\(folder)/\($0)", F_OK) == 0 }
        }
    }
}
