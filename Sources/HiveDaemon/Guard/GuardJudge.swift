import Glibc
import HiveKernel
import HiveProcess
import HiveSignal

// From effects to refusals
//
// Each effect becomes an action of the rule book (`edit.tests`), and the kernel says whether the
// agent's phase and port allow it. A folder stands for all that is in it, a pattern for what it
// matches: each part that is found is judged once.

/// Judges what a call would do by the rules and by where the agent stands.
struct GuardJudge: Sendable {
    let place: GuardPlace
    let rules: Rules
    let standing: GuardStanding

    /// Something that is refused.
    struct Refusal: Sendable, Hashable {
        var why: Why
        /// The file or the command.
        var what: String

        enum Why: Sendable, Hashable {
            case rule(ActionRules.Refusal, Action)
            /// A tool that a list names itself.
            case tool(String)
            case keys
            case personal(String)
        }
    }

    private var parts: RepositoryParts { RepositoryParts(rules) }

    /// As many refusals as one answer tells.
    private static let refusalsMax = 3
    /// As many files are looked at below a folder.
    private static let filesMax = 4_096

    /// What is refused of a call; the first are told.
    func refusals(of tool: String, _ effects: [ToolEffect]) async -> [Refusal] {
        var refusals: [Refusal] = []
        let parts = parts
        if let why = rules.actions.refusal(
            of: nil,
            tool: tool,
            in: standing.phase,
            rules: rules
        ), rules.actions.kind(ofTool: tool) == nil || why == .phase && effects.isEmpty {
            refusals.append(Refusal(why: .tool(tool), what: tool))
        }
        for effect in effects {
            for (action, what) in await actions(of: effect, parts) {
                if let refusal = refusal(of: action, tool, what), !refusals.contains(refusal) {
                    refusals.append(refusal)
                }
                if refusals.count >= Self.refusalsMax { return refusals }
            }
        }
        return refusals
    }

    /// What an effect comes to: an action, or a refusal that asks no rule.
    private enum Finding {
        case action(Action)
        case refused(Refusal.Why)
    }

    private func refusal(of finding: Finding, _ tool: String, _ what: String) -> Refusal? {
        switch finding {
        case .refused(let why): return Refusal(why: why, what: what)
        case .action(let action):
            let why = rules.actions.refusal(
                of: action,
                tool: tool,
                in: standing.phase,
                port: standing.port,
                rules: rules
            )
            return why.map { Refusal(why: .rule($0, action), what: what) }
        }
    }

    private func actions(
        of effect: ToolEffect,
        _ parts: RepositoryParts
    ) async -> [(Finding, String)] {
        switch effect {
        case .does(let action, let what): return [(.action(action), what)]
        case .personal(let what, let why): return [(.refused(.personal(why)), what)]
        case .name(let target):
            return mayBeKeys(target) ? [(.refused(.keys), target.path)] : []
        case .readAll(let target, let skipsHidden):
            let reads = mayBeKeys(target) || readsKeys(below: target, skipsHidden)
            return reads ? [(.refused(.keys), target.path)] : []
        case .touch(let target):
            if mayBeKeys(target) { return [(.refused(.keys), target.path)] }
            let goals = place.places(of: target.path, isRemoved: false)
            return goals.contains { isGuarded($0, parts) }
                ? [(.action(.edit(.guarded)), shown(target.path))] : []
        case .write(let target): return changes(target, parts, isRemoved: false)
        case .append(let target):
            let goals = place.places(of: target.path, isRemoved: false)
            if !target.isPattern, goals.contains(where: { place.standing(of: $0) == .board }) {
                return []
            }
            return changes(target, parts, isRemoved: false)
        case .delete(let target): return changes(target, parts, isRemoved: true)
        case .script(let target):
            let isKnown = await isCommitted(target)
            return [(.action(.run(isKnown ? .other : .inline)), target.path)]
        }
    }

    // MARK: Keys, and what is named only

    private func mayBeKeys(_ target: PathTarget) -> Bool {
        if target.isPattern { return place.keys?.mayBe(target.path) ?? false }
        return place.places(of: target.path, isRemoved: false).contains {
            place.standing(of: $0) == .keys
        }
    }

    private func readsKeys(below target: PathTarget, _ skipsHidden: Bool) -> Bool {
        guard let keys = place.keys else { return false }
        if target.isPattern { return keys.mayBeBelow(target.path, skipsHidden: skipsHidden) }
        return place.places(of: target.path, isRemoved: false).contains {
            keys.isBelow($0, skipsHidden: skipsHidden)
        }
    }

    private func isGuarded(_ path: String, _ parts: RepositoryParts) -> Bool {
        switch place.standing(of: path) {
        case .guarded, .board: true
        case .inside(let name): parts.part(of: Array(name.utf8)) == .guarded
        case .outside, .keys: false
        }
    }

    // MARK: Files

