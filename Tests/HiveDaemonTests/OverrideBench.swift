@testable import HiveDaemon
import HiveKernel
import HiveLedger
import HiveSignal
import HiveTestKit
import HiveWitness
import Testing

/// An engine whose board's key is a person's that the test can sign with.
struct OverrideBench {
    static let board = "board-under-test"

    let harness: EngineHarness
    let person: SecretKey

    init(mode: String? = nil, rules: String? = nil) throws {
        harness = try EngineHarness(boardID: Self.board, mode: mode, rules: rules)
        person = try SecretKey()
        harness.pin(person.owner)
        try harness.open()
    }

    var engine: Engine { get throws { try harness.live } }

    /// The head that an override would be signed over now.
    var head: ChainHead { get throws { try engine.fold.overrides.heads.present } }

    var generation: Int64 { get throws { try engine.fold.position.generation } }

    /// A signed override's line, without LF.
    func signed(
        _ override: Override,
        head: ChainHead? = nil,
        board: String = OverrideBench.board,
        generation: Int64? = nil,
        reason: String = "a test",
        by other: SecretKey? = nil
    ) throws -> String {
        let key = other ?? person
        var random = SystemRandomNumberGenerator()
        let nonce = (0..<16).map { _ in UInt8.random(in: 0...255, using: &random) }
        let claim = OverrideClaim(
            override: override,
            boardID: board,
            generation: try generation ?? self.generation,
            nonce: Hex.encode(nonce),
            head: try head ?? self.head,
            key: key.owner.fingerprint
        )
        let line = OverrideLine(
            claim: claim,
            timestamp: "2025-12-29T10:00:00Z",
            reason: reason
        )
        return String(decoding: try key.sign(line), as: UTF8.self)
    }

    /// Appends lines as anybody may, and has them judged.
    func say(_ lines: String...) throws {
        try harness.append(lines.map { $0 + "\n" }.joined())
        try engine.look(live: true)
    }

    /// Appends lines while no daemon runs, and starts it.
    func sayUnwatched(_ lines: String...) throws {
        harness.close()
        try harness.append(lines.map { $0 + "\n" }.joined())
        try harness.open()
    }

    /// As many lines as are wanted, of no consequence.
    func fill(_ count: Int) throws {
        let line = Lines.signal("H", port: 0, message: "filler", type: "metric") + "\n"
        try harness.append(String(repeating: line, count: count))
        try engine.look(live: true)
    }

    /// The last line's verdict: why it was refused, empty where it was accepted.
    func lastReason() throws -> String {
        try HiveView(ledger: engine.ledger).log(["last": 1])["lines"]?.arrayValue?.last?["reason"]?
            .stringValue ?? ""
    }

    /// The last line is an X that is EMERGENCY, for this reason.
    func expectEmergency(
        _ reason: String,
        _ location: SourceLocation = #_sourceLocation
    ) throws {
        let last = try HiveView(ledger: engine.ledger).log(["last": 1])["lines"]?.arrayValue?.last
        #expect(last?["verdict"] == "quarantined", sourceLocation: location)
        #expect(last?["violations"] == ["EMERGENCY"], sourceLocation: location)
        let said = last?["reason"]?.stringValue ?? ""
        #expect(said.contains(reason), "\(said)", sourceLocation: location)
    }

    /// The last line was accepted.
    func expectAccepted(_ location: SourceLocation = #_sourceLocation) throws {
        let last = try HiveView(ledger: engine.ledger).log(["last": 1])["lines"]?.arrayValue?.last
        #expect(last?["verdict"] == "accepted", "\(last ?? .null)", sourceLocation: location)
    }

    /// Restart and rebuild give what was lived through, and the audit says nothing twice.
    func expectSameAgain(_ location: SourceLocation = #_sourceLocation) throws {
        harness.close()
        let lived = try harness.history()
        let audit = harness.folder.bytes("pyre_audit.jsonl")
        for rebuilds in [false, true] {
            try harness.open(rebuilds: rebuilds)
            harness.close()
            let again = try harness.history()
            let changes = Set(again.rows).symmetricDifference(lived.rows).sorted()
            #expect(changes == [], "rebuilt: \(rebuilds)", sourceLocation: location)
            #expect(again == lived, "rebuilt: \(rebuilds)", sourceLocation: location)
            #expect(
                String(decoding: harness.folder.bytes("pyre_audit.jsonl"), as: UTF8.self)
                    == String(decoding: audit, as: UTF8.self),
                "rebuilt: \(rebuilds)",
                sourceLocation: location
            )
        }
        try harness.open()
    }
}
