import HiveTestKit
import HiveWorkers
import Synchronization
import Testing

/// A model server that is a closure, in virtual time.
final class ScriptedServer: HTTPTransport {
    /// One request as the server sees it.
    struct Exchange: Sendable {
        /// From 1.
        var number: Int
        /// Milliseconds since the server was made.
        var time: Int
        var key: String?
        var prompt: String
        /// Requests in flight, with this one.
        var inFlight: Int
        /// What it was given, milliseconds.
        var total: Int
    }

    /// What it does about a request.
    enum Reply: Sendable {
        case text(String, after: Int)
        /// Its text comes in these pieces.
        case pieces([String], after: Int)
        case status(Int, headers: [String: String] = [:], says: String = "", after: Int = 0)
        case failure(HTTPFailure.Kind, String, after: Int = 0)
        /// Until its time is over.
        case silence
    }

    private struct State {
        var seen: [Exchange] = []
        var inFlight = 0
        var inFlightMax = 0
    }

    private let time: VirtualTime
    private let start: Int
    private let script: @Sendable (Exchange) -> Reply
    private let state = Mutex(State())

    init(_ time: VirtualTime, script: @escaping @Sendable (Exchange) -> Reply) {
        self.time = time
        self.script = script
        start = time.now
    }

    var seen: [Exchange] { state.withLock { $0.seen } }
    var inFlightMax: Int { state.withLock { $0.inFlightMax } }

    func send(
        _ request: HTTPRequest,
        onBytes: (@Sendable ([UInt8]) -> Void)?
    ) async throws(HTTPFailure) -> HTTPResponse {
        let now = time.now - start
        let exchange = state.withLock { state in
            state.inFlight += 1
            state.inFlightMax = max(state.inFlightMax, state.inFlight)
            let exchange = Exchange(
                number: state.seen.count + 1,
                time: now,
                key: request.headers.first { $0.name == "Authorization" }?.value,
                prompt: String(decoding: request.body, as: UTF8.self),
                inFlight: state.inFlight,
                total: request.limits.totalMilliseconds
            )
            state.seen.append(exchange)
            return exchange
        }
        defer { state.withLock { $0.inFlight -= 1 } }
        return try await perform(script(exchange), exchange, onBytes)
    }

    private func perform(
        _ reply: Reply,
        _ exchange: Exchange,
        _ onBytes: (@Sendable ([UInt8]) -> Void)?
    ) async throws(HTTPFailure) -> HTTPResponse {
        switch reply {
        case .text(let text, let latency):
            return try await perform(.pieces([text], after: latency), exchange, onBytes)
        case .pieces(let pieces, let latency):
            try await pass(min(latency, exchange.total))
            guard latency <= exchange.total else { throw Self.timeOut }
            guard let onBytes else {
                return HTTPResponse(status: 200, body: Array(pieces.joined().utf8))
            }
            for piece in pieces { onBytes(Array(piece.utf8)) }
            return HTTPResponse(status: 200)
        case .status(let status, let headers, let complaint, let latency):
            try await pass(latency)
            return HTTPResponse(status: status, headers: headers, body: Array(complaint.utf8))
        case .failure(let kind, let message, let latency):
            try await pass(latency)
            throw HTTPFailure(kind, message)
        case .silence:
            try await pass(exchange.total)
            throw Self.timeOut
        }
    }

    private func pass(_ milliseconds: Int) async throws(HTTPFailure) {
        do {
            try await time.wait(milliseconds)
        } catch {
            throw HTTPFailure(.cancelled, "the request was cancelled")
        }
    }

    private static let timeOut = HTTPFailure(.timedOut, "test.example:80 gave no answer in time")
}

/// The least of an API: the body is the prompt, and the answer's body is the text.
///
/// `!` ends a text; one without it is cut, `?` in it is an error of the server's, and an empty one
/// is malformed.
struct PlainAPI: ModelAPI {
    var baseURL = "https://me:hidden@test.example:80/v1"

    func request(for request: ModelRequest, key: String?, streams: Bool) -> HTTPRequest {
        HTTPRequest(
            url: "\(baseURL)/ask",
            headers: key.map { [HTTPField("Authorization", $0)] } ?? [],
            body: Array(request.prompt.utf8)
        )
    }

    func answer(in response: HTTPResponse) throws(ModelFault) -> ModelAnswer {
        var reader = Reader()
        _ = reader.read(response.body)
        return try reader.finish(response)
    }

    func streamReader() -> any ModelStreamReader { Reader() }

    func complaint(in response: HTTPResponse) -> String {
        String(decoding: response.body, as: UTF8.self)
    }

