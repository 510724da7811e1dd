import Glibc

/// The machine failed under the board or a journal: what was being done, and the cure.
///
/// A bad line is never one of these; that is a verdict.
package struct BoardError: Error, Sendable, Hashable {
    /// What went wrong, for code to switch over.
    package enum Code: Sendable, Hashable {
        /// Nothing at the path.
        case missing
        /// The path is a link that leads nowhere, or in a circle.
        case danglingLink
        case isDirectory
        case isFifo
        /// A socket or a device.
        case notRegular
        /// A part of the path that should be a folder is a file.
        case notAFolder
        /// Not allowed to read it.
        case unreadable
        /// Not allowed to write it.
        case unwritable
        /// Disk full, quota used up, or the file as large as a file may be.
        case noSpace
        /// The filesystem is mounted read-only.
        case readOnly
        /// Something is there that would be overwritten.
        case exists
        /// Two files that must change names are on two filesystems.
        case otherFilesystem
        /// Another process holds the lock; nil where its id cannot be learnt.
        case locked(pid: Int32?)
        /// An append was cut short: so many bytes of so many stand, from `offset` on.
        case shortWrite(standing: Int, of: Int)
        /// Everything else: a failing disk, no descriptors left, …
        case io
    }

    /// What was being done.
    package enum Action: String, Sendable, Hashable {
        case open, create, read, mask, lock, sync, watch
        case append = "append to"
        case cut = "cut the torn end of"
        case look = "look at"
    }

    package var code: Code
    package var action: Action
    package var path: String
    /// The byte at which it happened, where there is one.
    package var offset: Int64?
    /// The call's errno, where a call failed.
    package var errno: Int32?
    /// What to do next.
    package var hint: String

    package init(
        _ code: Code,
        _ action: Action,
        path: String,
        offset: Int64? = nil,
        errno: Int32? = nil,
        hint: String? = nil
    ) {
        self.code = code
        self.action = action
        self.path = path
        self.offset = offset
        self.errno = errno
        self.hint = hint ?? Self.hint(code, action)
    }

    /// From a system call's answer, which is `-errno`.
    init(
        answer: Int,
        _ action: Action,
        path: String,
        offset: Int64? = nil,
        hint: String? = nil
    ) {
        let errno = Int32(truncatingIfNeeded: -answer)
        self.init(
            Self.code(of: errno, action),
            action,
            path: path,
            offset: offset,
            errno: errno,
            hint: hint
        )
    }
}

extension BoardError: CustomStringConvertible {
    /// What could not be done, and why.
    package var summary: String {
        let place = offset.map { " at byte \($0)" } ?? ""
        return "cannot \(action.rawValue) \(path)\(place): \(cause)"
    }

    /// One line: the summary and the cure.
    package var description: String { "\(summary); \(hint)" }

    private var cause: String {
        switch code {
        case .danglingLink: "it is a link that leads nowhere"
        case .isDirectory: "it is a folder"
        case .isFifo: "it is a FIFO"
        case .notRegular: "it is a socket or a device"
        case .notAFolder: "a part of the path is a file, not a folder"
        case .exists: "something is there already"
        case .otherFilesystem: "it is on another filesystem than the board"
        case .locked(let pid?): "process \(pid) holds the lock"
        case .locked(nil): "another process holds the lock"
        case .shortWrite(let standing, let whole):
            "only \(standing) of \(whole) bytes were written"
        case .missing, .unreadable, .unwritable, .noSpace, .readOnly, .io:
            errno.map { String(cString: strerror($0)) } ?? "unexpected end of file"
        }
    }
}

extension BoardError {
    private static func code(of errno: Int32, _ action: Action) -> Code {
        switch errno {
        case ENOENT: .missing
        case ENOTDIR: .notAFolder
        case ELOOP: .danglingLink
        case EISDIR: .isDirectory
        case ENXIO, ENODEV: .notRegular
        case EACCES, EPERM: action.writes ? .unwritable : .unreadable
        case ENOSPC, EDQUOT, EFBIG: .noSpace
        case EROFS: .readOnly
        default: .io
        }
    }

    private static func hint(_ code: Code, _ action: Action) -> String {
        switch code {
        case .missing: "check the path; `hive up` makes what a board needs"
        case .danglingLink: "remove the link or make what it points to"
        case .isDirectory, .isFifo, .notRegular: "name a regular file"
        case .notAFolder: "check the path"
        case .unreadable: "give this user the right to read it"
        case .unwritable: "give this user the right to write it\(action.aftermath)"
        case .noSpace: "free some space, then try again\(action.aftermath)"
        case .readOnly: "mount the filesystem writable\(action.aftermath)"
        case .exists: "move it away, then try again"
        case .otherFilesystem: "keep it beside the board: no mount and no link in between"
        case .locked: "one daemon serves one board: use that one, or stop it with `hive down`"
        case .shortWrite: "free some space; the next append ends the torn line with a newline"
        case .io: "look at the disk and the kernel log, then try again\(action.aftermath)"
        }
    }
}

extension BoardError.Action {
    fileprivate var writes: Bool {
        switch self {
        case .create, .mask, .sync, .append, .cut: true
        case .open, .read, .lock, .watch, .look: false
        }
    }

    /// How the file stands after a failure, where one would ask.
    fileprivate var aftermath: String { self == .append ? ": nothing was written" : "" }
}
