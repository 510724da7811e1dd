import HiveControl
import HiveKernel
import HiveProcess
package import HiveSignal
import HiveWitness

// What git's hooks answer
//
// Hooks in a work tree are for speed: they tell before a commit what would be refused later, and
// who wants to can get round each of them (specs/threat-model.md). They go by where the board says
// that the work stands. What is pushed is judged by the repository alone, as `hive verify` does,
// and by the rules of the branch it is pushed to: that is the boundary.
//
// No hook reads rules from the environment. Those of the commit that a change stands on hold.

/// What a hook answers.
package struct HookAnswer: Sendable {
    /// What is in the way; empty: nothing is.
    package var findings: [HookFinding] = []
    /// What is refused, and for whom: "the commit"; the answer's first words.
    package var subject = "the commit"
    /// What to do next, the first thing first.
    package var steps: [String] = []
    /// What is worth knowing, whatever the answer.
    package var notes: [String] = []
    /// A signal that the board should have; `post-commit`'s.
    package var signal: CommitSignal?

    /// True: git must not go on.
    package var isRefused: Bool { !findings.isEmpty }

    /// So many findings are told; a screen holds no more.
    private static let findingsMax = 15

    package init() {}

    /// Takes another answer in; what both say is said once.
    mutating func add(_ other: HookAnswer) {
        findings += other.findings.filter { !findings.contains($0) }
        steps += other.steps.filter { !steps.contains($0) }
        notes += other.notes.filter { !notes.contains($0) }
    }

    /// The first findings, and how many more there are.
    func bounded() -> HookAnswer {
        guard findings.count > Self.findingsMax else { return self }
        var answer = self
        answer.findings = Array(findings.prefix(Self.findingsMax))
        answer.notes.append("\(findings.count) findings; the first \(Self.findingsMax) are told")
        return answer
    }
}

/// What the board is told of a commit.
package struct CommitSignal: Sendable, Hashable {
    package var phase: String
    package var port: Int64
    package var message: String
    package var trace: String
    package var agent: String?
    /// The id of the receipt of the commit's tree.
    package var receipt: String?
}

