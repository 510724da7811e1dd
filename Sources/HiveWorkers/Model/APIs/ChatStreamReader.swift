import HiveSignal

/// Reads an answer that streams: bytes into documents, documents into a draft.
///
/// The reader does not see the headers until the end, so the first bytes decide: a server that
/// ignores the wish for a stream sends one document, which begins with a brace where an event
/// cannot, or is no document at the end of its first line. It is kept and read at the end; its text
/// does not come piece by piece.
struct ChatStreamReader<Dialect: ChatDialect>: ModelStreamReader {
    /// The longest document that comes instead of a stream, bytes.
    private static var documentBytesMax: Int { 4 << 20 }

    private let api: ChatAPI<Dialect>
    private var events = EventStreamParser()
    private var lines = LineSplitter(endsAtReturn: false)
    /// Something but white space came.
    private var hasBegun = false
    /// The bytes of what is no stream but one document; nil: it streams.
    private var document: [UInt8]?
    private var draft = AnswerDraft()
    /// What was wrong first; nothing is read behind it.
    private var fault: ModelFault?

    init(api: ChatAPI<Dialect>) { self.api = api }

    mutating func read(_ bytes: [UInt8]) -> String {
        if document != nil {
            keep(bytes[...])
        } else if !isDone {
            switch Dialect.framing {
            case .events: readEvents(bytes)
            case .lines: readLines(bytes)
            }
        }
        return draft.takeFresh()
    }

    mutating func finish(_ response: HTTPResponse) throws(ModelFault) -> ModelAnswer {
        let types = Dialect.framing.mediaTypes
        if let document, fault == nil {
            var whole = response
            whole.body = document
            return try api.answer(in: whole, types: [ChatMedia.json] + types)
        }
        try api.checkType(of: response, isOneOf: types)
        if !isDone, hasText(lines.rest) { readLastLine() }
        if let fault { throw draft.charging(fault) }
        guard draft.isOver || draft.stopReason != nil else {
            throw draft.charging(ModelFault(.cut, "the stream ended before the answer did"))
        }
        do throws(ModelFault) {
            return try draft.answer()
        } catch {
            throw draft.charging(error)
        }
    }

    private var isDone: Bool { fault != nil || draft.isOver }

    // MARK: Server-sent events

    private mutating func readEvents(_ bytes: [UInt8]) {
        if !hasBegun, let first = bytes.firstIndex(where: { !Self.isBlank($0) }) {
            hasBegun = true
            if bytes[first] == UInt8(ascii: "{") {
                document = []
                return keep(bytes[first...])
            }
        }
        for event in events.events(in: bytes) where !isDone { take(event) }
        if events.isOverlong { fail("an event of the stream is longer than an answer can be") }
    }

    private mutating func take(_ event: EventStreamParser.Event) {
        if event.name == "error" {
            fault = .server(Complaint.text(of: HTTPResponse(status: 200, body: event.data)))
        } else if event.data.elementsEqual("[DONE]".utf8) {
            draft.isOver = true
        } else if hasText(event.data) {
            read(document: event.data)
        }
    }

    // MARK: A document a line

    private mutating func readLines(_ bytes: [UInt8]) {
        for line in lines.lines(in: bytes) {
            if document != nil {
                keep(line[...] + [UInt8(ascii: "\n")])
            } else if !isDone, hasText(line) {
                readFirst(line)
            }
        }
        if document != nil { keep(lines.rest[...]) }
        if lines.isOverlong { fail("a line of the stream is longer than an answer can be") }
    }

    /// A first line that is no document may be the beginning of one that has many.
    private mutating func readFirst(_ line: [UInt8]) {
        read(document: line)
        if !hasBegun, fault?.kind == .malformed {
            fault = nil
            document = line + [UInt8(ascii: "\n")]
        }
        hasBegun = true
    }

    /// The last line has no end where the server closes behind it; half a document is a cut.
    private mutating func readLastLine() {
        read(document: lines.rest)
        if fault?.kind == .malformed { fault = nil }
    }

    // MARK: Both

    private mutating func read(document bytes: [UInt8]) {
        do {
            try api.read(bytes, into: &draft)
        } catch {
            fault = error
        }
    }

    private mutating func keep(_ bytes: ArraySlice<UInt8>) {
        guard fault == nil, (document?.count ?? 0) + bytes.count <= Self.documentBytesMax else {
            return fail("the answer is longer than \(Self.documentBytesMax >> 20) MiB")
        }
        document?.append(contentsOf: bytes)
    }

    private mutating func fail(_ message: String) {
        guard !isDone else { return }
        fault = ModelFault(.malformed, message)
    }

    private func hasText(_ bytes: [UInt8]) -> Bool { !bytes.allSatisfy(Self.isBlank) }

    /// White space, and the bytes of a byte order mark.
    private static func isBlank(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF: true
        default: false
        }
    }
}
