import HiveSignal

// HTTP/2 (RFC 9113) in cleartext with prior knowledge, as far as a model endpoint needs it.
//
// Frames come in and change streams; control frames go out in their order before any DATA, and
// DATA goes out stream by stream, a frame each in turn, as far as both windows reach. A fault of
// one stream ends that stream; `.reset`, `.closed` and `.endlessHeaders` are the connection's.

/// HTTP/2 on one connection.
struct HTTP2Wire: EndpointWire {
    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
    /// What is told to the client: streams at once (SETTINGS 3), and how much of a request it may
    /// send unasked (SETTINGS 4), so that a whole one never waits.
    private static let streamsMax: UInt32 = 1_024
    private static let receiveWindow = UInt32(EndpointMessage.bodyBytesMax + (64 << 10))
    /// The connection's own window is opened so far at first, and again as it is used up.
    private static let connectionReceiveWindow: UInt32 = 1 << 30
    private static let windowMax = Int(Int32.max)
    /// Answers to PING and SETTINGS that wait; a client that lets more gather is flooding.
    private static let controlBytesMax = 1 << 20

    struct Stream {
        var message = EndpointMessage()
        /// All of the request has come.
        var isRequestWhole = false
        var answer: EndpointAnswer?
        /// Bytes of DATA that the client takes now.
        var window: Int
        var isPaused = false
    }

    private(set) var end: WireEnd?
    private var input: [UInt8] = []
    private var hasPreface = false
    private var decoder = HPACKDecoder()
    /// Headers that go on in CONTINUATION.
    private var openBlock: (stream: UInt32, bytes: [UInt8], endsStream: Bool)?
    private var lastStream: UInt32 = 0
    private var streams: [UInt32: Stream] = [:]
    private var ready: [UInt32] = []
    /// Streams whose answer has begun, the next to be served first.
    private var turns: [UInt32] = []
    /// Frames that go out before any DATA.
    private var control: [UInt8] = []
    /// Nothing else goes out any more: headers without end.
    private var endless: BytePieces?
    private var window = 65_535
    private var initialWindow = 65_535
    private var received: UInt32 = 0
    private var news: [WireNews] = []

    var isHTTP2: Bool { true }
    var wantsInput: Bool { end == nil }

    init() {
        var settings: [UInt8] = []
        for (setting, value) in [(3, Self.streamsMax), (4, Self.receiveWindow)] {
            settings += [0, UInt8(setting)] + HTTP2Frame.bytes(value)
        }
        control = HTTP2Frame.frame(.settings, settings)
        control += HTTP2Frame.frame(
            .windowUpdate,
            HTTP2Frame.bytes(Self.connectionReceiveWindow)
        )
    }

    mutating func receive(_ bytes: UnsafeRawBufferPointer) {
        guard end == nil else { return }
        input.append(contentsOf: bytes)
        var place = 0
        if !hasPreface {
            guard input.count >= Self.preface.count else { return }
            guard input.starts(with: Self.preface) else { return goAway(.protocolError) }
            hasPreface = true
            place = Self.preface.count
        }
        while end == nil, let frame = nextFrame(at: &place) { take(frame) }
        input.removeFirst(place)
        if control.count > Self.controlBytesMax { goAway(.enhanceYourCalm) }
    }

    mutating func nextRequest() -> (exchange: UInt32, message: EndpointMessage)? {
        while !ready.isEmpty {
            let id = ready.removeFirst()
            guard let message = streams[id]?.message else { continue }
            // The script has it from here on.
            streams[id]?.message = EndpointMessage()
            return (id, message)
        }
        return nil
    }

    mutating func takeNews() -> [WireNews] {
        defer { news = [] }
        return news
    }

    private mutating func nextFrame(at place: inout Int) -> HTTP2Frame? {
        guard input.count - place >= HTTP2Frame.headBytes else { return nil }
        let count = Int(HTTP2Frame.number(input[place..<place + 3]))
        guard count <= HTTP2Frame.payloadBytesMax else {
            goAway(.frameSizeError)
            return nil
        }
        let start = place + HTTP2Frame.headBytes
        guard input.count - start >= count else { return nil }
        defer { place = start + count }
        return HTTP2Frame(
            kind: HTTP2Frame.Kind(rawValue: input[place + 3]),
            flags: input[place + 4],
            stream: HTTP2Frame.number(input[place + 5..<place + 9]) & 0x7FFF_FFFF,
            payload: Array(input[start..<start + count])
        )
    }

    /// Tells the client why, and ends the connection.
    private mutating func goAway(_ code: HTTP2Frame.ErrorCode) {
        control += HTTP2Frame.frame(
            .goAway,
            HTTP2Frame.bytes(lastStream) + HTTP2Frame.bytes(code.rawValue)
        )
        end = .afterOutput
    }

    /// Ends a stream before its answer was whole.
    private mutating func resetStream(_ id: UInt32, _ code: HTTP2Frame.ErrorCode) {
        control += HTTP2Frame.frame(.resetStream, stream: id, HTTP2Frame.bytes(code.rawValue))
        streams[id] = nil
    }
}