/// Answers git's hooks in one repository.
package struct HookDesk: Sendable {
    /// Calls a control method: of the daemon, or of the same engine in this process.
    package typealias Call =
        @Sendable (_ method: String, _ params: JSONValue) throws(HiveError) -> JSONValue

    let place: HookPlace
    let settings: Settings
    let call: Call
    /// Who commits, where it is known: an agent's name, and its trace.
    let agent: String?
    let traceparent: String?
    /// False: git says that it opens no editor, for a message that was given with `-m` or before.
    let hasEditor: Bool

    /// - Parameters:
    ///   - place: where git runs the hook.
    ///   - settings: of the board; its rule book's path is not looked at.
    ///   - environment: `HIVE_AGENT` and `TRACEPARENT` say who commits, in which trace;
    ///     `GIT_EDITOR` is `:` where git opens none (githooks(5)).
    ///   - call: calls a control method.
    package init(
        place: HookPlace,
        settings: Settings,
        environment: [String: String],
        call: @escaping Call
    ) {
        self.place = place
        self.settings = settings
        self.call = call
        agent = environment["HIVE_AGENT"].flatMap { $0.isEmpty ? nil : $0 }
        traceparent = environment["TRACEPARENT"].flatMap { Traceparent($0) == nil ? nil : $0 }
        hasEditor = environment["GIT_EDITOR"] != ":"
    }

    /// Answers a hook.
    ///
    /// - Parameters:
    ///   - hook: which one.
    ///   - arguments: as git gives them.
    ///   - input: what git tells it on standard input.
    /// - Returns: the answer.
    /// - Throws: exit code 2 for arguments that git never gives, 3 where the machine fails.
    package func run(
        _ hook: HookName,
        arguments: [String],
        input: [UInt8]
    ) async throws(HiveError) -> HookAnswer {
        switch hook {
        case .preCommit: return try await preCommit()
        case .commitMessage:
            guard let file = arguments.first else {
                throw .usage("commit-msg: no file named", hint: "git names the message's file")
            }
            return try await commitMessage(file)
        case .postCommit: return try await postCommit()
        case .prePush: return try await prePush(remote: arguments, RefUpdate.pushed(input))
        case .referenceTransaction:
            guard arguments.first == "prepared" else { return HookAnswer() }
            return try await referenceTransaction(RefUpdate.list(input))
        case .preReceive: return try await preReceive(RefUpdate.list(input))
        }
    }

    // MARK: What all of them ask

    /// The rule book of a commit; nil where it has none.
    func rules(at commit: String) async throws(HiveError) -> Rules? {
        let output = try await ask(
            ["cat-file", "blob", "\(commit):\(Verifier.rulesPath)"],
            accepting: [0, 128]
        )
        guard output.code == 0 else { return nil }
        let text = String(decoding: output.bytes, as: UTF8.self)
        // A broken one must not keep its own mend out: the built-in rules hold until then.
        return (try? RuleBook.parse(text: text, file: Verifier.rulesPath)) ?? Rules()
    }

    /// What differs between the index, or a commit, and the commit before.
    func changes(_ words: [String]) async throws(HiveError) -> [CommitChange]? {
        let output = try await ask(words, accepting: [0, 128])
        return output.code == 0 ? try CommitChange.list(output.fields) : nil
    }

    func ask(
        _ words: [String],
        input: [UInt8] = [],
        accepting: Set<Int32> = [0]
    ) async throws(HiveError) -> Git.Output {
        do {
            return try await place.git.run(words, input: input, accepting: accepting)
        } catch {
            throw .machine(error.message, hint: error.hint)
        }
    }

    /// Where who commits stands on the board.
    func standing() throws(HiveError) -> CommitStanding {
        var params: JSONObject = [:]
        if let agent { params["agent"] = .string(agent) }
        if let traceparent { params["trace"] = .string(traceparent) }
        var answer = try call(Method.standing, .object(params))
        if traceparent != nil, answer["phase"] == .null {
            // Nobody has spoken in that trace: as the guard, by where its agent or the board is.
            params["trace"] = nil
            let shared = try call(Method.standing, .object(params))
            if Standing.isUnderWay(shared) { answer = shared }
        }
        return CommitStanding(answer, hasBoard: settings.hasBoard)
    }

    func verifyDesk() async throws(HiveError) -> VerifyDesk {
        try await VerifyDesk.open(place, settings)
    }

    /// Judges changes that stand on a commit.
    ///
    /// `receipts` is a commit of notes that is about to come in; nil: those that are there.
    func judge(_ rules: Rules, on base: String, _ receipts: String? = nil) -> CommitJudge {
        CommitJudge(rules: CommitRules(rules)) { () throws(HiveError) in
            var desk = try await verifyDesk()
            desk.receiptsCommit = receipts
            return try await desk.reds(at: base)
        }
    }

    /// A rule book that cannot be read: nobody could commit by it.
    func brokenRules(_ changes: [CommitChange]) async throws(HiveError) -> [HookFinding] {
        let path = Array(Verifier.rulesPath.utf8)
        guard let change = changes.first(where: { $0.path == path && $0.kind != .deleted }) else {
            return []
        }
        let output = try await ask(["cat-file", "blob", change.file.blob], accepting: [0, 128])
        guard output.code == 0 else { return [] }
        do throws(HiveError) {
            let text = String(decoding: output.bytes, as: UTF8.self)
            _ = try RuleBook.parse(text: text, file: Verifier.rulesPath)
            return []
        } catch {
            return [HookFinding(change.name, error.message, rule: "rule book")]
        }
    }

    /// What to say of a rule book that would be committed without its owner's word on it.
    ///
    /// No receipt counts under such rules. Nil where there is nothing to say.
    func unapprovedRules(_ changes: [CommitChange]) async throws(HiveError) -> String? {
        let path = Array(Verifier.rulesPath.utf8)
        guard let change = changes.first(where: { $0.path == path && $0.kind != .deleted }),
            let owner = try await owner()
        else { return nil }
        let book = try await ask(["cat-file", "blob", change.file.blob], accepting: [0, 128])
        let word = try await ask(["cat-file", "blob", ":\(Approval.path)"], accepting: [0, 128])
        let approval = word.code == 0 ? Approval(file: word.bytes, owner: owner) : nil
        guard book.code == 0, approval?.rules != TreeDigest.sha256(book.bytes) else { return nil }
        return "\(Verifier.rulesPath) is not approved as it is staged, and no receipt counts under "
            + "it: hive override approve-rules && git add specs"
    }

    /// Whose approval counts: the pin on this machine, else the key that the last commit has.
    private func owner() async throws(HiveError) -> OwnerKey? {
        if let pin = try Engine.pinnedKey(settings)() { return pin }
        let key = try await ask(
            ["cat-file", "blob", "HEAD:\(Verifier.ownerPath)"],
            accepting: [0, 128]
        )
        guard key.code == 0, key.bytes.count <= OwnerKey.textBytesMax else { return nil }
        return OwnerKey(text: String(decoding: key.bytes, as: UTF8.self))
    }

    /// A commit that takes `hive guard` out of an agent's settings.
    func withoutGuard(_ changes: [CommitChange], _ rules: CommitRules) async throws(HiveError)
        -> [HookFinding]
    {
        var findings: [HookFinding] = []
        for change in rules.guarded(changes) {
            let before = try await hasGuard(change.before)
            let isGone = change.kind == .deleted || rules.leavesGuarded(change)
            guard before, isGone ? true : !(try await hasGuard(change.file.blob)) else { continue }
            findings.append(
                HookFinding(change.name, "takes hive's guard out", rule: "paths.guarded")
            )
        }
        return findings
    }

    static let guardStep =
        "leave it in; its owner may take the file off paths.guarded (hive override approve-rules)"

    private func hasGuard(_ blob: String?) async throws(HiveError) -> Bool {
        guard let blob else { return false }
        let output = try await ask(["cat-file", "blob", blob], accepting: [0, 128])
        return output.bytes.firstRange(of: Array("guard check".utf8)) != nil
    }
}

