import Testing

@testable import HiveSignal

@Suite struct TraceContextTests {
    private let trace = "0af7651916cd43dd8448eb211c80319c"
    private let parent = "b7ad6b7169203331"

    @Test func `a traceparent is read and written`() throws {
        let text = "00-\(trace)-\(parent)-01"
        let parsed = try #require(Traceparent(text))
        #expect(parsed.version == 0)
        #expect(parsed.trace == TraceID(hex: trace))
        #expect(parsed.parent == 0xB7AD_6B71_6920_3331)
        #expect(parsed.flags == 1)
        #expect(parsed.text == text)
        #expect(Traceparent(trace: parsed.trace, parent: parsed.parent, flags: 1) == parsed)
        #expect(Traceparent(trace: .zero, parent: 1, flags: 0) == nil)
        #expect(Traceparent(trace: parsed.trace, parent: 0, flags: 0) == nil)
    }

    @Test func `higher versions follow the forward rule`() {
        #expect(Traceparent("01-\(trace)-\(parent)-00")?.version == 1)
        #expect(Traceparent("fe-\(trace)-\(parent)-ff-more")?.flags == 255)
        #expect(Traceparent("cc-\(trace)-\(parent)-01-") != nil)
        #expect(Traceparent("cc-\(trace)-\(parent)-01.what") == nil)
        #expect(Traceparent("cc-\(trace)-\(parent)-012") == nil)
    }

    @Test func `what is no traceparent is refused`() {
        let upper = trace.uppercased()
        let bad = [
            "", "00", "00-\(trace)-\(parent)-0", "00-\(trace)-\(parent)-01-",
            "ff-\(trace)-\(parent)-01",
            "00-\(trace)-\(parent)-01-more", "00-\(upper)-\(parent)-01", "0A-\(trace)-\(parent)-01",
            "00-\(trace)-\(parent.uppercased())-01", "00-\(trace)-\(parent)-0A",
            "00-\(String(repeating: "0", count: 32))-\(parent)-01",
            "00-\(trace)-\(String(repeating: "0", count: 16))-01", "00_\(trace)-\(parent)-01",
            "00-\(trace)_\(parent)-01", "00-\(trace)-\(parent)_01", " 00-\(trace)-\(parent)-01",
            "00-\(trace)-\(parent)-01 ", "0-\(trace)-\(parent)-001", "0g-\(trace)-\(parent)-01",
            "00-\(trace)\(parent)---01", "00-\(trace)-\(parent)-.1", "01-\(trace)-\(parent)-0",
        ]
        for text in bad { #expect(Traceparent(text) == nil, "\(text)") }
    }

    private func isValid(_ text: String) -> Bool {
        Array(text.utf8).withUnsafeBytes(Tracestate.isValid)
    }

    @Test func `well-formed tracestate lists pass`() {
        let longKey = "a" + String(repeating: "z", count: 255)
        let tenant =
            String(repeating: "t", count: 241) + "@" + "v" + String(repeating: "0", count: 13)
        let members = (0..<32).map { "k\($0)=v" }.joined(separator: ",")
        let good = [
            "", "foo=1", "foo=1,bar=2", "foo=1 \t , \t bar=2", " foo=1", "foo=1\t", "foo=1,",
            ",foo=1",
            "foo=1,,bar=2", ", ,", "a-_*/9=x", "0tenant@sys=1", "\(longKey)=1", "\(tenant)=1",
            members,
            "k=" + String(repeating: "v", count: 256), "k=!\"#$%&'()*+-./:;<>?@[\\]^_`{|}~",
            "k=a b",
            "k= v",
        ]
        for text in good { #expect(isValid(text), "\(text)") }
    }

    @Test func `ill-formed tracestate lists fail`() {
        let bad = [
            "foo", "=1", "foo=", "foo= ", "foo=1=2", "foo=1;bar=2", "Foo=1", "0foo=1", "-foo=1",
            "foo =1",
            "foo@=1", "@foo=1", "foo@@bar=1", "foo@bar@baz=1", "foo@0bar=1", "fo o=1",
            "foo=1,foo=1",
            "foo=1,bar=2,foo=3", "foo=\u{E9}", "foo=a\u{7F}", "foo=a\tb", "f\u{E9}=1", "foo.bar=1",
            "z" + String(repeating: "a", count: 256) + "=1",
            String(repeating: "t", count: 242) + "@v=1",
            "t@v" + String(repeating: "0", count: 14) + "=1",
            "k=" + String(repeating: "v", count: 257),
            (0..<33).map { "k\($0)=v" }.joined(separator: ","),
        ]
        for text in bad { #expect(!isValid(text), "\(text)") }
    }

    @Test func `a line's trace context is judged`() {
        let good = "00-\(trace)-\(parent)-01"
        func field(_ members: String) -> TraceField { scan("{\(members)}").trace }
        #expect(field(#""traceparent":"\#(good)""#).state == .good)
        #expect(field(#""traceparent":"\#(good)""#).trace == TraceID(hex: trace))
        #expect(field(#""traceparent":"\u0030\#(good.dropFirst())""#).state == .good)
        #expect(field(#""traceparent":"00-x""#).state == .badValue)
        #expect(field(#""traceparent":7"#).state == .wrongType)
        #expect(field(#""traceparent":null"#).state == .absent)
        #expect(field(#""tracestate":"==""#).hasBadTracestate == false)
        #expect(field(#""tracestate":"==","traceparent":"\#(good)""#).hasBadTracestate)
        #expect(field(#""traceparent":"\#(good)","tracestate":1"#).hasBadTracestate)
        #expect(field(#""traceparent":"\#(good)","tracestate":null"#).hasBadTracestate == false)
        #expect(
            field(#""traceparent":"\#(good)","tracestate":"a=1,b=2""#).hasBadTracestate == false
        )
        #expect(field(#""traceparent":"\#(good)","tracestate":"a=1,\u0062=""#).hasBadTracestate)
    }
}
