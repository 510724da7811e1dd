import ArgumentParser
import HiveConsole
import HiveControl
import HiveDaemon
import HiveSignal
import Synchronization

/// Waits for scatters' answers, shows how far they are, and prints them.
struct Gathering {
    private let asJSON: Bool
    private let shows: Bool
    private let book: Book
    private var scatters: [JSONValue] = []
    private let out = StandardOutput()

    /// Everything that the notifications tell.
    ///
    /// Unchecked no more than a mutex is: results come on whatever task the call has.
    private final class Book: Sendable {
        struct State {
            var results: [String: [JSONValue]] = [:]
            var bar = ProgressBar()
            /// The task whose text is being shown.
            var speaking: String?
        }

        let state = Mutex(State())
    }

    init(asJSON: Bool, shows: Bool) {
        self.asJSON = asJSON
        self.shows = shows
        book = Book()
    }

    /// Gathers, and keeps all results.
    mutating func run(
        _ call: SwarmCall,
        identifiers: [String],
        timeout: Int64?
    ) async throws {
        var params: JSONObject = [
            "ids": .array(identifiers.map { .string($0) }), "text": .bool(shows),
        ]
        params["timeoutMs"] = timeout.map { .integer($0) }
        let book = book
        let (asJSON, shows) = (asJSON, shows)
        let answer = try await call(Method.gather, .object(params)) { method, params in
            book.state.withLock { state in
                switch method {
                case Method.result:
                    let result = params["result"] ?? .null
                    state.results[params.text("scatterId") ?? "", default: []].append(result)
                    if shows { Self.show(result, &state, asJSON: asJSON) }
                case Method.text:
                    if shows { Self.show(text: params, &state, asJSON: asJSON) }
                case Method.progress: state.bar.draw(params)
                default: break
                }
            }
        }
        book.state.withLock { $0.bar.erase() }
        scatters = answer["scatters"]?.arrayValue ?? []
    }

    private static func show(_ result: JSONValue, _ state: inout Book.State, asJSON: Bool) {
        state.bar.erase()
        let out = StandardOutput()
        if asJSON {
            out.line(JSONValue.object(["event": "result", "result": result]).text)
        } else {
            if state.speaking != nil { out.line("") }
            state.speaking = nil
            Rendering.scatterResult(result, on: .output).forEach { out.line($0) }
        }
        out.flush()
    }

    private static func show(text params: JSONValue, _ state: inout Book.State, asJSON: Bool) {
        guard asJSON else { return }
        let out = StandardOutput()
        var event: JSONObject = ["event": "text"]
        for (key, value) in params.objectValue ?? [:] { event[key] = value }
        out.line(JSONValue.object(event).text)
        out.flush()
    }

    /// One aggregation for each scatter; nil: none is wanted.
    func aggregated(
        _ kind: Aggregation.Kind?,
        _ command: [String],
        _ settings: Settings
    ) async throws -> [JSONValue]? {
        guard let kind else { return nil }
        var made: [JSONValue] = []
        for scatter in scatters {
            let results = results(of: scatter)
            do {
                made.append(
                    try await Aggregation.of(results, kind, command, in: settings)
                )
            } catch {
                throw CommandError(error)
            }
        }
        return made
    }

    private func results(of scatter: JSONValue) -> [JSONValue] {
        book.state.withLock { $0.results[scatter.text("scatterId") ?? ""] ?? [] }
    }

    /// Prints what came, and chooses the exit code.
    func finish(order: [String], aggregation: [JSONValue]?) throws {
        var isAll = true
        for (index, scatter) in scatters.enumerated() {
            let results = sorted(results(of: scatter), order)
            let made = aggregation?[index]
            if results.contains(where: { $0.text("status") != "completed" }) { isAll = false }
            if asJSON {
                out.line(json(scatter, results, made).text)
                continue
            }
            if let made {
                Rendering.aggregation(made).forEach { out.line($0) }
            } else if !shows {
                for result in results {
                    Rendering.scatterResult(result, on: .output).forEach { out.line($0) }
                }
            }
            out.flush()
            Rendering.scatterSummary(scatter).forEach { Terminal.errors.write(line: $0) }
        }
        try out.finish()
        if !isAll { throw ExitCode.rulesSayNo }
    }

    private func sorted(_ results: [JSONValue], _ order: [String]) -> [JSONValue] {
        guard !order.isEmpty else { return results }
        var places: [String: Int] = [:]
        for (place, name) in order.enumerated() { places[name] = place }
        return results.sorted { left, right in
            places[left.text("taskId") ?? "", default: 0]
                < places[right.text("taskId") ?? "", default: 0]
        }
    }

    private func json(
        _ scatter: JSONValue,
        _ results: [JSONValue],
        _ made: JSONValue?
    ) -> JSONValue {
        var answer: JSONObject = [:]
        answer["scatterId"] = scatter["scatterId"]
        answer["taskIds"] = .array(results.compactMap { $0["taskId"] })
        answer["dispatched"] = scatter["dispatched"]
        answer["allComplete"] = scatter["allComplete"]
        answer["results"] = .array(results)
        if let made { answer["aggregation"] = made }
        for (key, value) in scatter.objectValue ?? [:] where answer[key] == nil {
            answer[key] = value
        }
        return .object(answer)
    }
}
