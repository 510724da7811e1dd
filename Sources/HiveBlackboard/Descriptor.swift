import Glibc

/// An open file descriptor that closes with its last reference.
///
/// Always close-on-exec: a worker that inherited the board's lock would outlive the daemon with it.
final class Descriptor {
    let number: Int32
    private let calls: SystemCalls

    init(_ number: Int32, calls: SystemCalls) {
        self.number = number
        self.calls = calls
    }

    deinit { _ = calls.close(number) }
}
