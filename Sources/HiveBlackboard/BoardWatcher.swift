import CLinux
import Glibc

// One thread sleeps here until the board may have changed. What is watched:
//
// - the board's file, for new bytes, truncation, renaming, deletion;
// - its folder, for its name being made, taken or given to another file. Events for other names
//   (journals, locks, editors' scratch files) do not end the wait; files that are only written to
//   make no event in the folder at all;
// - the folders above, for being renamed or deleted: then the same path means something else and
//   neither watch says so. Where the folder is gone, the nearest one that exists is watched for
//   the next part of the path to come back;
// - archives of generations that ended lately, for new bytes.
//
// An event is a hint and never the truth: the caller looks at size and identity. So a flag too many
// costs a look; a change without a flag must not happen. For the same reason every watch is added
// before the thing it watches is looked at.

/// Waits for changes of one board by inotify, without a timer.
///
/// Owned by one thread; others use `waker`.
package final class BoardWatcher {
    /// Why a wait ended.
    package struct Wake: OptionSet, Sendable, Hashable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// The file's bytes or metadata: appended, truncated, renamed, unlinked.
        package static let boardChanged = Wake(rawValue: 1 << 0)
        /// What the board's name means in its folder may have changed: compare identities, and
        /// `rewatchBoard()`.
        package static let folderChanged = Wake(rawValue: 1 << 1)
        /// The folder, or one above it, was renamed, deleted or came back: `rewatchFolder()`, then
        /// as for `folderChanged`.
        package static let folderLost = Wake(rawValue: 1 << 2)
        /// The kernel's queue overflowed and events are gone: look at everything again.
        package static let overflow = Wake(rawValue: 1 << 3)
        /// A `Waker` was used.
        package static let woken = Wake(rawValue: 1 << 4)
        /// Nothing happened in the time given.
        package static let timeout = Wake(rawValue: 1 << 5)
    }

    /// What a watch is for.
    private enum Role: Hashable {
        case board
        /// What was the board, and may still be written to.
        case archive(String)
        case folder
        /// A folder above: only its own fate matters.
        case ancestor
        /// The nearest folder there is, where the board's is gone; `next` is to come back in it.
        case parent(next: String)

        var isOfFolders: Bool {
            switch self {
            case .board, .archive: false
            case .folder, .ancestor, .parent: true
            }
        }
    }

    package let path: String
    /// For other threads to end a wait.
    package let waker: Waker

    private let folder: String
    private let name: String
    private let epoll: Descriptor
    private let inotify: Inotify
    private var roles: [Int32: Role] = [:]

    /// Watches the board at a path and its folder, as far as they exist.
    ///
    /// - Parameter path: pass it absolute and resolved: of a link the file is watched and not the
    ///   folder it lies in, and above a relative path no folder is.
    /// - Throws: `noSpace` or `io` where the kernel has no inotify watch or instance left; the hint
    ///   names the limit to raise.
    package init(path: String) throws(BoardError) {
        self.path = path
        folder = Path.folder(of: path)
        name = Path.name(of: path)
        let number = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard number >= 0 else {
            throw BoardError(answer: -Int(errno), .watch, path: path)
        }
        epoll = Descriptor(number, calls: .live)
        inotify = try Inotify()
        waker = try Waker()
        for (source, descriptor) in [(Source.inotify, inotify.number), (.waker, waker.number)] {
            guard clinux_epoll_add(epoll.number, descriptor, source.rawValue) == 0 else {
                throw BoardError(answer: -Int(errno), .watch, path: path)
            }
        }
        try rewatchFolder()
        try rewatchBoard()
    }

    /// Watches the file that the path means now, and no other.
    ///
    /// - Returns: false where there is none; the folder's watch tells when it comes.
    @discardableResult
    package func rewatchBoard() throws(BoardError) -> Bool {
        let bits = IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF
        // No IN_CLOSE_WRITE: every `echo >>` would wake twice.
        let watch = try inotify.add(path, bits)
        drop { role, other in role == .board && other != watch }
        guard let watch else { return false }
        roles[watch] = .board
        return true
    }

    /// Watches these files for new bytes, besides the board, and no others.
    ///
    /// Until a moment ago one of them may have been the board, whose watch it takes then: what the
    /// board's path means now is watched anew.
    ///
    /// - Returns: false where they are watched already.
    package func watchArchives(_ paths: [String]) throws(BoardError) -> Bool {
        let watched = roles.values.compactMap { role -> String? in
            if case .archive(let path) = role { path } else { nil }
        }
        guard Set(watched) != Set(paths) else { return false }
        drop { role, _ in
            if case .archive(let path) = role { !paths.contains(path) } else { false }
        }
        for path in paths where !watched.contains(path) {
            if let watch = try inotify.add(path, IN_MODIFY) { roles[watch] = .archive(path) }
        }
        try rewatchBoard()
        return true
    }

    /// Watches the board's folder and those above it; where it is gone, the nearest there is.
    ///
    /// - Returns: true where the folder itself is watched.
    @discardableResult
    package func rewatchFolder() throws(BoardError) -> Bool {
        drop { role, _ in role.isOfFolders }
        if try add(folder, BoardWatcher.entryBits, .folder) {
            try addAncestors(of: folder)
            return true
        }
        return try addNearestParent()
    }

    /// Sleeps until something may have changed, and takes everything that is pending.
    ///
    /// - Parameter timeoutMilliseconds: nil waits for ever; 0 only looks.
    /// - Returns: what happened; never empty, and `timeout` only alone.
    /// - Throws: `io`, where the kernel refuses.
    package func wait(timeoutMilliseconds: Int? = nil) throws(BoardError) -> Wake {
        let deadline = timeoutMilliseconds.map { ContinuousClock.now + .milliseconds($0) }
        while true {
            let wake = try takePending(waitMilliseconds: BoardWatcher.milliseconds(until: deadline))
            if !wake.isEmpty { return wake }
            if let deadline, ContinuousClock.now >= deadline { return .timeout }
        }
    }
}