    func modelsRequest(key: String?) -> HTTPRequest {
        HTTPRequest(
            method: .get,
            url: "\(baseURL)/models",
            headers: key.map { [HTTPField("Authorization", $0)] } ?? []
        )
    }

    func models(in response: HTTPResponse) -> [String]? {
        let text = String(decoding: response.body, as: UTF8.self)
        return text.isEmpty ? nil : text.split(separator: " ").map(String.init)
    }

    private struct Reader: ModelStreamReader {
        var text = ""

        mutating func read(_ bytes: [UInt8]) -> String {
            let piece = String(decoding: bytes, as: UTF8.self)
            text += piece
            return piece
        }

        mutating func finish(_ response: HTTPResponse) throws(ModelFault) -> ModelAnswer {
            if text.isEmpty { throw ModelFault(.malformed, "the answer has no text") }
            if text.contains("?") {
                var fault = ModelFault(.serverError, "upstream says: \(text)")
                fault.spent = ModelSpending(
                    usage: TokenUsage(inputTokens: 1, outputTokens: Int64(text.utf8.count)),
                    dollars: nil
                )
                throw fault
            }
            guard text.hasSuffix("!") else { throw ModelFault(.cut, "the stream was cut") }
            return ModelAnswer(text: text)
        }
    }
}

extension ModelClient {
    /// A client of a scripted server.
    convenience init(
        of server: ScriptedServer,
        in time: VirtualTime,
        keys: [String] = [],
        policy: ModelPolicy = ModelPolicy(concurrencyMax: 512),
        seed: UInt64 = 1
    ) {
        self.init(
            api: PlainAPI(),
            backend: "openai",
            keys: keys.map { ModelKey(name: "KEY_\($0)", value: "secret-value-\($0)") },
            transport: server,
            policy: policy,
            clock: time.clock,
            random: SeededGenerator(seed: seed)
        )
    }

    /// True where nobody waits and nothing is held.
    var isIdle: Bool {
        let standing = standing()
        if case .isTried = standing.host { return false }
        return standing.inFlight == 0 && standing.waiting == 0
            && standing.keys.allSatisfy { $0.inFlight == 0 }
    }

    /// Asks, and gives the error as a value.
    func ask(_ prompt: String, total: Int = 30_000) async -> Result<ModelReply, ModelError> {
        await ask(call(prompt, total: total))
    }

    func ask(_ call: ModelCall) async -> Result<ModelReply, ModelError> {
        do throws(ModelError) {
            return .success(try await answer(call))
        } catch {
            return .failure(error)
        }
    }

    /// Asks so many questions at once; results by question.
    func askAll(_ count: Int, total: Int = 30_000) async -> [Result<ModelReply, ModelError>] {
        await withTaskGroup(of: (Int, Result<ModelReply, ModelError>).self) { tasks in
            for number in 0..<count {
                tasks.addTask { (number, await self.ask("\(number)", total: total)) }
            }
            var results: [Int: Result<ModelReply, ModelError>] = [:]
            for await (number, result) in tasks { results[number] = result }
            return (0..<count).compactMap { results[$0] }
        }
    }

    /// A question of a few words.
    func call(
        _ prompt: String,
        total: Int = 30_000,
        willSend: @escaping @Sendable (Int) async throws(ModelError) -> Void = { _ in },
        onText: (@Sendable (String) -> Void)? = nil
    ) -> ModelCall {
        ModelCall(
            request: ModelRequest(model: "gpt-9", prompt: prompt, outputTokensMax: 16),
            limits: HTTPLimits(totalMilliseconds: total),
            willSend: willSend,
            onText: onText
        )
    }
}

extension Result where Success == ModelReply, Failure == ModelError {
    var reply: ModelReply? { try? get() }

    var error: ModelError? {
        if case .failure(let error) = self { return error }
        return nil
    }
}

/// Draws for scripts, which are called one after the other in virtual time.
final class Dice: Sendable {
    private let generator: Mutex<SeededGenerator>

    init(seed: UInt64) { generator = Mutex(SeededGenerator(seed: seed)) }

    /// A number from 0 up to `sides`, and without it.
    func throwOnce(_ sides: Int) -> Int {
        generator.withLock { Int.random(in: 0..<sides, using: &$0) }
    }
}

/// A list that closures fill.
final class Notes<Element: Sendable>: Sendable {
    private let list = Mutex<[Element]>([])

    func note(_ element: Element) { list.withLock { $0.append(element) } }

    var all: [Element] { list.withLock { $0 } }
}
