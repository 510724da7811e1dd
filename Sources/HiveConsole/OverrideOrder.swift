package import HiveSignal

/// An override as a person types it: words that are right in themselves, nothing looked up yet.
package enum OverrideOrder: Sendable, Hashable {
    /// `trace` is a trace-id, its beginning, or a traceparent; nil for the generation's own.
    case phase(Phase, trace: String?)
    /// The id of an entry in quarantine, or its beginning.
    case release(String)
    case generation(Int64)
    case port(Port, isMuted: Bool)
    case tampering

    /// The words that stand for an order, in the order of help.
    package static let actions = ["phase", "release", "gen", "port", "tampered"]

    /// From an action and the words behind it.
    ///
    /// Throws exit code 2 for words that make no order.
    package init(
        _ action: String,
        _ words: [String],
        trace: String? = nil
    ) throws(CommandError) {
        if trace != nil && action != "phase" {
            throw .usage("--trace goes with a forced phase only")
        }
        switch action {
        case "phase":
            try Self.expect(words, 1, "override phase V --trace 4bf9")
            self = .phase(try Self.phase(words[0]), trace: trace)
        case "release":
            try Self.expect(words, 1, "override release q-3fa9")
            self = .release(words[0])
        case "gen":
            try Self.expect(words, 1, "override gen 90")
            guard let generation = Int64(words[0]), generation >= 0 else {
                throw .usage("a generation is a whole number: \(words[0])")
            }
            self = .generation(generation)
        case "port":
            try Self.expect(words, 2, "override port 3 mute")
            self = try Self.port(words[0], words[1])
        case "tampered":
            try Self.expect(words, 0, "override tampered")
            self = .tampering
        default:
            throw .usage(
                "no override \(action)",
                hint: "one of " + Self.actions.joined(separator: ", ")
            )
        }
    }

    private static func expect(
        _ words: [String],
        _ count: Int,
        _ example: String
    ) throws(CommandError) {
        guard words.count != count else { return }
        if words.count > count { throw .usage("one word too many: \(words[count])") }
        throw .usage("a word is missing", hint: "e.g. hive \(example)")
    }

    private static func phase(_ word: String) throws(CommandError) -> Phase {
        guard let phase = Phase(letter: word.uppercased()), Phase.cycle.contains(phase) else {
            throw .usage("no phase \(word) can be forced", hint: "H, I, V or E")
        }
        return phase
    }

    private static func port(
        _ number: String,
        _ word: String
    ) throws(CommandError) -> OverrideOrder {
        guard let port = UInt8(number).flatMap({ Port(rawValue: $0) }) else {
            throw .usage("no port \(number)", hint: "0 to 7")
        }
        switch word {
        case "mute": return .port(port, isMuted: true)
        case "unmute": return .port(port, isMuted: false)
        default: throw .usage("a port is muted or unmuted, not \(word)", hint: "mute or unmute")
        }
    }
}
