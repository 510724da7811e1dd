import Glibc
import HiveControl

/// The half of a connection that only the loop's thread touches: descriptor and input.
struct SocketPeer {
    let connection: SocketConnection
    /// -1 once closed.
    private(set) var descriptor: Int32
    private var lines = LineBuffer()
    private var input = Input.open
    /// The peer took less than it was offered: to be tried again when poll(2) says so.
    private var isBlocked = false

    private enum Input {
        case open
        /// The end was read; messages may still be in `lines`.
        case ended
        /// Every message is delivered.
        case done
    }

    init(descriptor: Int32, connection: SocketConnection) {
        self.descriptor = descriptor
        self.connection = connection
    }

    /// Nothing is left to do: neither a descriptor nor a task.
    var isOver: Bool { descriptor < 0 && connection.isFinished }

    /// What to ask poll(2) for; it tells of a hang-up unasked.
    var interest: Int16 {
        let reads = input == .open && connection.hasRoom
        return Int16((reads ? POLLIN : 0) | (isBlocked ? POLLOUT : 0))
    }

    /// Does whatever can be done without waiting.
    mutating func settle() {
        deliver()
        if !isBlocked { flush() }
        if descriptor >= 0, connection.mayClose(isBlocked: isBlocked) { close() }
    }

    /// Does what poll(2) said can be done.
    mutating func react(to events: Int16, scratch: UnsafeMutableRawBufferPointer) {
        if events & Int16(POLLOUT) != 0 { isBlocked = false }
        let isHangUp = events & Int16(POLLHUP | POLLERR | POLLNVAL) != 0
        if !isHangUp {
            if events & Int16(POLLIN) != 0 { _ = read(scratch) }
            return
        }
        // What the peer sent before it hung up still counts, as far as there is room.
        while input == .open, connection.hasRoom, read(scratch) { deliver() }
        hangUp()
    }

    /// The loop shuts down: no more is read.
    mutating func end() {
        input = .done
        connection.endOfInput()
        connection.end()
    }

    /// Reads once; false where nothing came.
    private mutating func read(_ scratch: UnsafeMutableRawBufferPointer) -> Bool {
        let count = Glibc.read(descriptor, scratch.baseAddress, scratch.count)
        if count > 0 {
            lines.append(UnsafeRawBufferPointer(rebasing: scratch[..<count]))
        } else if count == 0 {
            input = .ended
        } else if errno != EAGAIN, errno != EINTR {
            hangUp()
        }
        return count > 0
    }

    /// Hands out the messages that there is room for.
    private mutating func deliver() {
        while input != .done, connection.hasRoom {
            do {
                if let message = try lines.next() {
                    connection.deliver(.message(message))
                    continue
                }
            } catch {
                connection.deliver(.unreadable(error))
                return endInput()
            }
            guard input == .ended else { return }
            // `printf '{…}' | nc -U` sends no LF.
            if let rest = lines.finish() { connection.deliver(.message(rest)) }
            endInput()
        }
    }

    private mutating func endInput() {
        input = .done
        lines = LineBuffer()
        connection.endOfInput()
    }

    private mutating func flush() {
        guard descriptor >= 0 else { return }
        let descriptor = descriptor
        // One send a turn, so that a peer which reads fast does not keep the others waiting.
        let left = connection.flush { bytes -> Int? in
            let count = Glibc.send(
                descriptor,
                bytes.baseAddress,
                bytes.count,
                Int32(MSG_NOSIGNAL)
            )
            if count >= 0 { return count }
            return errno == EAGAIN || errno == EINTR ? 0 : nil
        }
        guard let left else { return hangUp() }
        isBlocked = left > 0
    }

    private mutating func hangUp() {
        if input == .open { input = .ended }
        close()
        connection.hangUp()
    }

    private mutating func close() {
        guard descriptor >= 0 else { return }
        Glibc.close(descriptor)
        descriptor = -1
    }
}
