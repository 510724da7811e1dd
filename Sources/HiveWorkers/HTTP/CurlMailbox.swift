import HiveProcess
import CLinux
import Glibc
import Synchronization

/// What tasks hand to the engine's thread; an eventfd wakes it, once for a batch.
final class CurlMailbox: Sendable {
    /// What has come since the thread last looked.
    struct Mail {
        var submitted: [CurlTransfer] = []
        var cancelled: [CurlTransfer] = []
        /// True: nothing is taken any more.
        var isClosed = false
    }

    /// Readable when there is mail.
    let descriptor: Int32
    private let mail = Mutex(Mail())
    /// True: a wake is under way.
    ///
    /// Changed under the lock, which alone would do; but the thread
    /// sanitizer, which does not see `Mutex`, sees by it that requests are handed over in order.
    private let isSignalled = Atomic(false)

    init() throws(WorkerError) {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard descriptor >= 0 else { throw .noDescriptor("an eventfd") }
    }

    deinit { _ = Glibc.close(descriptor) }

    /// Hands a request over; false where the mailbox is closed.
    func submit(_ transfer: CurlTransfer) -> Bool {
        put { mail in mail.submitted.append(transfer) }
    }

    /// Asks for a request to be given up; it may not have been submitted yet, or have ended.
    func cancel(_ transfer: CurlTransfer) {
        _ = put { mail in mail.cancelled.append(transfer) }
    }

    /// Ends it: the thread takes what is there, and ends.
    func close() {
        _ = put { mail in mail.isClosed = true }
    }

    /// Takes what has come, and every wake before it.
    func take() -> Mail {
        // Before the mail is looked at: what comes from now on wakes anew.
        var count: UInt64 = 0
        _ = read(descriptor, &count, MemoryLayout<UInt64>.size)
        return mail.withLock { mail in
            _ = isSignalled.exchange(false, ordering: .acquiringAndReleasing)
            defer { mail = Mail(isClosed: mail.isClosed) }
            return mail
        }
    }

    private func put(_ change: (inout Mail) -> Void) -> Bool {
        let (isTaken, isFirst) = mail.withLock { mail in
            guard !mail.isClosed else { return (false, false) }
            change(&mail)
            return (true, !isSignalled.exchange(true, ordering: .acquiringAndReleasing))
        }
        if isFirst { wake() }
        return isTaken
    }

    private func wake() {
        var one: UInt64 = 1
        // It can fail only where the counter is full, and then the wake is already there.
        _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
    }
}

extension WorkerError {
    /// The system gives no descriptor for what is named.
    static func noDescriptor(_ what: String) -> WorkerError {
        WorkerError(
            message: "cannot make \(what): \(String(cString: strerror(errno)))",
            hint: "raise the limit on open files (ulimit -n)"
        )
    }
}
