import HiveControl
import HiveKernel
import HiveLedger
import HiveSignal

/// What an ask reads of the board, and writes on it: the daemon's thread, or the engine in this
/// process.
struct AskBoard: Sendable {
    /// What signals are written for.
    struct Standing: Sendable {
        var generation: Int64
        /// True: the rules accept nothing but CloudEvents.
        var asEnvelope: Bool
    }

    var standing: @Sendable () async throws(HiveError) -> Standing
    /// Accepted signals that share words with a text, as JSON on one line each.
    var perceive: @Sendable (String) async throws(HiveError) -> [String]
    /// True where a signal of this id stands on the board.
    var knows: @Sendable (String) async throws(HiveError) -> Bool
    /// Judges lines and appends those that pass: HiveControl's `Method.emit`.
    var emit: @Sendable ([[UInt8]]) async throws(HiveError) -> [JSONValue]

    static func of(_ board: BoardThread) -> AskBoard {
        AskBoard(
            standing: { () throws(HiveError) in try await board.perform { $0.askStanding } },
            perceive: { text throws(HiveError) in
                try await board.perform { engine throws(HiveError) in
                    try engine.perceive(text)
                }
            },
            knows: { identifier throws(HiveError) in
                try await board.perform { engine throws(HiveError) in
                    try engine.knows(identifier)
                }
            },
            emit: { lines throws(HiveError) in
                try await board.emit(lines.map { EmittedLine(bytes: $0) }).map(\.json)
            }
        )
    }

    /// Without a daemon: each call takes the board's lock and lets it go.
    static func local(_ settings: Settings) -> AskBoard {
        @Sendable func apart<Value: Sendable>(
            _ work: @escaping @Sendable (Engine) throws(HiveError) -> Value
        ) async throws(HiveError) -> Value {
            try await DedicatedThread.run {
                Result { () throws(HiveError) in try work(try LocalHive.engine(settings)) }
            }.get()
        }
        return AskBoard(
            standing: { () throws(HiveError) in try await apart { $0.askStanding } },
            perceive: { text throws(HiveError) in
                try await apart { engine throws(HiveError) in try engine.perceive(text) }
            },
            knows: { identifier throws(HiveError) in
                try await apart { engine throws(HiveError) in try engine.knows(identifier) }
            },
            emit: { lines throws(HiveError) in
                let values = lines.map { JSONValue.string(String(decoding: $0, as: UTF8.self)) }
                return try await DedicatedThread.run {
                    Result { () throws(HiveError) in
                        let params: JSONValue = ["lines": .array(values)]
                        return try LocalHive.call(Method.emit, params, settings: settings)
                    }
                }.get()["results"]?.arrayValue ?? []
            }
        )
    }
}

extension Engine {
    fileprivate var askStanding: AskBoard.Standing {
        AskBoard.Standing(
            generation: fold.position.generation,
            asEnvelope: fold.context.rules.requiresEnvelope
        )
    }

    /// How many signals an agent perceives, and how much of each.
    private static let perceivedMax = 5
    private static let perceivedBytesMax = 400

    /// Metrics are left out: an earlier ask's answers, lies among them, must not feed the next.
    fileprivate func perceive(_ text: String) throws(HiveError) -> [String] {
        let ledger = self.ledger
        let end = fold.state.sequence + 1
        let found = try HiveError.wrap {
            try ledger.recall(text: text, before: end, limit: 2 * Self.perceivedMax)
        }
        return found.filter { $0.type != .metric }.prefix(Self.perceivedMax).map { row in
            let line: JSONValue = [
                "id": .string(row.reference.cut(toBytes: Self.perceivedBytesMax)),
                "hive": .string(row.phase.letter),
                "port": .integer(Int64(row.port.rawValue)),
                "msg": .string(row.message.cut(toBytes: Self.perceivedBytesMax)),
            ]
            return line.text
        }
    }

    fileprivate func knows(_ identifier: String) throws(HiveError) -> Bool {
        let ledger = self.ledger
        return try HiveError.wrap { try ledger.signal(identifier: identifier) } != nil
    }
}
