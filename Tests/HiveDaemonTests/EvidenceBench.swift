@testable import HiveDaemon
import HiveKernel
import HiveSignal
import HiveTestKit
import HiveWitness
import Testing

/// A board whose rules ask for evidence, and a machine that may witness for it.
struct EvidenceBench {
    static let required = "{evidence: required, reactions: {enabled: false}}\n"

    let bench: OverrideBench
    let machine: SecretKey

    init(rules: String = EvidenceBench.required, mode: String? = nil) throws {
        bench = try OverrideBench(mode: mode, rules: rules)
        machine = try SecretKey()
        harness.approve(machine.owner)
    }

    var harness: EngineHarness { bench.harness }
    var engine: Engine { get throws { try harness.live } }

    /// A signed line of a receipt, without LF.
    func receipt(
        _ kind: ReceiptKind,
        _ number: UInt64,
        isProven: Bool = true,
        cycle: Int64 = 1,
        board: String = OverrideBench.board,
        generation: Int64 = 87,
        trace: TraceID? = nil,
        by other: SecretKey? = nil
    ) throws -> String {
        let key = other ?? machine
        let line = WitnessLine(
            claim: WitnessClaim(
                receipt: ReceiptName(number: number),
                kind: kind,
                isProven: isProven,
                tree: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
                boardID: board,
                generation: generation,
                cycle: cycle,
                key: key.owner.fingerprint
            ),
            timestamp: "2025-12-29T10:00:00Z",
            message: "a receipt",
            traceparent: trace.map { "00-\($0.hex)-00000000000000aa-01" }
        )
        return String(decoding: try key.sign(line), as: UTF8.self)
    }

    func say(_ lines: String...) throws { for line in lines { try bench.say(line) } }

    /// The last line as `hive log` has it.
    func last() throws -> JSONValue {
        try HiveView(ledger: engine.ledger).log(["last": 1])["lines"]?.arrayValue?.last ?? .null
    }

    /// What the last line was found to be: the violations that quarantined it, or its warnings.
    func verdict() throws -> String {
        let line = try last()
        let codes = line[line["verdict"] == "accepted" ? "warnings" : "violations"]
        let words =
            [line["verdict"]?.stringValue ?? "?"]
            + (codes?.arrayValue ?? []).compactMap(\.stringValue)
        return words.joined(separator: " ")
    }

    /// The audit's lines of receipts.
    func audited() throws -> [JSONValue] {
        try harness.audit().filter { $0["event"] == "witnessed" }
    }
}
