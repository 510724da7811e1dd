import CLinux
import Glibc

/// Wakes the thread that waits in a `BoardWatcher`, from any other (an eventfd).
///
/// Calls before the next wait count once. The watcher and every waker share the descriptor, so it
/// is open for as long as anybody could write to it.
package final class Waker: Sendable {
    let number: Int32

    init() throws(BoardError) {
        number = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard number >= 0 else {
            throw BoardError(answer: -Int(errno), .watch, path: "eventfd")
        }
    }

    deinit { _ = close(number) }

    /// Makes the current or the next wait return with `woken`.
    package func wake() {
        var one: UInt64 = 1
        // It can fail only where the counter is full, and then the wake is already there.
        _ = write(number, &one, MemoryLayout<UInt64>.size)
    }

    /// Takes back every wake so far.
    func clear() {
        var count: UInt64 = 0
        _ = read(number, &count, MemoryLayout<UInt64>.size)
    }
}
