/// Reads `text/event-stream` by the rules of WHATWG HTML §9.2.6, as the bytes come.
///
/// `id` and `retry` are for those who connect again, and are ignored. An event that the stream
/// ends in the middle of is none.
struct EventStreamParser: Sendable {
    struct Event: Sendable, Hashable {
        /// Its `event` field; empty where there is none.
        var name: String
        /// Its `data` fields, joined by line feeds.
        var data: [UInt8]
    }

    /// An event with more data is no piece of an answer.
    static let dataBytesMax = 1 << 20

    /// A line or an event was too long: nothing is read any more.
    private(set) var isOverlong = false
    private var splitter = LineSplitter(endsAtReturn: true)
    private var isFirstLine = true
    private var name = ""
    /// Nil: the event has no `data` yet, and without one it is none.
    private var data: [UInt8]?

    /// Takes the next bytes, and gives the events that they end.
    mutating func events(in bytes: [UInt8]) -> [Event] {
        var events: [Event] = []
        guard !isOverlong else { return events }
        for line in splitter.lines(in: bytes) {
            if line.isEmpty {
                if let data { events.append(Event(name: name, data: data)) }
                name = ""
                data = nil
            } else {
                let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
                let hasMark = isFirstLine && line.starts(with: mark)
                take(hasMark ? line[mark.count...] : line[...])
            }
            isFirstLine = false
            if isOverlong { return events }
        }
        isOverlong = splitter.isOverlong
        return events
    }

    /// One line that is not empty: a comment, or `field: value`.
    private mutating func take(_ line: ArraySlice<UInt8>) {
        let field = line.prefix { $0 != UInt8(ascii: ":") }
        var value = line.dropFirst(field.count + 1)
        if value.first == UInt8(ascii: " ") { value.removeFirst() }
        if field.elementsEqual("data".utf8) {
            append(value)
        } else if field.elementsEqual("event".utf8) {
            name = String(decoding: value, as: UTF8.self)
        }
    }

    private mutating func append(_ value: ArraySlice<UInt8>) {
        let length = data?.count ?? 0
        guard length + value.count < Self.dataBytesMax else {
            isOverlong = true
            return
        }
        if data == nil {
            data = Array(value)
        } else {
            data?.append(UInt8(ascii: "\n"))
            data?.append(contentsOf: value)
        }
    }
}
