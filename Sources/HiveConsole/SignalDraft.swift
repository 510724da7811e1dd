import Glibc
package import HiveSignal

/// A signal before it is judged; its values may be wrong, the gates say so.
package struct SignalDraft {
    package var timestamp: Timestamp
    package var mark: Double
    package var pull: String
    package var message: String
    package var type: String
    package var phase: String
    package var generation: Int64
    package var port: Int64
    package var identifier: String?
    package var parent: String?
    package var task: String?
    package var agent: String?
    package var traceparent: String?
    /// The id of a receipt.
    package var evidence: String?

    package init(
        timestamp: Timestamp,
        mark: Double,
        pull: String,
        message: String,
        type: String,
        phase: String,
        generation: Int64,
        port: Int64
    ) {
        self.timestamp = timestamp
        self.mark = mark
        self.pull = pull
        self.message = message
        self.type = type
        self.phase = phase
        self.generation = generation
        self.port = port
    }

    /// The board's line, without its LF.
    package var line: String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("ts")
        writer.string(timestamp.rfc3339)
        writer.key("mark")
        writer.double(mark)
        writer.key("pull")
        writer.string(pull)
        writer.key("msg")
        writer.string(message)
        writer.key("type")
        writer.string(type)
        writer.key("hive")
        writer.string(phase)
        writer.key("gen")
        writer.integer(generation)
        writer.key("port")
        writer.integer(port)
        let optional = [
            ("id", identifier), ("parent", parent), ("task", task), ("agent", agent),
            ("traceparent", traceparent), ("evidence", evidence),
        ]
        for case (let key, let value?) in optional {
            writer.key(key)
            writer.string(value)
        }
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// A random W3C traceparent, version 00, sampled.
    ///
    /// Ids that are all zero are not valid.
    package static func newTraceparent() -> String {
        var random = SystemRandomNumberGenerator()
        let trace = TraceID(
            high: random.next(),
            low: UInt64.random(in: 1...UInt64.max, using: &random)
        )
        return traceparent(in: trace.hex)
    }

    /// A traceparent of a new span in a trace.
    package static func traceparent(in trace: String) -> String {
        var random = SystemRandomNumberGenerator()
        let span = TraceID(high: 0, low: UInt64.random(in: 1...UInt64.max, using: &random))
        return "00-\(trace)-\(span.hex.suffix(16))-01"
    }
}

extension Timestamp {
    /// The system's clock.
    package static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(
            seconds: Int64(time.tv_sec),
            nanoseconds: UInt32(truncatingIfNeeded: time.tv_nsec)
        )
    }
}
