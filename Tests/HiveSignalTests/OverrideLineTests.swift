import Testing

@testable import HiveSignal

@Suite struct OverrideLineTests {
    private static let port3 = Port.all[3]

    private func made(_ override: Override) -> OverrideLine {
        OverrideLine(
            claim: OverrideClaim(
                override: override,
                boardID: "b0a2d",
                generation: 87,
                nonce: String(repeating: "0a", count: 16),
                head: ChainHead(sequence: 12, chain: [UInt8](repeating: 7, count: 32)),
                key: "0123456789abcdef"
            ),
            timestamp: "2026-11-21T10:00:00Z",
            reason: "the tests are in, \"honest\"",
            trace: TraceID(high: 1, low: 2)
        )
    }

    @Test(arguments: [
        Override.phase(.validate), .release(sha256: [UInt8](repeating: 3, count: 32)),
        .generation(90), .port(port3, isMuted: true), .port(port3, isMuted: false), .tampering,
    ])
    func `what is composed is read back, with all that is signed`(_ override: Override) throws {
        let draft = made(override)
        let signature = [UInt8](repeating: 9, count: 64)
        let read = try #require(SignedOverride(line: draft.line(signature: signature)))
        #expect(read.claim == draft.claim)
        #expect(read.message == draft.message)
        #expect(read.signature == signature)
        let scanned = try JSONValue(parsing: draft.line(signature: signature))
        #expect(scanned["msg"]?.stringValue == draft.reason)
        #expect(scanned["traceparent"]?.stringValue?.contains(TraceID(high: 1, low: 2).hex) == true)
    }

    @Test func `a CR at the line's end is no part of it`() throws {
        let line = made(.tampering).line(signature: [UInt8](repeating: 9, count: 64))
        #expect(SignedOverride(line: line + [UInt8(ascii: "\r")]) == SignedOverride(line: line))
    }

    @Test func `a line cut at any byte, or with a byte more, is no override`() {
        let line = made(.phase(.validate)).line(signature: [UInt8](repeating: 9, count: 64))
        for count in line.indices { #expect(SignedOverride(line: Array(line[..<count])) == nil) }
        #expect(SignedOverride(line: line + [UInt8(ascii: " ")]) == nil)
        #expect(SignedOverride(line: [UInt8(ascii: "[")] + line + [UInt8(ascii: "]")]) == nil)
    }

    @Test(arguments: [
        #""phase":"X""#, #""phase":"v""#, #""phase":7"#, #""action":"phases""#,
    ])
    func `an action that is none is no override`(_ member: String) throws {
        let line = String(
            decoding: made(.phase(.validate)).line(signature: [UInt8](repeating: 9, count: 64)),
            as: UTF8.self
        )
        let name = member.hasPrefix(#""phase""#) ? #""phase":"V""# : #""action":"phase""#
        let parts = line.split(separator: name, omittingEmptySubsequences: false)
        try #require(parts.count == 2)
        let other = parts[0] + member + parts[1]
        #expect(SignedOverride(line: Array(other.utf8)) == nil)
    }
}
