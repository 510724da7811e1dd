import Glibc
import HiveControl
import HiveKernel
import HiveProcess
import HiveSignal
import HiveWitness

/// The hooks of `git commit`.
extension HookDesk {
    /// Staged changes, as they would be committed.
    private struct Staged {
        var changes: [CommitChange]
        var rules: Rules
    }

    /// Nil where there is nothing to judge, `answer` says why.
    private func staged(_ answer: inout HookAnswer) async throws(HiveError) -> Staged? {
        guard !place.isInRebase else { return nil }
        async let reading = rules(at: "HEAD")
        guard
            var changes = try await changes(
                ["diff-index", "--cached"] + CommitChange.listing + ["HEAD", "--"]
            )
        else {
            answer.notes.append("the first commit stands on no rules: nothing is judged")
            return nil
        }
        let book: Rules?
        do {
            book = try await reading
        } catch {
            throw HiveError(error)
        }
        guard book != nil || settings.hasBoard else { return nil }
        for parent in place.merging {
            let other = try await self.changes(
                ["diff-index", "--cached"] + CommitChange.listing + [parent, "--"]
            )
            // What one of the parents has just so was judged there.
            let own = Set((other ?? []).map(\.path))
            changes = changes.filter { own.contains($0.path) }
        }
        return Staged(changes: changes, rules: book ?? Rules())
    }

    func preCommit() async throws(HiveError) -> HookAnswer {
        var answer = HookAnswer()
        // The board is asked while git is: who commits waits for both.
        async let asking = standing()
        guard let staged = try await staged(&answer) else { return answer }
        let judge = judge(staged.rules, on: "HEAD")
        answer.findings = try await brokenRules(staged.changes)
        if let note = try await unapprovedRules(staged.changes) { answer.notes.append(note) }
        answer.findings += try await withoutGuard(staged.changes, judge.rules)
        let counting = judge.rules.counting(staged.changes)
        if answer.findings.contains(where: { $0.rule == "paths.guarded" }) {
            answer.steps.append(Self.guardStep)
        }
        let observes = staged.rules.mode == .observe
        guard !counting.isEmpty else { return observes ? answer.asNotes() : answer }
        let standing: CommitStanding
        do {
            standing = try await asking
        } catch {
            throw HiveError(error)
        }
        answer.subject = subject(standing)
        for (id, violation) in standing.unresolved {
            answer.findings.append(
                HookFinding("quarantine \(id)", "a violation that stands", rule: violation)
            )
        }
        if let first = standing.unresolved.first {
            answer.steps.append(
                "see what the rules ask first: hive quarantine show \(first.id.prefix(12)); "
                    + "a person may discard it"
            )
        }
        let refused = try await judge.findings(on: staged.changes, in: standing.phase) {
            () throws(HiveError) in try await indexTree()
        }
        answer.findings += refused
        if !refused.isEmpty {
            answer.steps += steps(to: counting, standing, judge.rules)
        } else {
            try await weigh(standing, staged.rules, &answer)
        }
        answer = answer.bounded()
        return observes || standing.observes ? answer.asNotes() : answer
    }

    private func subject(_ standing: CommitStanding) -> String {
        let place = standing.phase.map { "the work is at \(CommitRules.named($0))" }
        return "the commit; \(place ?? "no work has begun on the board")"
    }

    /// The tree of the index that git commits.
    private func indexTree() async throws(HiveError) -> String? {
        let output = try await ask(["write-tree"], accepting: [0, 128])
        return output.code == 0 ? output.text : nil
    }

    /// Asks for the receipt of exactly this tree.
    private func weigh(
        _ standing: CommitStanding,
        _ rules: Rules,
        _ answer: inout HookAnswer
    ) async throws(HiveError) {
        guard rules.evidence != .off, let tree = try await indexTree() else { return }
        let head = try await ask(["rev-parse", "--verify", "HEAD^{commit}"]).text
        let desk = try await verifyDesk()
        let (verdict, evidence) = try await desk.judge(
            tree,
            on: [head] + place.merging,
            as: standing.phase
        )
        let reason = verdict.reasons.first ?? ""
        let phase = standing.phase?.letter ?? "I"
        switch verdict.standing {
        case .proven: return
        case .unproven where evidence == .required && !verdict.isBeforeRules:
            answer.findings.append(HookFinding("this tree", reason, rule: "evidence: required"))
            answer.steps.append("hive witness --phase \(phase)")
        case .unproven:
            answer.notes.append("no receipt for this tree yet: hive witness --phase \(phase)")
        case .contradicted:
            let rule = verdict.violations.first ?? "evidence: \(evidence.rawValue)"
            answer.findings.append(HookFinding("this tree", reason, rule: rule))
            let receipt = try await receipt(of: tree, standing.phase)
            let look = receipt.map { "hive receipts show \($0)" } ?? "hive receipts list"
            answer.steps += [look, "hive witness --phase \(phase)"]
        }
    }

