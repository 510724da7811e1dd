import HiveSignal

// HTTP/1.1 (RFC 9112) as far as a model endpoint needs it: requests with `Content-Length`, one
// answered after the other on a connection that stays open; those that come before their turn
// wait, unread where they are many. Answers have a length or are chunked.

/// HTTP/1.1 on one connection.
struct HTTP1Wire: EndpointWire {
    /// A request that is longer than `EndpointMessage` allows is refused before it fills this.
    private static let inputBytesMax = EndpointMessage.bodyBytesMax + EndpointMessage.headBytesMax
    /// The only exchange there is: requests are answered one by one.
    private static let exchange: UInt32 = 1

    private enum Stage {
        /// Between requests, or inside the head of one.
        case head
        /// The head is read; the body has so many bytes.
        case body(EndpointMessage, count: Int)
        /// The request is with the script.
        case waiting
        case answering
        case over
    }

    private(set) var end: WireEnd?
    private var stage = Stage.head
    private var input: [UInt8] = []
    /// Where the search for the end of the head goes on.
    private var searched = 0
    /// What goes out before the answer does.
    private var interim: [UInt8] = []
    private var outgoing = BytePieces()
    private var answer = EndpointAnswer(.silent)
    private var isPaused = false
    private var keepsAlive = true
    private var news: [WireNews] = []

    var isHTTP2: Bool { false }
    var wantsInput: Bool { input.count < Self.inputBytesMax }

    mutating func receive(_ bytes: UnsafeRawBufferPointer) {
        if case .over = stage { return }
        input.append(contentsOf: bytes)
    }

    mutating func nextRequest() -> (exchange: UInt32, message: EndpointMessage)? {
        if case .head = stage { readHead() }
        guard case .body(var message, let count) = stage, input.count >= count else { return nil }
        message.body = Array(input[..<count])
        input.removeFirst(count)
        stage = .waiting
        return (Self.exchange, message)
    }

    mutating func takeNews() -> [WireNews] {
        defer { news = [] }
        return news
    }
}

// MARK: - Requests

extension HTTP1Wire {
    private mutating func readHead() {
        // Blank lines before a request are passed over (RFC 9112 §2.2).
        while input.starts(with: [13, 10]) { input.removeFirst(2) }
        guard let headEnd = headEnd() else {
            if input.count > EndpointMessage.headBytesMax { refuse(431) }
            return
        }
        let lines = String(decoding: input[..<headEnd], as: UTF8.self)
            .split(whereSeparator: \.isNewline)
        input.removeFirst(headEnd + 4)
        searched = 0
        let words = lines.first?.split(separator: " ") ?? []
        guard words.count == 3, words[2].hasPrefix("HTTP/1.") else { return refuse(400) }
        var message = EndpointMessage(method: String(words[0]), path: String(words[1]))
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { return refuse(400) }
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            message.headers[line[..<colon].lowercased()] = String(value)
        }
        begin(message, isHTTP10: words[2] == "HTTP/1.0")
    }

    private mutating func begin(_ message: EndpointMessage, isHTTP10: Bool) {
        guard message.headers["transfer-encoding"] == nil else { return refuse(411) }
        guard let count = Int(message.headers["content-length"] ?? "0"), count >= 0 else {
            return refuse(400)
        }
        guard count <= EndpointMessage.bodyBytesMax else { return refuse(413) }
        let connection = message.headers["connection"]?.lowercased()
        keepsAlive = connection != "close" && !(isHTTP10 && connection != "keep-alive")
        if message.headers["expect"]?.lowercased() == "100-continue" {
            interim += Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
        }
        stage = .body(message, count: count)
    }

    /// The index of the empty line's CRLFCRLF; nil: it has not come.
    private mutating func headEnd() -> Int? {
        var index = searched
        while index + 4 <= input.count {
            if input[index] == 13, input[index + 1] == 10, input[index + 2] == 13,
                input[index + 3] == 10
            {
                return index
            }
            index += 1
        }
        searched = index
        return nil
    }

    /// Answers what is no request that can be served, and takes no other.
    private mutating func refuse(_ status: Int) {
        let reason = EndpointAnswer.reason(status)
        interim += Array(
            "HTTP/1.1 \(status) \(reason)\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".utf8
        )
        stage = .over
        end = .afterOutput
        input = []
    }
}

