import CLinux
import Glibc

/// The way into hive's own sandbox: the `hive` program starts itself with a hidden word, and calls
/// this before it does anything else.
package enum SandboxEntry {
    /// The hidden word, by which `hive` knows that it is to call `enter`.
    package static let word = "sandbox-enter"

    /// The words by which this very program starts itself in the sandbox.
    ///
    /// Nil where it is another program than `hive`, which would not know the word.
    package static var ownWords: [String]? {
        guard let file = ScratchFolder.resolved("/proc/self/exe"), file.hasSuffix("/hive") else {
            return nil
        }
        return [file, word]
    }

    /// Runs the program in the sandbox that the arguments describe, and ends as it does.
    ///
    /// The arguments are those behind the hidden word, as `SandboxPlan` writes them. It does not
    /// return but to throw, where no process could be started.
    package static func enter(arguments: [String]) throws(WitnessError) -> Never {
        var words = arguments.map { strdup($0) }
        words.append(nil)
        guard !words.dropLast().contains(nil) else { throw .failed(to: "start", "the sandbox") }
        _ = words.withUnsafeBufferPointer { pointers in
            clinux_sandbox(Int32(arguments.count), pointers.baseAddress)
        }
        throw .failed(to: "start", "the sandbox")
    }

    /// The version of Landlock (landlock(7)) in the kernel; 0: none.
    package static var landlockVersion: Int { Int(clinux_landlock_version()) }
}
