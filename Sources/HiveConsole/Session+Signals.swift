import HiveControl
import HiveSignal

/// One signal, entry or task: what it is, and why.
extension Session {
    func showAnything(_ words: [String]) throws(CommandError) {
        let id = try oneID(words)
        if id.hasPrefix("q-") { return try showEntry(id) }
        if id.hasPrefix("t-") { return try tasks([id]) }
        let answer = try link.call(Method.why, ["id": .string(id)])
        guard let signal = answer["signal"], !signal.isNull else {
            return show(Rendering.why(answer, on: terminal))
        }
        show(Rendering.whole(signal))
        show([Line(), .advice("what led to it, and what it led to: why \(id)", on: terminal)])
    }

    /// An entry's explanation; a task's asking signal; a signal's causes and effects.
    func why(_ words: [String]) throws(CommandError) {
        let id = try oneID(words)
        show(Rendering.why(try link.call(Method.why, ["id": .string(id)]), on: terminal))
    }

    /// The state as it was after a judged line.
    func at(_ words: [String]) throws(CommandError) {
        let arguments = try Arguments(words)
        try arguments.atMost(1)
        guard let word = arguments.plain.first else {
            throw .usage("no sequence given", hint: "the numbers before the lines of signals")
        }
        let sequence = try Arguments.count(word, name: "a sequence")
        show(Rendering.state(try link.call(Method.at, ["sequence": .integer(sequence)])))
    }

    func showEntry(_ id: String) throws(CommandError) {
        let entry = try link.call(Method.quarantineShow, ["id": .string(id)])
        show(Rendering.entry(entry, on: terminal))
    }

    private func oneID(_ words: [String]) throws(CommandError) -> String {
        let arguments = try Arguments(words)
        try arguments.atMost(1)
        guard let id = arguments.plain.first else {
            throw .usage("no ID given", hint: "q-… (quarantine list), t-… (tasks), s-… or an id")
        }
        return id
    }
}
