internal import HiveControl
internal import HiveSignal
internal import Synchronization

// The tools that wait for others' work: models, and the project's tests.

extension ToolUse {
    func witness(_ arguments: ToolArguments) async throws(ToolFailure) -> ToolResult {
        let phase = try arguments.phase("phase")
        guard phase != .hunt, phase != .handoff else {
            throw ToolFailure("`phase` is not I, V or E", hint: "Leave it out to have it guessed.")
        }
        let order = WitnessOrder(
            phase: phase,
            isOfWorkingTree: try arguments.flag("working") ?? false,
            traceparent: trace.text
        )
        let receipt: JSONValue
        do throws(ControlError) {
            receipt = try await features.access.witness(order) { [context] in context.progress($0) }
        } catch {
            throw ToolFailure(error)
        }
        var structured: JSONObject = [:]
        for key in ["proven", "phase", "kind", "id", "violations", "notes", "tree", "signal"] {
            structured[key] = receipt[key]
        }
        if structured["violations"] == nil { structured["violations"] = [] }
        let isProven = receipt["proven"] == true
        let kind = receipt["kind"]?.stringValue ?? receipt["phase"]?.stringValue ?? "?"
        let why = (receipt.texts("violations") + receipt.texts("notes")).joined(separator: "; ")
        return ToolResult(
            structured: structured,
            text: isProven ? "Proven: \(kind)." : "Not proven: \(kind). \(why)",
            isError: !isProven
        )
    }

    func scatter(_ arguments: ToolArguments) async throws(ToolFailure) -> ToolResult {
        var params: JSONObject = [:]
        params["tasks"] = try arguments.list("tasks").map { .array($0) }
        params["prompt"] = try arguments.text("prompt").map { .string($0) }
        params["count"] = try arguments.whole("count").map { .integer($0) }
        params["backend"] = try arguments.text("backend").map { .string($0) }
        params["model"] = try arguments.text("model").map { .string($0) }
        params["concurrency"] = try arguments.whole("concurrency").map { .integer($0) }
        params["timeoutMs"] = try arguments.whole("timeout").map { .integer($0) }
        guard (params["tasks"] == nil) != (params["prompt"] == nil) else {
            throw ToolFailure("give `tasks` or `prompt`", hint: "One of the two.")
        }
        return try await gather(Method.scatter, params, aggregation: nil)
    }

    func gather(_ arguments: ToolArguments) async throws(ToolFailure) -> ToolResult {
        let scatter = try arguments.text("scatterId").map { [$0] } ?? []
        let identifiers = try scatter + (arguments.texts("taskIds") ?? [])
        guard !identifiers.isEmpty else {
            throw ToolFailure("give `scatterId` or `taskIds`", hint: "hive_scatter returns them.")
        }
        let aggregation = try arguments.text("aggregation")
        guard aggregation.map({ ["concat", "vote", "best"].contains($0) }) ?? true else {
            throw ToolFailure("`aggregation` is none", hint: "concat, vote or best.")
        }
        var params: JSONObject = ["ids": .texts(identifiers)]
        params["timeoutMs"] = try arguments.whole("timeout").map { .integer($0) }
        return try await gather(Method.gather, params, aggregation: aggregation)
    }

    func ask(_ arguments: ToolArguments) async throws(ToolFailure) -> ToolResult {
        guard let question = try arguments.text("question") else {
            throw ToolFailure("give `question`", hint: "What the swarm is asked.")
        }
        var params: JSONObject = ["mission": .string(question)]
        params["swarm"] = try arguments.whole("swarm").map { .integer($0) }
        params["disruptors"] = try arguments.whole("disruptors").map { .integer($0) }
        params["models"] = try arguments.texts("models").map { .texts($0) }
        params["timeoutMs"] = try arguments.whole("timeout").map { .integer($0) }
        let artifact = try await swarm(Method.ask, .object(params)) { [context] method, told in
            guard method == Method.askTally, let ended = told["ended"]?.integerValue,
                let steps = told["steps"]?.integerValue
            else { return }
            let yielded = told["yielded"]?.integerValue ?? 0
            let voters = told["voters"]?.integerValue ?? 0
            context.progress(Double(ended), of: Double(steps), "\(yielded) of \(voters) voted")
        }
        let confidence = artifact["confidence"]?.doubleValue ?? 0
        return ToolResult(
            structured: artifact.objectValue ?? [:],
            text: artifact["answer"]?.stringValue.map { "\($0) (confidence \(confidence))" }
                ?? Self.noAnswer(artifact)
        )
    }

