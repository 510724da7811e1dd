import HiveControl
import HiveLedger
import HiveSignal

// What happens, as it happens: every judged line, and every generation that ends.

extension Engine {
    /// How far the board is judged.
    var tip: VerdictHub.Tip {
        VerdictHub.Tip(
            sequence: sequence,
            generation: fold.position.generation,
            refused: fold.position.refused
        )
    }
}

extension Daemon {
    func follow(_ params: JSONValue, _ sink: ControlSink) async throws(HiveError) {
        try await followLog(
            params,
            onFlip: { try await sink.notify(Method.flipped, $0) },
            onRefused: { try await sink.notify(Method.refused, ["refused": .integer($0)]) },
            { lines in
                for line in lines { try await sink.notify(Method.log, line) }
            }
        )
    }

    /// Gives every judged line after `after` (default: from now on) that the filter lets through,
    /// and every generation that ends from now on.
    func followLog(
        _ params: JSONValue,
        onFlip: @Sendable (JSONValue) async throws -> Void = { _ in },
        onRefused: @Sendable (Int64) async throws -> Void = { _ in },
        _ body: @Sendable ([JSONValue]) async throws -> Void
    ) async throws(HiveError) {
        let filter = try LogFilter(params)
        let start = try await board.perform { $0.tip }
        var cursor = params["after"]?.integerValue ?? start.sequence
        var generation = start.generation
        var refused = start.refused
        for await tip in hub.follow() {
            while cursor < tip.sequence {
                let lines = try view.lines(after: cursor, limit: Self.followedLinesMax, filter)
                do {
                    if !lines.isEmpty { try await body(lines.map(\.json)) }
                } catch {
                    return
                }
                guard let last = lines.last, lines.count == Self.followedLinesMax else {
                    // Lines judged meanwhile may be among them.
                    cursor = max(tip.sequence, lines.last?.sequence ?? tip.sequence)
                    break
                }
                cursor = last.sequence
            }
            do {
                if tip.refused > refused { try await onRefused(tip.refused) }
            } catch {
                return
            }
            refused = max(refused, tip.refused)
            guard tip.generation > generation else { continue }
            let ended = try view.ended(from: generation, before: tip.generation)
            generation = tip.generation
            do {
                for row in ended { try await onFlip(row) }
            } catch {
                return
            }
        }
    }
}

extension HiveView {
    /// The generations that ended, from one on, as `Method.flipped` has them.
    func ended(from first: Int64, before next: Int64) throws(HiveError) -> [JSONValue] {
        guard let ledger else { return [] }
        return try HiveError.wrap { try ledger.generations() }
            .filter { $0.generation >= first && $0.generation < next }
            .map { row in
                [
                    "gen": .integer(row.generation),
                    "next": .integer(row.next),
                    "summary": .string(row.summary),
                    "forced": .bool(row.isForced),
                    "lines": .integer(row.lines),
                    "accepted": .integer(row.accepted),
                    "quarantined": .integer(row.quarantined),
                ]
            }
    }
}
