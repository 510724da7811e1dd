internal import HiveSignal

// A session over stdio: JSON-RPC 2.0, a message a line.
//
// Three parts run side by side: messages are taken in order, each request becomes a task of its
// own; a thread writes what is queued; and the features tell what changes meanwhile. The session
// ends with the input, after what is under way has been answered, or as soon as the client takes no
// more.

/// A server of the Model Context Protocol on two descriptors.
package struct MCPServer: Sendable {
    private let features: any MCPFeatures
    private let session: MCPSession
    private let input = InputPump()
    private let output: OutputQueue

    package init(_ features: any MCPFeatures) {
        self.features = features
        output = OutputQueue()
        session = MCPSession(output: output)
    }

    /// Serves until the input ends or the client takes no more; the descriptors stay the caller's.
    ///
    /// - Throws: `ControlError` where the machine has no thread left.
    package func run(input descriptor: Int32, output outputDescriptor: Int32) async throws {
        try output.start(outputDescriptor)
        try input.start(descriptor)
        await withTaskGroup { group in
            group.addTask {
                await takeMessages()
                output.finish()
            }
            group.addTask { await features.accompany(session) }
            await output.untilEnded()
            group.cancelAll()
        }
    }

    private func takeMessages() async {
        await withDiscardingTaskGroup { requests in
            for await line in input.lines {
                input.took()
                guard await output.room(), !Task.isCancelled else { break }
                take(line, &requests)
            }
            session.endInput()
        }
    }

    private func take(_ line: InputLines.Line, _ requests: inout DiscardingTaskGroup) {
        guard case .whole(let bytes) = line else {
            let error = MCPError(
                .invalidRequest,
                "a message is longer than \(InputLines.lineBytesMax) bytes: send less in one"
            )
            return session.answer(OutgoingMessage.answer(nil, .failure(error)))
        }
        let json: JSONValue
        do throws(JSONError) {
            json = try JSONValue(parsing: bytes, depthMax: JSONValue.depthMaxAroundLine)
        } catch {
            let error = MCPError(.parseError, "a message is \(error)")
            return session.answer(OutgoingMessage.answer(nil, .failure(error)))
        }
        if case .array(let messages) = json { return take(batch: messages, &requests) }
        switch step(json) {
        case .done(let answer): if let answer { session.answer(answer) }
        case .work(let work):
            requests.addTask { if let answer = await answer(work) { session.answer(answer) } }
        }
    }

    // MARK: Batches

    /// Messages that one batch may have.
    private static let batchMax = MCPSession.requestsMax

    private func take(batch: [JSONValue], _ requests: inout DiscardingTaskGroup) {
        guard session.version?.hasBatches == true else {
            return refuse("batches are of \(ProtocolVersion.march2025.rawValue) only: send each")
        }
        guard (1...Self.batchMax).contains(batch.count) else {
            return refuse("a batch has 1 to \(Self.batchMax) messages")
        }
        let steps = batch.map(step)
        requests.addTask {
            let answers = await withTaskGroup(of: JSONValue?.self) { group in
                for step in steps {
                    group.addTask {
                        switch step {
                        case .done(let answer): answer
                        case .work(let work): await answer(work)
                        }
                    }
                }
                var answers: [JSONValue] = []
                for await answer in group { if let answer { answers.append(answer) } }
                return answers
            }
            if !answers.isEmpty { session.answer(.array(answers)) }
        }
    }

    private func refuse(_ why: String) {
        let error = MCPError(.invalidRequest, why)
        session.answer(OutgoingMessage.answer(nil, .failure(error)))
    }

    // MARK: One message

    /// What a message asks for.
    private enum Step: Sendable {
        /// It is answered, or needs no answer.
        case done(JSONValue?)
        case work(Work)
    }

    /// A request that was taken on.
    private struct Work: Sendable {
        var request: MCPRequest
        /// Ends when the client cancels it.
        var cancelled: AsyncStream<Never>
    }

    private func step(_ json: JSONValue) -> Step {
        do throws(MCPMessage.Fault) {
            switch try MCPMessage(json) {
            case .request(let request): return step(request)
            case .notification(let method, let params): take(notification: method, params)
            case .response(let id, let answer): if let id { session.hear(id, answer) }
            }
            return .done(nil)
        } catch {
            return .done(OutgoingMessage.answer(error.id, .failure(error.error)))
        }
    }

    private func step(_ request: MCPRequest) -> Step {
        let methods = MCPMethods(features: features, session: session)
        do throws(MCPError) {
            if let answer = try methods.answerAtOnce(request) {
                return .done(OutgoingMessage.answer(request.id, .success(answer)))
            }
            let isLong = features.isLong(request)
            let cancelled = try session.takeOn(request.id, isLong: isLong)
            return .work(Work(request: request, cancelled: cancelled))
        } catch {
            return .done(OutgoingMessage.answer(request.id, .failure(error)))
        }
    }

    private func take(notification method: String, _ params: JSONObject) {
        switch method {
        case "notifications/initialized": session.takeInitialized()
        case "notifications/cancelled":
            if let id = params["requestId"].flatMap(RequestID.init) { session.cancel(id) }
        // JSON-RPC 2.0 §4.1: a notification is not answered, whatever it says.
        default: break
        }
    }

    /// Answers a request; nil where the client cancelled it.
    private func answer(_ work: Work) async -> JSONValue? {
        let methods = MCPMethods(features: features, session: session)
        let request = work.request
        let result = await withTaskGroup(of: Result<JSONValue, MCPError>?.self) { group in
            group.addTask {
                do throws(MCPError) {
                    return .success(try await methods.answer(request))
                } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                for await _ in work.cancelled {}
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        session.finish(request.id)
        return result.map { OutgoingMessage.answer(request.id, $0) }
    }
}
