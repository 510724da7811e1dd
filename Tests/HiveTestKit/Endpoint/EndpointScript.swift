/// How a `ScriptedEndpoint` behaves: what it answers, how late, and what goes wrong.
package struct EndpointScript: Sendable {
    /// From the last byte of a request to the first of its answer.
    package var latencyMilliseconds = 0
    /// Between the pieces of an answer that streams.
    package var pieceMilliseconds = 0
    /// Between the bytes that a `.slowLoris` sends.
    package var slowLorisMilliseconds = 100
    /// The names that `GET /v1/models` and its like tell.
    package var models = ["scripted-1"]
    /// The keys that are let in; empty: every key, and none.
    package var keys: Set<String> = []
    /// What a model at `/api/v1` costs, in dollars for a thousand tokens.
    package var dollarsPerThousandTokens = 0.002
    /// The seed of what `faultShares` decide.
    package var seed: UInt64 = 0
    /// Which share of the requests, 0…1, meets which fault; the rest is answered well.
    package var faultShares: [(Fault, Double)] = []
    /// Decides before `faultShares` do; nil: let those decide.
    ///
    /// It runs on the endpoint's thread: it must not block.
    package var fault: @Sendable (EndpointRequest) -> Fault? = { _ in nil }
    /// The text of an answer, from the request alone; the default turns the prompt round.
    ///
    /// It runs on the endpoint's thread: it must not block.
    package var reply: @Sendable (EndpointRequest) -> String = { String($0.prompt.reversed()) }

    package init(latencyMilliseconds: Int = 0) {
        self.latencyMilliseconds = latencyMilliseconds
    }

    /// A script with these faults.
    package init(
        latencyMilliseconds: Int = 0,
        fault: @escaping @Sendable (EndpointRequest) -> Fault?
    ) {
        self.latencyMilliseconds = latencyMilliseconds
        self.fault = fault
    }

    /// What goes wrong with a request; nil: nothing.
    ///
    /// The shares are drawn from seed and number alone: a seed replays whatever the order in
    /// which connections are served.
    func chosenFault(for request: EndpointRequest) -> Fault? {
        if let fault = fault(request) { return fault }
        guard !faultShares.isEmpty else { return nil }
        var generator = SeededGenerator(seed: seed ^ UInt64(request.number) &* 0x9E37_79B9)
        var draw = Double.random(in: 0..<1, using: &generator)
        for (fault, share) in faultShares {
            if draw < share { return fault }
            draw -= share
        }
        return nil
    }
}

/// What can go wrong with one request.
package enum Fault: Sendable, Hashable {
    /// Another status, with the API's own error as body where none is given.
    case status(Int, retryAfterSeconds: Int? = nil, body: String? = nil)
    /// So many bytes of the body, then the end of the connection (HTTP/2: of the stream).
    case cut(afterBytes: Int)
    /// The connection is reset (RST) instead of an answer.
    case reset
    /// No answer, ever.
    case hang
    /// The right answer, one byte at a time.
    case slowLoris
    /// A stream that is none in its middle: half an event, no end.
    case malformedSSE
    /// A page of HTML with status 200.
    case wrongContentType
    /// The content type of JSON, and no JSON.
    case notJSON
    /// The right answer, blanks behind it up to so many bytes.
    case hugeBody(bytes: Int)
    /// A small gzip stream that becomes so many bytes of blanks.
    case gzipBomb(bytes: Int)
    /// An answer that repeats the key it was asked with.
    case echoKeys
    /// Headers without an end: `EndpointAnswer.endlessHeaderBytes` of them, then silence.
    case noHeadersEnd
    /// 307, to another address.
    case redirect(to: String)
    /// The connection is closed in good order instead of an answer.
    case closeBeforeAnswer
}
