// How a question gets its answer
//
// A call draws a ticket and goes round: it waits in the line for a pass (`Admission` decides,
// `ModelDesk` rings), tells `willSend`, sends one request, gives the pass back with what became of
// it, and either has its answer or asks its `CallCourse` whether to go round again. A pass is a
// slot, a key and a token; every way out of a round gives it back exactly once.
//
// All decisions are in pure structs: `KeyRing`, `TokenBucket`, `Breaker` and `ConcurrencyLimit`
// under `Admission`, and `CallCourse` for one call. Here are only locks, waits and the transport.

/// Puts questions to one model server: with its keys, as many at once as it copes with, again
/// where that helps, and not at all where it does not.
package final class ModelClient: Sendable {
    let api: any ModelAPI
    let keys: [ModelKey]
    let transport: any HTTPTransport
    let clock: ModelClock
    let words: ModelWords
    private let policy: ModelPolicy
    private let desk: ModelDesk

    /// A client that has sent nothing yet.
    ///
    /// - Parameters:
    ///   - api: How the server is spoken to, and where it is.
    ///   - backend: Its name in `HIVE_BACKEND`, for messages.
    ///   - keys: Empty where the server needs none.
    ///   - transport: What carries the requests.
    ///   - policy: How hard it is pressed.
    ///   - clock: Where time comes in.
    ///   - random: Draws the pauses.
    package init(
        api: any ModelAPI,
        backend: String,
        keys: [ModelKey],
        transport: any HTTPTransport,
        policy: ModelPolicy = ModelPolicy(),
        clock: ModelClock = .system,
        random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()
    ) {
        self.api = api
        self.keys = keys
        self.transport = transport
        self.policy = policy
        self.clock = clock
        words = ModelWords(baseURL: api.baseURL, backend: backend, keys: keys)
        let admission = Admission(keys: keys, policy: policy, at: clock.now())
        desk = ModelDesk(admission, clock: clock, random: random)
    }

    /// Puts one question, again where that helps, and waits for its turn, its answer, or the end.
    ///
    /// - Parameter call: The question and how it is put.
    /// - Returns: The answer, and what it took.
    /// - Throws: `ModelError`, with the last reason where several tries failed.
    package func answer(_ call: ModelCall) async throws(ModelError) -> ModelReply {
        let ticket = desk.change { admission, _ in admission.drawTicket() }
        var course = CallCourse(ticket: ticket, policy: policy)
        do throws(ModelError) {
            return try await answer(call, &course)
        } catch {
            var error = error
            error.wasted = course.wasted
            throw error
        }
    }

    private func answer(
        _ call: ModelCall,
        _ course: inout CallCourse
    ) async throws(ModelError) -> ModelReply {
        while true {
            guard let decision = await desk.decision(on: course.ticket) else {
                throw words.cancelled(attempts: course.attempts)
            }
            switch decision {
            case .admitted(let pass):
                if let reply = try await attempt(call, with: pass, &course) { return reply }
            case .hostIsDown:
                let step = desk.draw { course.stepWhileDown(using: &$0) }
                let error = words.error(decision, attempts: course.attempts)
                try await follow(step, orThrow: error)
            case .keysRefused, .keysRest:
                throw words.error(decision, attempts: course.attempts)
            }
        }
    }

    /// How it stands with its server now.
    package func standing() -> ModelStanding {
        let retries = desk.retries
        return desk.read { admission, now in
            ModelStanding(admission, hostName: words.host, retries: retries, at: now)
        }
    }
}

// MARK: - One request

extension ModelClient {
    /// Sends one request under a pass, and gives the pass back.
    ///
    /// - Returns: The reply; nil: the call goes round again.
    private func attempt(
        _ call: ModelCall,
        with pass: Admission.Pass,
        _ course: inout CallCourse
    ) async throws(ModelError) -> ModelReply? {
        try await announce(call, pass, &course)
        // While it was announced the key may have been told to rest, or the host have gone down.
        guard desk.change({ admission, now in admission.confirm(pass, at: now) }) else {
            return nil
        }
        if let reason = course.last?.retryReason { desk.noteRetry(reason) }
        if course.takeBackText() { call.onText?("") }
        course.noteSent()

        let start = clock.now()
        let ending = await send(call, with: pass, &course)
        let latency = max(0, clock.now() - start)
        switch ending {
        case nil:
            abandon(pass, wasSent: true)
            throw words.cancelled(attempts: course.attempts)
        case .success(let answer):
            desk.change { admission, now in admission.succeed(pass, latency: latency, at: now) }
            return ModelReply(
                answer: answer,
                attempts: course.attempts,
                latencyMilliseconds: latency,
                wasted: course.wasted
            )
        case .failure(let failure):
            let total = call.limits.totalMilliseconds
            let wasQueued = desk.change { admission, now in
                admission.fail(pass, failure, total: total, at: now)
            }
            let step = desk.draw { random in
                course.step(after: failure, wasQueued: wasQueued, using: &random)
            }
            try await follow(step, orThrow: words.error(failure, attempts: course.attempts))
            return nil
        }
    }

    /// Tells the caller of the request that is next, once for each that is sent.
    ///
    /// Where it ends the call, the pass is given back.
    private func announce(
        _ call: ModelCall,
        _ pass: Admission.Pass,
        _ course: inout CallCourse
    ) async throws(ModelError) {
        do throws(ModelError) {
            if let number = course.unannounced, !Task.isCancelled {
                try await call.willSend(number)
                course.noteAnnounced()
            }
            if Task.isCancelled { throw words.cancelled(attempts: course.attempts) }
        } catch {
            abandon(pass, wasSent: false)
            var error = error
            error.attempts = course.attempts
            throw error
        }
    }

    /// Sends the request and reads what comes back.
    ///
    /// - Returns: What became of it; nil where the call was cancelled.
    private func send(
        _ call: ModelCall,
        with pass: Admission.Pass,
        _ course: inout CallCourse
    ) async -> Result<ModelAnswer, RequestFailure>? {
        let key = keys.isEmpty ? nil : keys[pass.key]
        let stream = call.onText.map { StreamedText(api.streamReader(), onText: $0) }
        var request = api.request(for: call.request, key: key?.value, streams: stream != nil)
        request.limits = call.limits
        defer { course.noteText(stream?.hasText == true) }
        let response: HTTPResponse
        do throws(HTTPFailure) {
            response = try await transport.send(request, onBytes: stream.map { $0.read })
        } catch {
            return words.failure(error).map { .failure($0) }
        }
        guard (200..<300).contains(response.status) else {
            let failure = words.failure(
                response,
                complaint: api.complaint(in: response),
                key: key,
                model: call.request.model,
                rest: RetryAfter.milliseconds(in: response.headers, unixTime: clock.unixTime())
            )
            return .failure(failure)
        }
        do throws(ModelFault) {
            guard let stream else { return .success(try api.answer(in: response)) }
            return .success(try stream.finish(response))
        } catch {
            return .failure(words.failure(error))
        }
    }

    private func abandon(_ pass: Admission.Pass, wasSent: Bool) {
        desk.change { admission, now in admission.abandon(pass, wasSent: wasSent, at: now) }
    }

    /// Pauses before the call goes round again, or ends it.
    private func follow(
        _ step: CallCourse.Step,
        orThrow last: ModelError
    ) async throws(ModelError) {
        switch step {
        case .fail: throw last
        case .again(0): return
        case .again(let milliseconds):
            do {
                try await clock.wait(milliseconds)
            } catch {
                // Nothing else ends a pause before its time.
                throw words.cancelled(attempts: last.attempts)
            }
        }
    }
}
