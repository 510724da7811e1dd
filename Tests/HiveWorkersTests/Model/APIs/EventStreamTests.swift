import HiveTestKit
import Testing

@testable import HiveWorkers

/// Server-sent events by the rules of WHATWG HTML §9.2.6, and lines.
struct EventStreamTests {
    private typealias Event = EventStreamParser.Event

    private func events(_ text: String) -> [Event] {
        var parser = EventStreamParser()
        return parser.events(in: Array(text.utf8))
    }

    private func event(_ data: String, name: String = "") -> Event {
        Event(name: name, data: Array(data.utf8))
    }

    @Test(arguments: ["\n", "\r", "\r\n"])
    func `each kind of line end ends a line`(_ end: String) {
        let lines = ["data: one", "data: two", "", "event: e", "data:three", "", ""]
        #expect(
            events(lines.joined(separator: end)) == [
                event("one\ntwo"), event("three", name: "e"),
            ]
        )
    }

    /// The examples of the standard, and what it says beside them.
    @Test(arguments: [
        ("data: YHOO\ndata: +2\ndata: 10\n\n", ["YHOO\n+2\n10"]),
        (
            ": test stream\n\ndata: first\nid: 1\n\ndata:second\nid\n\ndata:  third\n\n",
            ["first", "second", " third"]
        ),
        ("data\n\ndata\ndata\n\ndata:", ["", "\n"]),
        ("data:test\n\ndata: test\n\n", ["test", "test"]),
        ("data: not ended", []),
        ("data: not ended\n", []),
        ("event: no data\n\n", []),
        ("retry: 10\nunknown: x\nno colon\n\n", []),
        ("\u{FEFF}data: a\n\n\u{FEFF}data: b\n\n", ["a"]),
        ("data: a: b\n\n", ["a: b"]),
    ])
    func `fields, comments and a byte order mark are told apart`(_ text: String, _ data: [String]) {
        #expect(events(text).map(\.data) == data.map { Array($0.utf8) })
    }

    @Test func `an event's name holds for that event only`() {
        let found = events("event: one\ndata: 1\n\ndata: 2\n\nevent: lost\n\ndata: 3\n\n")
        #expect(found == [event("1", name: "one"), event("2"), event("3")])
    }

    @Test func `any cut between bytes gives the same events`() {
        let text =
            "\u{FEFF}data: é\r\n\r\nevent: x\rdata: 1\rdata: 2\r\r: c\ndata: 3\n\n\r\ndata:4\r\n\r\n"
        let bytes = Array(text.utf8)
        let whole = events(text)
        #expect(whole.count == 4)
        for first in bytes.indices {
            for second in first..<bytes.count {
                var parser = EventStreamParser()
                var found = parser.events(in: Array(bytes[..<first]))
                found += parser.events(in: Array(bytes[first..<second]))
                found += parser.events(in: Array(bytes[second...]))
                #expect(found == whole, "cut at \(first) and \(second)")
            }
        }
    }

    @Test func `a line over the limit ends the reading and is not kept`() {
        var parser = EventStreamParser()
        let piece = Array(repeating: UInt8(ascii: "x"), count: 1 << 16)
        for _ in 0...(LineSplitter.lineBytesMax / piece.count) {
            #expect(parser.events(in: piece).isEmpty)
        }
        #expect(parser.isOverlong)
        #expect(parser.events(in: Array("\n\ndata: 1\n\n".utf8)).isEmpty)
    }

    @Test func `an event over the limit ends the reading`() {
        var parser = EventStreamParser()
        let line = Array(("data: " + String(repeating: "x", count: 1 << 16) + "\n").utf8)
        for _ in 0...(EventStreamParser.dataBytesMax >> 16) { _ = parser.events(in: line) }
        #expect(parser.isOverlong)
        #expect(parser.events(in: Array("\n".utf8)).isEmpty)
    }

    @Test func `lines that only LF ends keep their CR`() {
        var splitter = LineSplitter(endsAtReturn: false)
        let lines = splitter.lines(in: Array("a\r\n\nb\rc\nrest".utf8))
        #expect(lines.map { String(decoding: $0, as: UTF8.self) } == ["a\r", "", "b\rc"])
        #expect(splitter.rest == Array("rest".utf8))
    }
}
