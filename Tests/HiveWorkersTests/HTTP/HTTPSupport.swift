import HiveSignal
import HiveTestKit
import HiveWorkers
import Synchronization

/// What `onBytes` got.
final class Pieces: Sendable {
    private let pieces = Mutex<[[UInt8]]>([])

    var all: [[UInt8]] { pieces.withLock { $0 } }

    @Sendable func take(_ bytes: [UInt8]) { pieces.withLock { $0.append(bytes) } }
}

extension HTTPRequest {
    /// A question as the OpenAI API takes it; the machine may be slow, the deadlines are not.
    static func question(
        _ prompt: String,
        to endpoint: ScriptedEndpoint,
        streams: Bool = false
    ) -> HTTPRequest {
        HTTPRequest(
            url: "\(endpoint.address)/v1/chat/completions",
            headers: [HTTPField("content-type", "application/json")],
            body: Array(
                JSONValue.question(prompt, more: streams ? ["stream": true] : [:]).text.utf8
            ),
            limits: .patient
        )
    }
}

extension HTTPRequest {
    static func get(_ server: RawServer) -> HTTPRequest {
        HTTPRequest(method: .get, url: "\(server.address)/", limits: .patient)
    }
}

extension HTTPLimits {
    /// For a machine under load: nothing is to time out that is not meant to.
    static let patient = HTTPLimits(connectMilliseconds: 60_000, totalMilliseconds: 120_000)
}

extension HTTPResponse {
    var text: String { String(decoding: body, as: UTF8.self) }

    /// The text that the model answered.
    func reply() throws -> String? {
        let json = try JSONValue(parsing: body)
        return json["choices"]?.arrayValue?.first?["message"]?["content"]?.stringValue
    }
}

extension CurlEngine {
    func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPResponse {
        try await send(request, onBytes: nil)
    }

    /// Why a request fails; nil: it does not.
    func failure(
        of request: HTTPRequest,
        onBytes: (@Sendable ([UInt8]) -> Void)? = nil
    ) async -> HTTPFailure? {
        do throws(HTTPFailure) {
            _ = try await send(request, onBytes: onBytes)
            return nil
        } catch {
            return error
        }
    }

    /// Why a request fails on an engine of its own.
    static func failure(
        of request: HTTPRequest,
        onBytes: (@Sendable ([UInt8]) -> Void)? = nil
    ) async -> HTTPFailure? {
        do {
            return await (try CurlEngine()).failure(of: request, onBytes: onBytes)
        } catch {
            return HTTPFailure(.unusable, "no engine: \(error)")
        }
    }

    /// Sends so many questions at once and looks at each answer.
    func ask(_ count: Int, _ endpoint: ScriptedEndpoint) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<count {
                group.addTask {
                    let prompt = "question \(number)"
                    let reply = try await self.send(.question(prompt, to: endpoint)).reply()
                    guard reply == String(prompt.reversed()) else {
                        throw TestKitError("\(prompt) was answered by \(reply ?? "nothing")")
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