    /// How the staged changes can be committed.
    private func steps(
        to changes: [CommitChange],
        _ standing: CommitStanding,
        _ rules: CommitRules
    ) -> [String] {
        let phases = rules.phases(taking: changes)
        guard
            let phase = phases.first(where: { standing.next.map(\.phase).contains($0) })
                ?? phases.first
        else {
            let staged = "tests with I, the implementation with V: git restore --staged FILE"
            return ["no phase takes all of it; commit it in parts: \(staged)"]
        }
        let takes = "\(CommitRules.named(phase)) takes it"
        return [takes]
            + [standing.way(to: phase, rules: rules.rules, agent: agent)]
            .compactMap(\.self)
    }

    // MARK: commit-msg

    func commitMessage(_ file: String) async throws(HiveError) -> HookAnswer {
        var answer = HookAnswer()
        answer.subject = "the message"
        let path = file.hasPrefix("/") ? file : "\(place.top)/\(file)"
        let message = try await text(path)
        guard !message.isEmpty, let staged = try await staged(&answer) else { return answer }
        let claim = try await claim(of: message)
        if !claim.isNamed {
            answer.findings.append(
                HookFinding("its first line", "names no phase", rule: "commit-msg")
            )
            answer.steps.append(
                "begin it with H:, I:, V: or E:, or as Conventional Commits: docs, test, feat, "
                    + "fix, perf, refactor, style, chore, build, ci, revert"
            )
        }
        if let mark = SkipMark.found(in: message) {
            answer.findings.append(
                HookFinding(mark, "has CI pass the commit over", rule: "commit-msg")
            )
            answer.steps.append("leave \(mark) out")
        }
        let standing = try standing()
        try await compare(claim, staged, standing, &answer)
        if standing.observes || staged.rules.mode == .observe { answer = answer.asNotes() }
        guard !answer.isRefused else { return answer.bounded() }
        try await addTrailers(to: path, claim.phase ?? standing.phase, standing)
        return answer
    }

    /// The message as git will take it: without comments, and what is cut away.
    private func text(_ path: String) async throws(HiveError) -> String {
        guard case .bytes(let bytes) = BoundedFile.read(path, bytesMax: Self.messageBytesMax) else {
            throw .machine(
                "cannot read the message in \(path)",
                hint: "it has at most \(Self.messageBytesMax) bytes"
            )
        }
        let whole = String(decoding: bytes, as: UTF8.self)
        let kept = whole.split(separator: "\n", omittingEmptySubsequences: false)
            .prefix { !$0.hasSuffix("------------------------ >8 ------------------------") }
            .joined(separator: "\n")
        let words = try await keepsComments() ? [] : ["--strip-comments"]
        return try await ask(["stripspace"] + words, input: Array(kept.utf8)).text
    }

    /// True: git takes a line such as `#12` for a part of the message (git-commit(1), `--cleanup`).
    ///
    /// What the command line says of it no hook can see.
    private func keepsComments() async throws(HiveError) -> Bool {
        guard !hasEditor else { return false }
        return try await ask(["config", "commit.cleanup"], accepting: [0, 1]).text != "strip"
    }

    /// With `commit.verbose` the whole change stands below the message.
    private static let messageBytesMax = 256 << 20

    /// What the first line says, else a trailer: a line that was changed counts before the trailer
    /// of an earlier time.
    private func claim(of message: String) async throws(HiveError) -> CommitClaim {
        let subject = message.split(separator: "\n\n", maxSplits: 1).first ?? ""
        var commit = CommitInfo(
            id: "",
            tree: "",
            parents: [],
            author: "",
            authorEmail: "",
            time: 0,
            subject: String(subject).replacing("\n", with: " "),
            body: "",
            trailers: ""
        )
        let claim = CommitClaim(commit)
        guard !claim.isNamed else { return claim }
        commit.trailers = try await ask(
            ["interpret-trailers", "--parse", "--no-divider"],
            input: Array((message + "\n").utf8)
        ).text
        return CommitClaim(commit)
    }

    private func compare(
        _ claim: CommitClaim,
        _ staged: Staged,
        _ standing: CommitStanding,
        _ answer: inout HookAnswer
    ) async throws(HiveError) {
        let judge = judge(staged.rules, on: "HEAD")
        guard let phase = claim.phase, !judge.rules.counting(staged.changes).isEmpty else { return }
        guard standing.reached.contains(phase) || standing.phase == phase else {
            answer.findings.append(
                HookFinding(
                    claim.source,
                    "says \(phase.letter), and the work is at \(standing.phase?.letter ?? "none")",
                    rule: "commit-msg"
                )
            )
            answer.steps += [standing.way(to: phase, rules: staged.rules, agent: agent)]
                .compactMap(\.self)
            return
        }
        answer.findings += try await judge.findings(on: staged.changes, in: phase) {
            () throws(HiveError) in try await indexTree()
        }
        if answer.isRefused, let right = judge.rules.phases(taking: staged.changes).first {
            answer.steps.append("what is staged is of \(CommitRules.named(right))")
        }
    }

