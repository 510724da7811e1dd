import CEdit
import Glibc

/// Wakes a thread that waits in poll(2), from any thread.
final class Wake: Sendable {
    /// Readable once `signal` was called, until `drain`; -1 where the system gave none.
    let descriptor: Int32

    init() { descriptor = cedit_eventfd() }

    deinit { close(descriptor) }

    func signal() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
    }

    func drain() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, MemoryLayout<UInt64>.size)
    }
}
