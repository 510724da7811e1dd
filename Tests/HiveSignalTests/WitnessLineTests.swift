import Testing

@testable import HiveSignal

@Suite struct WitnessLineTests {
    private static let name = ReceiptName(number: 0x0123_4567_89AB_CDEF)

    private func made(_ kind: ReceiptKind, isProven: Bool = true) -> WitnessLine {
        WitnessLine(
            claim: WitnessClaim(
                receipt: Self.name,
                kind: kind,
                isProven: isProven,
                tree: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
                boardID: "b0a2d",
                generation: 87,
                cycle: 3,
                key: "0123456789abcdef"
            ),
            timestamp: "2026-11-21T10:00:00Z",
            message: "red proven by 1 test, \"honest\"",
            traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        )
    }

    private static let signature = [UInt8](repeating: 9, count: 64)

    @Test(arguments: ReceiptKind.allCases, [true, false])
    func `what is composed is read back, with all that is signed`(
        _ kind: ReceiptKind,
        _ isProven: Bool
    ) throws {
        let draft = made(kind, isProven: isProven)
        let line = draft.line(signature: Self.signature)
        let read = try #require(SignedWitness(line: line))
        #expect(read.claim == draft.claim)
        #expect(read.message == draft.messageToSign)
        #expect(read.signature == Self.signature)
        #expect(SignedWitness.read(line) == .signed(read))
    }

    @Test func `the line is a metric that passes every gate of the scanner`() {
        let line = made(.green).line(signature: Self.signature)
        let scanned = line.withUnsafeBytes { bytes in
            var scanner = SignalScanner()
            return scanner.scan(bytes, atFileStart: false)
        }
        #expect(scanned.failure == nil)
        #expect(scanned.fields.type.value == .metric)
        #expect(scanned.fields.phase.value == .validate)
        #expect(scanned.fields.port.value == 4)
        #expect(scanned.trace.state == .good)
        let states = [
            scanned.fields.timestamp.state, scanned.fields.mark.state, scanned.fields.pull.state,
            scanned.fields.message.state, scanned.fields.type.state, scanned.fields.phase.state,
            scanned.fields.generation.state, scanned.fields.port.state,
            scanned.fields.evidence.state, scanned.fields.agent.state,
        ]
        #expect(states.allSatisfy { $0 == .good })
    }

    @Test func `a long message is cut, so that the line stays short`() {
        var draft = made(.red)
        draft.message = String(repeating: "why ", count: 100_000)
        let line = draft.line(signature: Self.signature)
        #expect(line.count < 4_096)
        #expect(SignedWitness(line: line)?.claim == draft.claim)
    }

    @Test func `a line cut at any byte, or with a byte more, is no signed receipt`() {
        let line = made(.red).line(signature: Self.signature)
        for count in line.indices { #expect(SignedWitness(line: Array(line[..<count])) == nil) }
        #expect(SignedWitness(line: line + [UInt8(ascii: " ")]) == nil)
    }

    @Test(arguments: [
        (#""evidence":"r-0123"#, #""evidence":"r-1123"#), (#""kind":"red""#, #""kind":"blue""#),
        (#""kind":"red""#, #""kind":"green""#), (#""type":"metric""#, #""type":"signal""#),
        (#""proven":true"#, #""proven":"true""#), (#""cycle":3"#, #""cycle":3.0"#),
        (#""board":"#, #""boards":"#), (#""id":"r-01"#, #""id":"r-0A"#),
    ])
    func `a receipt that does not say what it must is told from a plain metric`(
        _ old: String,
        _ new: String
    ) throws {
        let line = String(
            decoding: made(.red).line(signature: Self.signature),
            as: UTF8.self
        )
        let parts = line.split(separator: old, omittingEmptySubsequences: false)
        try #require(parts.count == 2)
        #expect(SignedWitness.read(Array((parts[0] + new + parts[1]).utf8)) == .unreadable)
    }

    @Test(arguments: [
        #"{"type":"metric","evidence":"r-0123456789abcdef"}"#, #"{"receipt":null}"#, "{}",
    ])
    func `a metric without a receipt is a plain one`(_ line: String) {
        #expect(SignedWitness.read(Array(line.utf8)) == .plain)
    }

    @Test func `a receipt's id is read back, and written in one way only`() {
        #expect(ReceiptName("r-0123456789abcdef") == Self.name)
        #expect(Self.name.text == "r-0123456789abcdef")
        #expect(ReceiptName(number: .max).text == "r-ffffffffffffffff")
        for text in [
            "", "r-", "r-0123456789abcde", "r-0123456789abcdef0", "r-0123456789ABCDEF",
            "s-0123456789abcdef", "r-0123456789abcdeg", "r-+123456789abcdef",
        ] {
            #expect(ReceiptName(text) == nil, "\(text)")
        }
    }

    @Test func `a proof is kept as text and read back`() {
        for phase in Phase.cycle {
            for receipt in [nil, Self.name] {
                let proof = PhaseProof(cycle: 12, phase: phase, receipt: receipt)
                #expect(PhaseProof(proof.text) == proof)
            }
        }
        for text in ["", "3", "I", "3Q", "3Ir-12", "3I ", "-3I", "99999999999999999999I"] {
            #expect(PhaseProof(text) == nil, "\(text)")
        }
    }
}