    /// Says in the message where the commit comes from.
    private func addTrailers(
        to path: String,
        _ phase: Phase?,
        _ standing: CommitStanding
    ) async throws(HiveError) {
        try endLine(of: path)
        // One of another tree, from before an amend, goes where there is none of this one.
        var trailers = [("Hive-Trace", standing.trace), ("Hive-Receipt", "")]
        if let phase { trailers.insert(("Hive-Phase", phase.letter), at: 0) }
        if let tree = try await indexTree() {
            if let receipt = try await receipt(of: tree, phase) {
                trailers.append(("Hive-Receipt", receipt))
            }
            try? FreshFile.replace(passedPath, Array(tree.utf8))
        }
        if settings.hasBoard, let chain = try call(Method.state, [:])["chain"]?.stringValue {
            trailers.append(("Hive-Chain", chain))
        }
        let words = trailers.flatMap { ["--trailer", "\($0.0): \($0.1)"] }
        _ = try await ask(
            [
                "interpret-trailers", "--in-place", "--no-divider", "--trim-empty", "--if-exists",
                "replace",
            ] + words
                + [path]
        )
    }

    /// git writes messages of merges without a line break at their end, and would then take a
    /// trailer for a part of the first line.
    private func endLine(of path: String) throws(HiveError) {
        guard case .bytes(let bytes) = BoundedFile.read(path, bytesMax: Self.messageBytesMax),
            let last = bytes.last, last != UInt8(ascii: "\n")
        else { return }
        try FreshFile.append("\n", to: path)
    }

    /// Says which tree has passed both hooks of a commit, so that the change of its branch need not
    /// be judged again.
    private var passedPath: String { "\(place.gitFolder)/hive-passed" }

    /// True, once, for the tree that passed last.
    func takePassed(_ tree: String) -> Bool {
        guard case .bytes(let bytes) = BoundedFile.read(passedPath, bytesMax: tree.utf8.count)
        else { return false }
        unlink(passedPath)
        return bytes == Array(tree.utf8)
    }

    /// The newest proven receipt of a tree, by its note; nil: there is none.
    func receipt(of tree: String, _ phase: Phase?) async throws(HiveError) -> String? {
        let note = try await ask(
            ["notes", "--ref", GitRepository.receiptsRef, "show", tree],
            accepting: [0, 1, 128]
        )
        guard note.code == 0 else { return nil }
        return Verifier.receipts(in: note.bytes).last { signed in
            signed.isSound && signed.receipt.isProven && signed.receipt.tree == tree
                && (phase == nil || signed.receipt.kind.phase == phase)
        }?.id
    }

    // MARK: post-commit

    func postCommit() async throws(HiveError) -> HookAnswer {
        var answer = HookAnswer()
        guard !place.isInRebase, settings.hasBoard else { return answer }
        let fields = ["%H", "%T", "%an", "%s", "%(trailers)"]
        let log = try await ask([
            "log", "-1", "-z", "--no-notes", "--encoding=UTF-8",
            "--format=\(fields.joined(separator: "%x00"))", "HEAD",
        ])
        let values = log.bytes.split(separator: 0, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard values.count >= fields.count else { return answer }
        let commit = CommitInfo(
            id: values[0],
            tree: values[1],
            parents: [],
            author: values[2],
            authorEmail: "",
            time: 0,
            subject: values[3],
            body: "",
            trailers: values[4]
        )
        let standing = try standing()
        guard let phase = CommitClaim(commit).phase ?? standing.phase else { return answer }
        let rules = try await rules(at: "HEAD") ?? Rules()
        answer.signal = CommitSignal(
            phase: phase.letter,
            port: Int64(rules.port(for: phase, preferring: standing.port)),
            message: "commit \(commit.id.prefix(12)): "
                + PlainText.cut(PlainText.oneLine(commit.subject), toBytes: PlainText.lineBytesMax),
            trace: standing.trace,
            agent: agent ?? PlainText.oneLine(commit.author),
            receipt: try await receipt(of: commit.tree, phase)
        )
        return answer
    }
}

extension Rules {
    /// The port that speaks for a phase: the preferred one where it owns it, else the first owner.
    fileprivate func port(for phase: Phase, preferring port: Int64?) -> Int {
        let owners = phaseOfPort.indices.filter { phaseOfPort[$0] == phase }
        return owners.first { port == Int64($0) } ?? owners.first ?? 0
    }
}

extension HookAnswer {
    /// As `observe` has it: what would be refused is told.
    func asNotes() -> HookAnswer {
        var answer = self
        answer.notes += findings.map { "\($0.subject): \($0.reason) (\($0.rule))" }
        answer.findings = []
        answer.steps = []
        return answer
    }
}
