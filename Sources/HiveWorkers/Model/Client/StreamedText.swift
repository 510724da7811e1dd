import Synchronization

/// Feeds the reader of one streamed answer on the transport's thread and hands its text on.
final class StreamedText: Sendable {
    private struct State {
        var reader: any ModelStreamReader
        var hasText = false
    }

    private let state: Mutex<State>
    private let onText: @Sendable (String) -> Void

    init(_ reader: any ModelStreamReader, onText: @escaping @Sendable (String) -> Void) {
        state = Mutex(State(reader: reader))
        self.onText = onText
    }

    /// Whether any text was handed on, which a retry has to take back.
    var hasText: Bool { state.withLock { $0.hasText } }

    /// Takes the next bytes; pieces come one after the other, so text keeps its order.
    func read(_ bytes: [UInt8]) {
        let text = state.withLock { state in
            let text = state.reader.read(bytes)
            if !text.isEmpty { state.hasText = true }
            return text
        }
        // Outside the lock: who gets it may do what it likes.
        if !text.isEmpty { onText(text) }
    }

    /// The whole answer, after the last byte.
    func finish(_ response: HTTPResponse) throws(ModelFault) -> ModelAnswer {
        let result = state.withLock { state in
            Result { () throws(ModelFault) in try state.reader.finish(response) }
        }
        return try result.get()
    }
}
