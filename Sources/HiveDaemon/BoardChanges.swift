import HiveBlackboard

/// Waits for a board to change, where no daemon tells of it.
///
/// Used by one thread. What changes between `init` and the first `wait` ends that wait at once, so
/// whoever looks in between misses nothing.
package final class BoardChanges {
    private let watcher: BoardWatcher

    /// - Throws: exit code 3 where the kernel has no watch left; the hint names the limit to raise.
    package init(_ settings: Settings) throws(HiveError) {
        watcher = try HiveError.wrap { try BoardWatcher(path: ResolvedPath.of(settings.board)) }
    }

    /// Sleeps until the board may be another; whoever wakes looks for themselves.
    package func wait() throws(HiveError) {
        let watcher = watcher
        try HiveError.wrap {
            let wake = try watcher.wait()
            if wake.contains(.folderLost) { try watcher.rewatchFolder() }
            if !wake.isDisjoint(with: [.folderLost, .folderChanged, .overflow]) {
                try watcher.rewatchBoard()
            }
        }
    }
}
