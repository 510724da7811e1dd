package import HiveSignal

/// The person's key, as far as a command may know it: neither it nor its passphrase leave the
/// process.
package struct OverrideSigner: Sendable {
    package struct Key: Sendable, Hashable {
        /// 16 hex digits.
        package var fingerprint: String
        /// Whether it takes a passphrase to sign.
        package var isSealed: Bool

        package init(fingerprint: String, isSealed: Bool) {
            self.fingerprint = fingerprint
            self.isSealed = isSealed
        }
    }

    /// The key that signs; throws where there is none, or none that may be used.
    package var key: @Sendable () throws(CommandError) -> Key
    /// The whole line, signed; nil where the passphrase does not open the key.
    package var sign:
        @Sendable (OverrideLine, _ passphrase: [UInt8]?) throws(CommandError) -> [UInt8]?

    package init(
        key: @escaping @Sendable () throws(CommandError) -> Key,
        sign: @escaping @Sendable (OverrideLine, [UInt8]?) throws(CommandError) -> [UInt8]?
    ) {
        self.key = key
        self.sign = sign
    }
}
