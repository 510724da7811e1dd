import Testing

@testable import HiveSignal

@Suite struct CodecTests {
    private func ascii(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test func `base 64 has the vectors of RFC 4648`() {
        let vectors = [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
        ]
        for (plain, coded) in vectors {
            #expect(Base64.encode(ascii(plain)) == ascii(coded))
            #expect(Base64.decode(ascii(coded)) == ascii(plain))
        }
        #expect(Base64.encode([0xFB, 0xFF, 0xFE]) == ascii("+//+"))
        let all = (0...255).map { UInt8($0) }
        #expect(Base64.decode(Base64.encode(all)) == all)
    }

    @Test func `base 64 that another encoder could not have written is refused`() {
        let bad = [
            "Z", "Zg", "Zg=", "Zg===", "Z===", "====", "=", "Zh==", "Zm9=", "Zm9v=", "Zg==Zg==",
            "Z=g=", "Zm 9", "Zm9v\n", "Zm9_", "Zm-v", "Zm9é",
        ]
        for text in bad { #expect(Base64.decode(ascii(text)) == nil, "\(text)") }
    }

    @Test func `hex goes both ways`() {
        #expect(Hex.encode([0x00, 0x9A, 0xFF]) == "009aff")
        #expect(Hex.decode("009aFF") == [0x00, 0x9A, 0xFF])
        #expect(Hex.decode("") == [])
        for text in ["0", "0g", "g0", " 0", "0x", "é"] { #expect(Hex.decode(text) == nil) }
    }

    @Test func `the key table holds every key and no other value`() {
        let keys: [(String, SignalKey)] = [
            ("ts", .ts), ("mark", .mark), ("pull", .pull), ("msg", .msg), ("type", .type),
            ("hive", .hive), ("gen", .gen), ("port", .port), ("id", .id), ("parent", .parent),
            ("agent", .agent), ("task", .task), ("evidence", .evidence),
            ("traceparent", .traceparent), ("tracestate", .tracestate),
            ("specversion", .specversion),
        ]
        for (name, key) in keys {
            let line = Array("{\"\(name)\":0               }".utf8)
            let found = line.withUnsafeBufferPointer { buffer in
                buffer.baseAddress.map { JSONBytes(base: $0, count: buffer.count).name(at: 1) }
            }
            #expect(found?.key == key, "\(name)")
            #expect(found?.end == name.utf8.count + 2)
        }
        for word in 0..<UInt64(100_000) { #expect(SignalKey.short(word << 17 | 1) == .other) }
        #expect(SignalKey.short(0) == .other)
    }
}
