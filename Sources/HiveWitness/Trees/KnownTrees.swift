import Synchronization

/// Trees that were looked at a moment ago: a range of commits asks for each several times.
///
/// Ids of objects never change their meaning, so that nothing here grows stale.
final class KnownTrees: Sendable {
    private struct State {
        /// The tree of a commit or, of a tree, itself.
        var trees: [String: String] = [:]
        var listed: [String: GitTree] = [:]
        var files = 0
    }

    private let state = Mutex(State())

    /// Beyond so many files all listings are forgotten.
    private static let filesMax = 200_000

    /// The tree that an id of a commit or of a tree stands for; nil: not known.
    func tree(of id: String) -> String? { state.withLock { $0.trees[id] } }

    func listed(_ id: String) -> GitTree? { state.withLock { $0.listed[id] } }

    func note(_ commits: [CommitInfo]) {
        state.withLock { state in
            for commit in commits {
                state.trees[commit.id] = commit.tree
                state.trees[commit.tree] = commit.tree
            }
        }
    }

    func keep(_ tree: GitTree) {
        state.withLock { state in
            if state.files + tree.files.count > Self.filesMax {
                state.listed = [:]
                state.files = 0
            }
            if state.listed.updateValue(tree, forKey: tree.id) == nil {
                state.files += tree.files.count
            }
        }
    }
}
