internal import Glibc

/// Permits that one thread waits for and others give.
package final class Permits: @unchecked Sendable {
    // Unchecked because of the pointer: what is behind it is a POSIX semaphore, which is made to be
    // shared by threads, and lives as long as this.
    private let semaphore: UnsafeMutablePointer<sem_t>

    package init(_ count: UInt32) {
        semaphore = .allocate(capacity: 1)
        semaphore.initialize(to: sem_t())
        sem_init(semaphore, 0, count)
    }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    package func give() { sem_post(semaphore) }

    package func take() { while sem_wait(semaphore) != 0 && errno == EINTR {} }
}
