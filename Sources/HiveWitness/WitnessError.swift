/// Why a key, a pin, a repository or a run is of no use: what happened, where, and the cure.
///
/// A signature that does not verify is none of these; that is an answer.
package struct WitnessError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What went wrong, for code to switch over.
    package enum Code: Sendable, Hashable {
        /// Neither XDG_CONFIG_HOME nor HOME says where keys are kept.
        case homeless
        /// There is no key, or no such thing as was named by its id.
        case missing
        /// A name of git's that stands for nothing: no such revision.
        case unnamed
        /// Something is there already, and nobody asked for it to be replaced.
        case exists
        /// Others than its owner may read or write it.
        case exposed
        /// It is not what hive writes.
        case malformed
        /// The key is sealed, and no passphrase was given.
        case sealed
        /// The passphrase does not open the key.
        case wrongPassphrase
        /// The rules, or a person's word on them, do not let the witness work.
        case unwitnessable
        /// A system call failed, or the random source, or the cipher; or git, or another program.
        case io
        /// It is in a state in which there is no answer, such as an index with conflicts.
        case unfit
        /// There is more of it than its bound allows.
        case tooLarge
        /// Others were faster each time.
        case contended
        /// The task that waited for it was cancelled.
        case cancelled
    }

    package var code: Code
    /// What happened and where, on one line; never a passphrase, never a private key.
    package var message: String
    /// What to do next.
    package var hint: String

    package init(_ code: Code, _ message: String, hint: String) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    package var description: String { "\(message); \(hint)" }
}
