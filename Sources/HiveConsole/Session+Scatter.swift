import HiveControl
import HiveSignal

/// Asking models, and waiting for them: the daemon works, and goes on when nobody waits.
extension Session {
    /// How often the person is told how far it is.
    private static let tickMilliseconds = 250
    /// Scatters that can be under way, far more than anybody begins.
    private static let openMax: Int64 = 1_000

    func scatter(_ words: [String]) throws(CommandError) {
        let arguments = try Arguments(words, options: ["model", "backend"])
        guard let prompt = arguments.plain.first else {
            throw .usage("nothing to ask", hint: "scatter 'name three bees' 5")
        }
        try arguments.atMost(2)
        var params: JSONObject = ["prompt": .string(prompt)]
        if arguments.plain.count > 1 {
            params["count"] = .integer(
                try Arguments.count(arguments.plain[1], name: "how often to ask")
            )
        }
        for name in ["model", "backend"] { params[name] = arguments[name].map { .string($0) } }
        try requireDaemon()
        let started = try link.call(Method.scatter, .object(params))
        guard let identifier = started.text("scatterId") else { throw Self.noScatter }
        let count = Format.count(started.integer("dispatched") ?? 0)
        remark("\(identifier): \(count) asked of \(started.text("backend") ?? "?")")
        try awaitAnswers(identifier)
    }

    func gather(_ words: [String]) throws(CommandError) {
        let arguments = try Arguments(words)
        try arguments.atMost(1)
        guard let name = arguments.plain.first else {
            throw .usage("nothing to gather", hint: "gather ID; tasks lists scatters")
        }
        try requireDaemon()
        try awaitAnswers(name)
    }

    /// The last scatters; without a daemon none.
    func scatters(_ params: JSONValue) throws(CommandError) -> [JSONValue] {
        guard link.isAttached else { return [] }
        return try link.list(Method.scatters, params, "scatters")
    }

    private static let noScatter = CommandError(
        exitCode: 3,
        "the answer to `scatter` has no `scatterId`",
        hint: "is the daemon another version? see status"
    )

    private func requireDaemon() throws(CommandError) {
        guard !link.isAttached else { return }
        throw CommandError(
            exitCode: 3,
            "no daemon is running, so nobody would go on asking",
            hint: "start one: hive up --detach; or leave, and ask by hive scatter"
        )
    }

    /// Waits for a scatter, or a task of one, and shows what was answered.
    private func awaitAnswers(_ name: String) throws(CommandError) {
        // Where nobody can press Ctrl-C, one call waits for all of it.
        guard let waitForCancel else { return try showAnswers(of: name) }
        // A short wait first: it tells a name that is none, and a scatter that cannot go on.
        let first = try link.call(Method.gather, gathering(name, Self.tickMilliseconds))
        let identifier = first["scatters"]?.arrayValue?.first?.text("scatterId") ?? name
        var bar = ProgressBar(on: terminal)
        let open: JSONValue = ["open": true, "last": .integer(Self.openMax)]
        while true {
            let scatters = try link.list(Method.scatters, open, "scatters")
            guard let scatter = scatters.first(where: { $0.text("scatterId") == identifier })
            else { break }
            bar.draw(progress(scatter))
            guard !waitForCancel(Self.tickMilliseconds) else {
                bar.erase()
                return remark("it goes on; for the answers: gather \(name)")
            }
        }
        bar.erase()
        try showAnswers(of: name)
    }

    private func showAnswers(of name: String) throws(CommandError) {
        var results: [JSONValue] = []
        let answer = try link.call(Method.gather, gathering(name, nil)) { notification in
            guard notification.method == Method.result else { return }
            results.append(notification.params["result"] ?? .null)
        }
        show(results.flatMap { Rendering.scatterResult($0, on: terminal) })
        show(Rendering.scatters(answer["scatters"]?.arrayValue ?? []))
        if results.contains(where: { $0.text("status") != "completed" }) { refuse() }
    }

    private func gathering(_ name: String, _ milliseconds: Int?) -> JSONValue {
        var params: JSONObject = ["ids": [.string(name)]]
        params["timeoutMs"] = milliseconds.map { .integer(Int64($0)) }
        return .object(params)
    }

    /// A report as `ProgressBar` takes it.
    private func progress(_ scatter: JSONValue) -> JSONValue {
        var progress = scatter.objectValue ?? [:]
        progress["tasks"] = scatter["dispatched"]
        progress["estimatedCost"] = scatter["cost"]?["estimatedCost"]
        let start = scatter["timing"]?.integer("startMs") ?? 0
        progress["elapsedMs"] = .integer(max(0, Timestamp.now().milliseconds - start))
        return .object(progress)
    }
}