// MARK: - Waiting

extension BoardWatcher {
    /// The tokens of the two descriptors in the epoll set.
    private enum Source: UInt32 {
        case inotify, waker
    }

    /// One epoll_wait; empty where nothing of concern happened.
    private func takePending(waitMilliseconds: Int32) throws(BoardError) -> Wake {
        var tokens: [UInt32] = Array(repeating: 0, count: 8)
        let count = clinux_epoll_wait(epoll.number, &tokens, waitMilliseconds)
        guard count >= 0 else {
            if errno == EINTR { return [] }
            throw BoardError(answer: -Int(errno), .watch, path: path)
        }
        var wake: Wake = []
        for token in tokens.prefix(Int(count)) {
            if token == Source.waker.rawValue {
                waker.clear()
                wake.insert(.woken)
            } else {
                try inotify.drain { wake.formUnion(meaning(of: $0)) }
            }
        }
        return wake
    }

    /// -1 for no deadline; rounded up, so that a wait never ends before it.
    private static func milliseconds(until deadline: ContinuousClock.Instant?) -> Int32 {
        guard let deadline else { return -1 }
        let left = (deadline - ContinuousClock.now).components
        guard left.seconds >= 0, left.attoseconds >= 0 else { return 0 }
        guard left.seconds < 1_000_000 else { return 1_000_000_000 }
        let fraction = (left.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        return Int32(left.seconds * 1_000 + fraction)
    }

    private func meaning(of event: Inotify.Event) -> Wake {
        if event.has(IN_Q_OVERFLOW) { return .overflow }
        // A watch that was taken back may have left events in the queue.
        guard let role = roles[event.watch] else { return [] }
        if event.has(IN_IGNORED) { roles[event.watch] = nil }
        let isSelf = event.has(IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT)
        switch role {
        case .board:
            return isSelf ? [.boardChanged, .folderChanged] : .boardChanged
        case .archive: return .boardChanged
        case .folder:
            if isSelf { return .folderLost }
            return event.name == name ? .folderChanged : []
        case .ancestor:
            return isSelf ? .folderLost : []
        case .parent(let next):
            return isSelf || event.name == next ? .folderLost : []
        }
    }
}

// MARK: - Folders

extension BoardWatcher {
    private static let selfBits = IN_DELETE_SELF | IN_MOVE_SELF | BoardWatcher.onlyFolder
    private static let entryBits =
        selfBits | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE
    private static let onlyFolder = Int32(IN_ONLYDIR)

    /// Adds a folder's watch; false where there is no such folder.
    private func add(_ path: String, _ bits: Int32, _ role: Role) throws(BoardError) -> Bool {
        guard let watch = try inotify.add(path, bits) else { return false }
        roles[watch] = role
        return true
    }

    /// Watches the folders above for their own fate.
    ///
    /// One that may not be read (another's home) cannot be watched; its renaming is then not seen,
    /// and nothing can be done about it.
    private func addAncestors(of folder: String) throws(BoardError) {
        var current = folder
        while true {
            let above = Path.folder(of: current)
            guard above != current else { return }
            do {
                _ = try add(above, BoardWatcher.selfBits, .ancestor)
            } catch {
                guard error.code == .unreadable else { throw error }
            }
            current = above
        }
    }

    /// Watches the nearest folder that exists, for the next part of the path to come back in it.
    private func addNearestParent() throws(BoardError) -> Bool {
        // A part may come back while we walk up: look again once the watch is there. A folder that
        // comes and goes faster than this leaves a watch that reports the next change.
        for _ in 0..<BoardWatcher.walksMax {
            var missing = folder
            var above = Path.folder(of: missing)
            while above != missing,
                !(try add(above, BoardWatcher.entryBits, .parent(next: Path.name(of: missing))))
            {
                missing = above
                above = Path.folder(of: missing)
            }
            guard try SystemCalls.live.status(missing, .watch)?.kind == .folder else {
                try addAncestors(of: above)
                return false
            }
            drop { role, _ in role.isOfFolders }
            if try add(folder, BoardWatcher.entryBits, .folder) {
                try addAncestors(of: folder)
                return true
            }
        }
        return false
    }

    private static let walksMax = 16

    /// Ends the watches chosen.
    private func drop(where isChosen: (Role, Int32) -> Bool) {
        for (watch, role) in roles where isChosen(role, watch) {
            inotify.remove(watch)
            roles[watch] = nil
        }
    }
}
