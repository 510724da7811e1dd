/// What opens a sealed key: kept out of every description, and never empty.
package struct Passphrase: Sendable, CustomStringConvertible, CustomReflectable {
    /// A longer one is taken for a mistake.
    package static let bytesMax = 1_024

    let bytes: [UInt8]

    /// Nil where there is nothing, or more than `bytesMax`.
    package init?(_ bytes: [UInt8]) {
        guard (1...Self.bytesMax).contains(bytes.count) else { return nil }
        self.bytes = bytes
    }

    /// Whether both are the same.
    package func matches(_ other: Passphrase) -> Bool { bytes == other.bytes }

    package var description: String { "a passphrase" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
