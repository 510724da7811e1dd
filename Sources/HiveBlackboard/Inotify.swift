import Glibc

/// An inotify instance: raw watches in, decoded events out (inotify(7)).
final class Inotify {
    /// One event as the kernel wrote it.
    struct Event: Hashable {
        /// The watch it belongs to; -1 for an overflow of the queue.
        var watch: Int32
        var mask: UInt32
        /// The entry of a watched folder it is about; empty for the watched file itself.
        var name: String

        func has(_ bits: Int32) -> Bool { mask & UInt32(bitPattern: bits) != 0 }
    }

    /// How often one drain reads at most; what is left ends the next wait at once.
    ///
    /// It keeps a thousand busy writers from holding the reader in here for ever.
    static let drainReadsMax = 16

    let number: Int32
    private var buffer = [UInt8](repeating: 0, count: 64 << 10)

    init() throws(BoardError) {
        number = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
        guard number >= 0 else { throw Inotify.failure(-Int(errno), path: "inotify") }
    }

    deinit { _ = close(number) }

    /// Watches what a path means; nil where nothing (or, for a folder, no folder) stands there.
    ///
    /// The same file watched twice has one watch, with the later mask.
    func add(_ path: String, _ mask: Int32) throws(BoardError) -> Int32? {
        let watch = inotify_add_watch(number, path, UInt32(bitPattern: mask))
        if watch >= 0 { return watch }
        let code = errno
        if code == ENOENT || code == ENOTDIR || code == ELOOP { return nil }
        throw Inotify.failure(-Int(code), path: path)
    }

    /// Ends a watch; one that the kernel has already dropped is no error.
    func remove(_ watch: Int32) { _ = inotify_rm_watch(number, watch) }

    /// Takes the pending events, oldest first.
    func drain(_ body: (Event) -> Void) throws(BoardError) {
        for _ in 0..<Self.drainReadsMax {
            let count = read(number, &buffer, buffer.count)
            if count < 0 {
                if errno == EAGAIN { return }
                if errno == EINTR { continue }
                throw Inotify.failure(-Int(errno), path: "inotify")
            }
            Inotify.decode(buffer[..<count], body)
        }
    }

    /// The events in what one read gave: each a header of 16 bytes and a name padded with NULs.
    static func decode(_ bytes: ArraySlice<UInt8>, _ body: (Event) -> Void) {
        let headerBytes = MemoryLayout<inotify_event>.size
        var rest = bytes
        while rest.count >= headerBytes {
            let (watch, mask, nameBytes) = rest.withUnsafeBytes { raw in
                (
                    raw.loadUnaligned(as: Int32.self),
                    raw.loadUnaligned(fromByteOffset: 4, as: UInt32.self),
                    Int(raw.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
                )
            }
            rest = rest.dropFirst(headerBytes)
            let name = String(decoding: rest.prefix(nameBytes).prefix { $0 != 0 }, as: UTF8.self)
            rest = rest.dropFirst(nameBytes)
            body(Event(watch: watch, mask: mask, name: name))
        }
    }

    private static func failure(_ answer: Int, path: String) -> BoardError {
        let hint =
            switch -Int32(truncatingIfNeeded: answer) {
            case ENOSPC: "raise fs.inotify.max_user_watches (sysctl)"
            case EMFILE: "raise fs.inotify.max_user_instances (sysctl), or the limit of open files"
            default: String?.none
            }
        return BoardError(answer: answer, .watch, path: path, hint: hint)
    }
}