// MARK: - Answers

extension HTTP1Wire {
    mutating func answer(_ exchange: UInt32, _ answer: EndpointAnswer) {
        self.answer = answer
        stage = .answering
        outgoing = BytePieces()
        switch answer.ending {
        case .silent: return
        case .closed, .reset:
            end = answer.ending == .reset ? .reset : .afterOutput
            finish(isWhole: false)
        case .endlessHeaders:
            outgoing.append(.bytes(Array("HTTP/1.1 200 OK\r\n".utf8)))
            let filler = Array("x-more: and more, and more, and more, and more\r\n".utf8)
            outgoing.append(.run(filler, count: EndpointAnswer.endlessHeaderBytes))
        case .whole:
            encode()
        case .cut(let bytes):
            let head = encode()
            outgoing.truncate(to: min(head + max(0, bytes), outgoing.count - 1))
        }
    }

    /// Lays the whole answer out; gives the length of its head.
    @discardableResult
    private mutating func encode() -> Int {
        var head = "HTTP/1.1 \(answer.status) \(EndpointAnswer.reason(answer.status))\r\n"
        for (name, value) in answer.headers { head += "\(name): \(value)\r\n" }
        head +=
            answer.isStream
            ? "transfer-encoding: chunked\r\n" : "content-length: \(answer.body.count)\r\n"
        head += keepsAlive ? "\r\n" : "connection: close\r\n\r\n"
        outgoing.append(.bytes(Array(head.utf8)))
        for piece in answer.body.pieces {
            guard answer.isStream else {
                outgoing.append(piece)
                continue
            }
            let size = Array((String(piece.count, radix: 16) + "\r\n").utf8)
            if case .bytes(let bytes) = piece {
                outgoing.append(.bytes(size + bytes + [13, 10]))
            } else {
                outgoing.append(.bytes(size))
                outgoing.append(piece)
                outgoing.append(.bytes([13, 10]))
            }
        }
        if answer.isStream { outgoing.append(.bytes(Array("0\r\n\r\n".utf8))) }
        answer.body = BytePieces()
        return head.utf8.count
    }

    mutating func fill(_ output: inout [UInt8], upTo limit: Int) {
        output += interim
        interim = []
        guard case .answering = stage else { return }
        while output.count < limit, !isPaused, !outgoing.isEmpty {
            switch answer.pace {
            case .free:
                outgoing.take(upTo: limit - output.count, into: &output)
            case .bytes(let milliseconds):
                outgoing.take(upTo: 1, into: &output)
                pause(milliseconds)
            case .pieces(let milliseconds):
                outgoing.take(upTo: .max, into: &output)
                pause(milliseconds)
            }
        }
        if outgoing.isEmpty { end(of: answer.ending) }
    }

    mutating func resume(_ exchange: UInt32) { isPaused = false }

    private mutating func pause(_ milliseconds: Int) {
        guard !outgoing.isEmpty else { return }
        isPaused = true
        news.append(.paused(Self.exchange, milliseconds: milliseconds))
    }

    /// All that there is of the answer has gone out.
    private mutating func end(of ending: EndpointAnswer.Ending) {
        switch ending {
        case .whole:
            finish(isWhole: true)
            if !keepsAlive { end = .afterOutput }
        case .cut:
            finish(isWhole: false)
            end = .afterOutput
        case .closed, .reset, .silent, .endlessHeaders: return
        }
    }

    private mutating func finish(isWhole: Bool) {
        news.append(.answered(Self.exchange, isWhole: isWhole))
        stage = end == nil && isWhole && keepsAlive ? .head : .over
    }
}
