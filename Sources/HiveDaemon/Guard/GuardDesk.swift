import Glibc
import HiveControl
import HiveKernel
import HiveProcess
package import HiveSignal

// Answering a coding agent's hook
//
// payload → call → effects → actions → refusals → answer. What the agent may do is told by the
// board (`standing`), through the daemon where one runs. The guard itself keeps nothing: the
// agent's name and trace are made from its session. It is advice that comes before the deed; what
// lands is judged by git's hooks, by CI and by `hive verify` (specs/threat-model.md).

/// Answers the hooks of coding agents.
package struct GuardDesk: Sendable {
    /// What becomes of a call that cannot be judged.
    package enum OnFailure: String, Sendable, Hashable, CaseIterable {
        case open, closed
    }

    /// How a call is read, and what it is judged by.
    package struct Options: Sendable {
        /// Nil: told by the payload.
        package var agent: CodingAgent?
        /// Nil: the payload names its event.
        package var event: String?
        package var onFailure = OnFailure.open
        package var environment: [String: String] = [:]
        package var workingFolder = "/"

        package init() {}
    }

    /// Asks a method of the board that these settings name.
    package typealias Board =
        @Sendable (Settings, String, JSONValue) throws(HiveError) -> JSONValue

    private let options: Options
    private let board: Board

    package init(_ options: Options, board: @escaping Board) {
        self.options = options
        self.board = board
    }

    /// The variables that the guard looks at.
    package static func processEnvironment() -> [String: String] {
        var environment = Settings.processEnvironment()
        let names = [
            "HOME", "XDG_CONFIG_HOME", "HIVE_AGENT", "TRACEPARENT", "CLAUDE_PROJECT_DIR",
            "GEMINI_PROJECT_DIR", "CURSOR_PROJECT_DIR", "CLAUDE_ENV_FILE",
        ]
        for name in names {
            guard let value = getenv(name), value[0] != 0 else { continue }
            environment[name] = String(cString: value)
        }
        return environment
    }

    /// Answers one payload; never fails, as a hook has to say something.
    package func answer(_ payload: [UInt8]) async -> GuardAnswer {
        let call: GuardCall
        do throws(HiveError) {
            call = try parse(payload)
        } catch {
            return failure(error, nil)
        }
        do throws(HiveError) {
            let verdict = try await verdict(on: call)
            return GuardAnswer(verdict, for: call.agent, event: call.eventName)
        } catch {
            return failure(error, call)
        }
    }

    /// Answers where the payload could not even be read.
    package func answer(to error: HiveError) -> GuardAnswer { failure(error, nil) }

    private func parse(_ payload: [UInt8]) throws(HiveError) -> GuardCall {
        let value: JSONValue
        do throws(JSONError) {
            value = try PayloadText.value(of: payload)
        } catch {
            throw .usage(
                "the payload on standard input is \(error)",
                hint: "hive guard check is called by a coding agent's hook: hive guard install"
            )
        }
        return try GuardCall(value, agent: options.agent, event: options.event)
    }

    // MARK: Verdicts

    private func verdict(on call: GuardCall) async throws(HiveError) -> GuardVerdict {
        guard call.event != .other,
            let place = try GuardPlace.find(
                call,
                environment: options.environment,
                workingFolder: options.workingFolder
            )
        else { return .allowed }
        var caller = GuardCaller(call, environment: options.environment)
        let answer = try standing(of: &caller, call.event, place)
        let standing = try GuardStanding(answer)
        guard let text = answer["rules"]?.stringValue else {
            throw .machine(
                "the daemon does not tell its rules",
                hint: "it is another version: hive down, then hive up --detach"
            )
        }
        let rules = try RuleBook.parse(text: text, file: "the rules in force")
        let words = GuardWords(rules: rules, standing: standing, caller: caller)
        switch call.event {
        case .other: return .allowed
        case .tool(let name, let input):
            let judge = GuardJudge(place: place, rules: rules, standing: standing)
            let effects = ToolEffects.of(
                name,
                input,
                rules.actions.kind(ofTool: name),
                in: place.folder,
                ShellEffects.Surroundings(home: place.home, test: rules.test.words)
            )
            let refusals = await judge.refusals(of: name, effects)
            guard !refusals.isEmpty else { return .allowed }
            let reason = words.refusal(refusals)
            return standing.mode == .observe
                ? .noted("hive only observes here; it would have said: \(reason)") : .denied(reason)
        case .sessionStart:
            let log = try board(
                place.settings,
                Method.logRead,
                ["last": .integer(GuardBrief.linesMax)]
            )
            let variables = variables(of: caller)
            try writeVariables(variables)
            let brief = GuardBrief(
                words: words,
                answer: answer,
                log: log,
                underWay: try underWay(caller, answer, place).map { shared throws(HiveError) in
                    try GuardStanding(shared)
                },
                warnings: place.settings.warnings
            )
            return .brief(brief.text, variables: variables)
        case .stop(let isRepeated):
            guard !isRepeated, standing.evidence != .off else { return .allowed }
            let check = StopCheck(place: place, rules: rules, call: call)
            guard let reason = try await check.reason(words) else { return .allowed }
            return standing.mode == .observe ? .noted(reason) : .unfinished(reason)
        }
    }

    /// Where the caller stands: in its own trace, once it has spoken there.
    ///
    /// Before that a tool is judged by where its agent last spoke, else by where the board is: who
    /// joins work that is under way need not begin it anew, and a cycle that came to its E is
    /// nothing to join. The next step is one of that trace.
    private func standing(
        of caller: inout GuardCaller,
        _ event: GuardCall.Event,
        _ place: GuardPlace
    ) throws(HiveError) -> JSONValue {
        var question = question(of: caller)
        if let trace = caller.trace { question["trace"] = .string(trace) }
        let own = try board(place.settings, Method.standing, .object(question))
        guard case .tool = event, let shared = try underWay(caller, own, place),
            let trace = shared["traceId"]?.stringValue
        else { return own }
        caller.join(trace)
        return shared
    }

    private func question(of caller: GuardCaller) -> JSONObject {
        ["agent": .string(caller.name), "rules": true]
    }

    /// The work that a caller may join who has not spoken in its own trace; nil: there is none.
    private func underWay(
        _ caller: GuardCaller,
        _ own: JSONValue,
        _ place: GuardPlace
    ) throws(HiveError) -> JSONValue? {
        guard caller.trace != nil, own["phase"] == .null else { return nil }
        let question = JSONValue.object(question(of: caller))
        let shared = try board(place.settings, Method.standing, question)
        guard Standing.isUnderWay(shared) else { return nil }
        return shared
    }

    private func variables(of caller: GuardCaller) -> [String: String] {
        var variables = ["HIVE_AGENT": caller.name]
        variables["TRACEPARENT"] = caller.trace
        return variables
    }

    /// Claude Code sets what this file exports for each command of the session.
    private func writeVariables(_ variables: [String: String]) throws(HiveError) {
        guard let path = options.environment["CLAUDE_ENV_FILE"], path.hasPrefix("/") else { return }
        let text = variables.sorted { $0.key < $1.key }
            .map { "export \($0.key)=\(ShellWord.quoted($0.value))\n" }.joined()
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw .machine(
                "cannot write \(path): \(BoundedFile.reason(errno))",
                hint: "CLAUDE_ENV_FILE names it"
            )
        }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        // One short write to a file of the session's own; torn, it would only lack a variable.
        guard write(descriptor, bytes, bytes.count) == bytes.count else {
            throw .machine("cannot write \(path)", hint: "is the disk full?")
        }
    }

    // MARK: Failures

    /// A call that cannot be judged: let through and told, or refused.
    ///
    /// The end of a turn and the start of a session are never refused for it: an agent that cannot
    /// stop helps nobody.
    private func failure(_ error: HiveError, _ call: GuardCall?) -> GuardAnswer {
        let hint = error.hint.isEmpty ? "" : "; \(error.hint)"
        let what = "hive guard: \(PlainText.oneLine(error.message))\(hint)"
        let isTool =
            switch call?.event {
            case .tool, nil: true
            default: false
            }
        guard options.onFailure == .closed, isTool else {
            let agent = call?.agent ?? options.agent ?? .claude
            var answer = GuardAnswer(.allowed, for: agent, event: "")
            answer.errors = what + " (let through: --on-failure open)"
            return answer
        }
        let reason = what + "\nNothing is let through until it is mended (--on-failure closed)."
        guard let agent = call?.agent ?? options.agent else { return GuardAnswer(refusing: reason) }
        var answer = GuardAnswer(.denied(reason), for: agent, event: call?.eventName ?? "")
        answer.errors = what
        return answer
    }
}