/// Where who commits stands: `standing`'s answer, as the hooks need it.
struct CommitStanding: Sendable {
    let phase: Phase?
    let trace: String
    let port: Int64?
    let reached: [Phase]
    /// Violations that stand: id, and what it is.
    let unresolved: [(id: String, violation: String)]
    let next: [(phase: Phase, ports: [Int64])]
    let observes: Bool
    private let hasBoard: Bool

    init(_ answer: JSONValue, hasBoard: Bool) {
        self.hasBoard = hasBoard
        func phases(_ key: String) -> [Phase] {
            (answer[key]?.arrayValue ?? []).compactMap {
                $0.stringValue.flatMap(Phase.init(letter:))
            }
        }
        phase = answer["phase"]?.stringValue.flatMap(Phase.init(letter:))
        trace = answer["traceId"]?.stringValue ?? ""
        port = answer["port"]?.integerValue
        reached = phases("reached")
        unresolved = (answer["unresolved"]?.arrayValue ?? []).map {
            ($0["id"]?.stringValue ?? "", $0["violation"]?.stringValue ?? "")
        }
        next = (answer["nextAllowed"]?.arrayValue ?? []).compactMap { move in
            guard let phase = move["phase"]?.stringValue.flatMap(Phase.init(letter:)) else {
                return nil
            }
            return (phase, (move["ports"]?.arrayValue ?? []).compactMap(\.integerValue))
        }
        observes = answer["mode"] == "observe"
    }

    /// What to do so that the work is at a phase.
    func way(to phase: Phase, rules: Rules, agent: String?) -> String? {
        if let saying = saying(phase, rules: rules, agent: agent) { return saying }
        let first = next.map(\.phase).first { !reached.contains($0) }
        return first.flatMap { saying($0, rules: rules, agent: agent) }
            .map { "\(phase.letter) is not next; first: \($0)" }
    }

    /// The command that says a phase on the board; nil where it may not be said yet.
    private func saying(_ phase: Phase, rules: Rules, agent: String?) -> String? {
        guard let move = next.first(where: { $0.phase == phase }) else { return nil }
        let owner = move.ports.first { port in
            rules.phaseOfPort.indices.contains(Int(port)) && rules.phaseOfPort[Int(port)] == phase
        }
        guard let port = owner ?? move.ports.first else { return nil }
        let who = agent.map { " --agent \(ShellWord.quoted($0))" } ?? ""
        let up = hasBoard ? "" : "hive up --detach && "
        return "\(up)hive emit --phase \(phase.letter) --port \(port)\(who) \"what you do\""
    }
}