    private func changes(
        _ target: PathTarget,
        _ parts: RepositoryParts,
        isRemoved: Bool
    ) -> [(Finding, String)] {
        var found: [(Finding, String)] = []
        var seen: Set<Action> = []
        func add(_ path: String, _ standing: GuardPlace.Standing) {
            let finding: Finding
            switch standing {
            case .outside: return
            case .keys: finding = .refused(.keys)
            case .guarded, .board: finding = .action(change(.guarded, path, isRemoved))
            case .inside(let name):
                let part = parts.part(of: Array(name.utf8))
                finding = .action(change(part, path, isRemoved))
            }
            if case .action(let action) = finding, !seen.insert(action).inserted { return }
            found.append((finding, shown(path)))
        }
        let goals =
            target.isPattern
            ? matches(of: target.path) : place.places(of: target.path, isRemoved: isRemoved)
        for goal in goals {
            let standing = place.standing(of: goal)
            // A folder is no file of its own: what is in it counts.
            guard PlaceKind.of(goal) == .folder else {
                add(goal, standing)
                continue
            }
            if place.holdsGuarded(goal) { add(goal, .guarded) }
            forEachFile(in: goal) { add($0, place.standing(of: $0)) }
            if let literal = guardedLiteral(in: goal) { add(literal, place.standing(of: literal)) }
        }
        return found
    }

    private func change(_ part: RepositoryPart, _ path: String, _ isRemoved: Bool) -> Action {
        if isRemoved { return .delete(part) }
        return FileProbe.exists(path) ? .edit(part) : .create(part)
    }

    /// A guarded file of the rule book that lies in a folder, however many others do.
    private func guardedLiteral(in folder: String) -> String? {
        rules.paths.guarded.lazy
            .map { pattern in
                "\(place.root)/" + pattern.drop { $0 == "/" }.prefix { !"*?[".contains($0) }
            }
            .first { path in
                path.hasPrefix(folder == "/" ? "/" : folder + "/") && FileProbe.exists(path)
            }
    }

    /// The files below a folder, those first that are higher up, as far as `filesMax` goes.
    private func forEachFile(in folder: String, _ body: (String) -> Void) {
        var open = [folder]
        var left = Self.filesMax
        var next = 0
        while next < open.count, left > 0 {
            let folder = open[next]
            next += 1
            for name in ProjectFolder.names(of: folder).sorted() {
                let path = "\(folder)/\(name)"
                left -= 1
                guard left > 0 else { return }
                PlaceKind.of(path) == .folder ? open.append(path) : body(path)
            }
        }
    }

    /// What a pattern stands for, told by the folder above its first sign.
    private func matches(of pattern: String) -> [String] {
        let fixed = pattern.prefix { !"*?[".contains($0) }
        let base = Paths.resolved(Paths.folder(of: String(fixed) + "x"))
        guard let rest = pattern.dropFirst(fixed.count) as Substring?,
            let start = fixed.lastIndex(of: "/")
        else { return [] }
        let inside = String(fixed[fixed.index(after: start)...]) + rest
        // A leading slash makes the glob begin at the folder.
        let glob = PathGlob("/" + inside)
        let above = PathGlob("/" + inside + (inside.hasSuffix("/") ? "" : "/**"))
        var found: [String] = []
        forEachFile(in: base) { path in
            let name = Array(path.utf8.dropFirst(base.utf8.count + 1))
            if glob.matches(name) || above.matches(name) { found.append(path) }
        }
        // A name that is not there yet is written as it stands.
        return found.isEmpty ? place.places(of: pattern, isRemoved: true) : found
    }

    /// The path as somebody in the project would write it, fit for a message.
    private func shown(_ path: String) -> String { Paths.shown(path, from: place.root) }

    // MARK: Programs in files

    /// True where the program is outside of the project, or just as the last commit has it.
    private func isCommitted(_ target: PathTarget) async -> Bool {
        guard let path = place.places(of: target.path, isRemoved: false).last else { return false }
        guard case .inside(let name) = place.standing(of: path) else {
            return FileProbe.exists(path) && !isScratch(path)
        }
        var git = Git(folder: place.root)
        git.isInBackground = false
        git.limits.seconds = Self.gitSecondsMax
        do throws(WorkerError) {
            let top = try await git.run(["rev-parse", "--show-prefix"])
            let known = try await git.run(
                [
                    "rev-parse", "--verify", "--quiet", "--end-of-options",
                    "HEAD:\(top.text)\(name)",
                ],
                accepting: [0, 1, 128]
            )
            guard known.code == 0 else { return false }
            let now = try await git.run(["hash-object", "--no-filters", "--", path])
            return now.text == known.text
        } catch {
            return false
        }
    }

    private static let gitSecondsMax = 3.0

    /// Where anybody, the agent too, puts a file for a moment.
    private func isScratch(_ path: String) -> Bool {
        let home = place.home.map { [$0 + "/"] } ?? []
        return (["/tmp/", "/var/tmp/", "/dev/shm/"] + home).contains { path.hasPrefix($0) }
    }
}
