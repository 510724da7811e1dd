package import HiveSignal

/// Secrets by their values, so that no worker's chatter puts one on the board.
package struct SecretValues: Sendable {
    /// Shorter values are too likely to be words.
    package static let bytesMin = 8

    /// The longest first: one may be the beginning of another.
    private let values: [String]

    /// Secrets from any source; those that are too short to tell from words are left out.
    package init(_ values: [String]) {
        self.values = values.filter { $0.utf8.count >= Self.bytesMin }
            .sorted { $0.utf8.count > $1.utf8.count }
    }

    /// - `environment`: `NAME=value` and a NUL each; what has a secret's name (`SecretNames`).
    init(in environment: [[UInt8]], and others: [String] = []) {
        let named = environment.compactMap { entry -> String? in
            let entry = entry.prefix { $0 != 0 }
            let name = entry.prefix { $0 != UInt8(ascii: "=") }
            let isSecret = SecretNames.include(String(decoding: name, as: UTF8.self))
            return isSecret
                ? String(decoding: entry.dropFirst(name.count + 1), as: UTF8.self) : nil
        }
        self.init(named + others)
    }

    /// Those of this process's environment, and others that hive holds.
    package static func ofEnvironment(and others: [String] = []) -> SecretValues {
        SecretValues(in: ProcessEnvironment.own, and: others)
    }

    /// What the work at hand must not put into its answer: known before anything is cut, for half
    /// a key is half a leak.
    @TaskLocal package static var ofTheWork = SecretValues([])

    /// The longest one, bytes.
    package var bytesMax: Int { values.first?.utf8.count ?? 0 }

    /// The bytes with every secret in them replaced.
    ///
    /// Byte by byte: what stands before or behind a secret cannot hide it as part of a character.
    package func masked(_ bytes: [UInt8]) -> [UInt8] {
        values.reduce(bytes) { Self.replacing(Array($1.utf8), in: $0) }
    }

    private static func replacing(_ secret: [UInt8], in bytes: [UInt8]) -> [UInt8] {
        let offsets = bytes.offsets(of: secret, max: .max)
        guard !offsets.isEmpty else { return bytes }
        var masked: [UInt8] = []
        var copied = 0
        for offset in offsets {
            masked += bytes[copied..<offset]
            masked += Array("[secret]".utf8)
            copied = offset + secret.count
        }
        return masked + bytes[copied...]
    }

    /// The outcome with every secret in it replaced, in keys too.
    package func masked(_ outcome: Outcome) -> Outcome {
        guard !values.isEmpty else { return outcome }
        var outcome = outcome
        outcome.message = masked(outcome.message)
        outcome.details = masked(outcome.details)
        return outcome
    }

    /// The text with every secret in it replaced.
    package func masked(_ text: String) -> String {
        guard !values.isEmpty else { return text }
        return String(decoding: masked(Array(text.utf8)), as: UTF8.self)
    }

    private func masked(_ object: JSONObject) -> JSONObject {
        var masked: JSONObject = [:]
        for (key, value) in object { masked[self.masked(key)] = self.masked(value) }
        return masked
    }

    private func masked(_ value: JSONValue) -> JSONValue {
        switch value {
        case .string(let text): .string(masked(text))
        case .array(let values): .array(values.map(masked))
        case .object(let object): .object(masked(object))
        default: value
        }
    }
}

extension SecretValues: CustomStringConvertible {
    /// How many there are: a secret is never printed.
    package var description: String { "\(values.count) secrets" }
}

extension SecretValues: CustomReflectable {
    package var customMirror: Mirror { Mirror(self, children: []) }
}