// MARK: - Frames from the client

extension HTTP2Wire {
    private mutating func take(_ frame: HTTP2Frame) {
        if let block = openBlock, frame.kind != .continuation || frame.stream != block.stream {
            return goAway(.protocolError)
        }
        switch frame.kind {
        case .headers: takeHeaders(frame)
        case .continuation: takeContinuation(frame)
        case .data: takeData(frame)
        case .resetStream:
            if streams.removeValue(forKey: frame.stream) != nil {
                news.append(.abandoned(frame.stream))
            }
        case .settings: takeSettings(frame)
        case .windowUpdate: takeWindowUpdate(frame)
        case .ping:
            if !frame.has(HTTP2Frame.acknowledgement) {
                control += HTTP2Frame.frame(
                    .ping,
                    flags: HTTP2Frame.acknowledgement,
                    frame.payload
                )
            }
        case .pushPromise: goAway(.protocolError)
        case .priority, .goAway, nil: return
        }
    }

    private mutating func takeHeaders(_ frame: HTTP2Frame) {
        guard frame.stream % 2 == 1, let content = frame.content else {
            return goAway(.protocolError)
        }
        openBlock = (frame.stream, Array(content), frame.has(HTTP2Frame.endStream))
        if frame.has(HTTP2Frame.endHeaders) { closeBlock() }
    }

    private mutating func takeContinuation(_ frame: HTTP2Frame) {
        guard openBlock != nil else { return goAway(.protocolError) }
        openBlock?.bytes += frame.payload
        guard openBlock?.bytes.count ?? 0 <= EndpointMessage.headBytesMax else {
            return goAway(.enhanceYourCalm)
        }
        if frame.has(HTTP2Frame.endHeaders) { closeBlock() }
    }

    /// A block is whole: the headers of a new stream, or the trailers of one that is open.
    private mutating func closeBlock() {
        guard let (id, bytes, endsStream) = openBlock else { return }
        openBlock = nil
        guard let fields = decoder.decode(bytes) else { return goAway(.compressionError) }
        if streams[id] != nil {
            if endsStream { requestIsWhole(id) }
            return
        }
        guard id > lastStream else { return goAway(.streamClosed) }
        lastStream = id
        guard streams.count < Int(Self.streamsMax) else {
            return resetStream(id, .refusedStream)
        }
        var stream = Stream(window: initialWindow)
        for (name, value) in fields {
            switch name {
            case ":method": stream.message.method = value
            case ":path": stream.message.path = value
            default: stream.message.headers[name] = value
            }
        }
        guard !stream.message.method.isEmpty, !stream.message.path.isEmpty else {
            return resetStream(id, .protocolError)
        }
        streams[id] = stream
        if endsStream { requestIsWhole(id) }
    }

    private mutating func takeData(_ frame: HTTP2Frame) {
        guard frame.stream > 0, let content = frame.content else { return goAway(.protocolError) }
        // What is read counts against the connection's window, even for a stream that is no more.
        received += UInt32(frame.payload.count)
        if received >= Self.connectionReceiveWindow / 2 {
            control += HTTP2Frame.frame(.windowUpdate, HTTP2Frame.bytes(received))
            received = 0
        }
        guard streams[frame.stream]?.isRequestWhole == false,
            let before = streams[frame.stream]?.message.body.count
        else { return }
        guard before + content.count <= EndpointMessage.bodyBytesMax else {
            return resetStream(frame.stream, .refusedStream)
        }
        streams[frame.stream]?.message.body += content
        if frame.has(HTTP2Frame.endStream) { requestIsWhole(frame.stream) }
    }

    private mutating func requestIsWhole(_ id: UInt32) {
        guard streams[id]?.isRequestWhole == false else { return }
        streams[id]?.isRequestWhole = true
        ready.append(id)
    }

    private mutating func takeSettings(_ frame: HTTP2Frame) {
        guard !frame.has(HTTP2Frame.acknowledgement) else { return }
        guard frame.payload.count % 6 == 0 else { return goAway(.frameSizeError) }
        for start in stride(from: 0, to: frame.payload.count, by: 6) {
            // The frame size that the client takes is never less than what is sent here, and
            // tables, pushes and lists of headers do not concern what is sent.
            let isInitialWindow = frame.payload[start] == 0 && frame.payload[start + 1] == 4
            guard isInitialWindow else { continue }
            let value = Int(HTTP2Frame.number(frame.payload[start + 2..<start + 6]))
            guard value <= Self.windowMax else { return goAway(.flowControlError) }
            for id in streams.keys { streams[id]?.window += value - initialWindow }
            initialWindow = value
        }
        control += HTTP2Frame.frame(.settings, flags: HTTP2Frame.acknowledgement)
    }