    /// Why an ask has no answer: they disagree, or none of them said anything.
    private static func noAnswer(_ artifact: JSONValue) -> String {
        let evidence = artifact["evidence"] ?? .null
        guard evidence["groups"]?.arrayValue?.isEmpty == true else {
            return "No quorum: the agents do not agree."
        }
        let errors = (evidence["votes"]?.arrayValue ?? []).compactMap { $0["error"]?.stringValue }
        guard let first = errors.first else { return "No quorum: no agent said anything." }
        return "No agent answered: \(first.onOneLine.cut(toBytes: reasonBytesMax))."
    }

    private static let reasonBytesMax = 256

    // MARK: Answers

    /// The results of the scatters gathered, as they come in.
    private final class Results: Sendable {
        let list = Mutex<[JSONValue]>([])
    }

    private func gather(
        _ method: String,
        _ params: JSONObject,
        aggregation: String?
    ) async throws(ToolFailure) -> ToolResult {
        let results = Results()
        let answer = try await swarm(method, .object(params)) { [context] method, told in
            switch method {
            case Method.scatter:
                let count = told["dispatched"]?.integerValue ?? 0
                let identifier = told["scatterId"]?.stringValue ?? "?"
                context.progress(0, of: Double(count), "\(identifier): \(count) asked")
            case Method.result: results.list.withLock { $0.append(told["result"] ?? .null) }
            case Method.progress: Self.tell(told, context)
            default: break
            }
        }
        let scatters = answer["scatters"]?.arrayValue ?? []
        let list = results.list.withLock { $0 }
        var structured = Self.summary(scatters)
        structured["taskIds"] = .array(list.compactMap { $0["taskId"] })
        structured["results"] = .array(list)
        if let aggregation {
            do throws(ControlError) {
                structured["aggregation"] =
                    try await features.access.aggregate(aggregation, list)
            } catch {
                throw ToolFailure(error)
            }
        }
        let completed = list.count { $0["status"] == "completed" }
        return ToolResult(
            structured: structured,
            text: "\(completed) of \(list.count) answered.",
            isError: list.contains { $0["status"] == "failed" || $0["status"] == "cancelled" }
        )
    }

    /// The scatter itself; of several their ids, and whether all are whole.
    private static func summary(_ scatters: [JSONValue]) -> JSONObject {
        guard scatters.count != 1 else { return scatters[0].objectValue ?? [:] }
        let names = scatters.compactMap { $0["scatterId"]?.stringValue }
        return [
            "scatterId": .string(names.joined(separator: " ")),
            "allComplete": .bool(scatters.allSatisfy { $0["allComplete"] == true }),
            "scatters": .array(scatters),
        ]
    }

    private static func tell(_ told: JSONValue, _ context: MCPContext) {
        let done = ["completed", "failed", "cancelled"].reduce(Int64(0)) { sum, key in
            sum &+ (told[key]?.integerValue ?? 0)
        }
        let tasks = told["tasks"]?.integerValue ?? 0
        context.progress(Double(done), of: Double(tasks), "\(done) of \(tasks) answered")
    }

    private func swarm(
        _ method: String,
        _ params: JSONValue,
        _ notify: @escaping BoardAccess.Notify
    ) async throws(ToolFailure) -> JSONValue {
        do throws(ControlError) {
            return try await features.access.swarm(method, params, notify)
        } catch {
            throw ToolFailure(error)
        }
    }
}