    private mutating func takeWindowUpdate(_ frame: HTTP2Frame) {
        guard frame.payload.count == 4, let step = frame.number.map(Int.init) else {
            return goAway(.frameSizeError)
        }
        if frame.stream == 0 {
            window += step
            if window > Self.windowMax { goAway(.flowControlError) }
        } else {
            streams[frame.stream]?.window += step
        }
    }
}

// MARK: - Answers

extension HTTP2Wire {
    mutating func answer(_ exchange: UInt32, _ answer: EndpointAnswer) {
        guard streams[exchange] != nil else { return }
        switch answer.ending {
        case .silent: return
        case .closed, .reset:
            end = answer.ending == .reset ? .reset : .afterOutput
            streams[exchange] = nil
            news.append(.answered(exchange, isWhole: false))
        case .endlessHeaders:
            endless = Self.endlessHeaders(exchange)
        case .whole, .cut:
            begin(exchange, answer)
        }
    }

    private mutating func begin(_ id: UInt32, _ given: EndpointAnswer) {
        var answer = given
        if !answer.isStream {
            answer.headers.append(("content-length", "\(answer.body.count)"))
        }
        if case .cut(let bytes) = answer.ending {
            answer.body.truncate(to: min(bytes, answer.body.count - 1))
        }
        let endsHere = answer.body.isEmpty && answer.ending == .whole
        control += HTTP2Frame.headers(
            HPACKEncoder.block(status: answer.status, answer.headers),
            stream: id,
            endsStream: endsHere
        )
        streams[id]?.answer = answer
        if answer.body.isEmpty { return finish(id, answer.ending) }
        turns.append(id)
    }

    mutating func fill(_ output: inout [UInt8], upTo limit: Int) {
        output += control
        control = []
        if var pieces = endless {
            while output.count < limit, !pieces.isEmpty {
                pieces.take(upTo: limit - output.count, into: &output)
            }
            endless = pieces
            return
        }
        // How many turns in a row found nothing that may go out.
        var idle = 0
        while output.count < limit, window > 0, idle < turns.count {
            let id = turns.removeFirst()
            guard var stream = streams[id], let pace = stream.answer?.pace else { continue }
            guard stream.window > 0, !stream.isPaused else {
                turns.append(id)
                idle += 1
                continue
            }
            idle = 0
            sendData(id, &stream, &output)
            guard stream.answer?.body.isEmpty == false else {
                finish(id, stream.answer?.ending ?? .whole)
                continue
            }
            if let milliseconds = pace.milliseconds {
                stream.isPaused = true
                news.append(.paused(id, milliseconds: milliseconds))
            }
            streams[id] = stream
            turns.append(id)
        }
        output += control
        control = []
    }

    mutating func resume(_ exchange: UInt32) { streams[exchange]?.isPaused = false }

    /// One frame of DATA, as far as the windows reach.
    private mutating func sendData(_ id: UInt32, _ stream: inout Stream, _ output: inout [UInt8]) {
        guard var answer = stream.answer else { return }
        stream.answer = nil
        var limit = min(HTTP2Frame.payloadBytesMax, window, stream.window)
        if case .bytes = answer.pace { limit = 1 }
        let headPlace = output.count
        output += HTTP2Frame.head(.data, stream: id, count: 0)
        answer.body.take(upTo: limit, into: &output)
        let count = output.count - headPlace - HTTP2Frame.headBytes
        let isLast = answer.body.isEmpty && answer.ending == .whole
        let head = HTTP2Frame.head(
            .data,
            flags: isLast ? HTTP2Frame.endStream : 0,
            stream: id,
            count: count
        )
        output.replaceSubrange(headPlace..<headPlace + HTTP2Frame.headBytes, with: head)
        window -= count
        stream.window -= count
        stream.answer = answer
    }

    /// All that there is of an answer is on its way.
    private mutating func finish(_ id: UInt32, _ ending: EndpointAnswer.Ending) {
        let isWhole = ending == .whole
        if isWhole { streams[id] = nil } else { resetStream(id, .internalError) }
        news.append(.answered(id, isWhole: isWhole))
    }

    /// A HEADERS frame, and CONTINUATIONs none of which is the last.
    private static func endlessHeaders(_ id: UInt32) -> BytePieces {
        let field = HPACKEncoder.literal("x-more", String(repeating: "m", count: 55))
        let block = Array(
            [[UInt8]](repeating: field, count: HTTP2Frame.payloadBytesMax / field.count).joined()
        )
        var pieces = BytePieces([HTTP2Frame.frame(.headers, stream: id, [0x88])])
        let frame = HTTP2Frame.frame(.continuation, stream: id, block)
        let frames = EndpointAnswer.endlessHeaderBytes / frame.count
        pieces.append(.run(frame, count: frames * frame.count))
        return pieces
    }
}

extension EndpointAnswer.Pace {
    /// The pause between two steps.
    fileprivate var milliseconds: Int? {
        switch self {
        case .free: nil
        case .bytes(let milliseconds), .pieces(let milliseconds): milliseconds
        }
    }
}
