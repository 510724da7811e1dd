import HiveWitness

/// The line of first parents in a range: what came to it by a merge does not decide for it.
struct Trunk {
    /// The oldest first.
    let commits: [CommitInfo]
    private let byID: [String: CommitInfo]

    /// The commits of a range, a parent before its children.
    init(_ range: [CommitInfo]) {
        let byID = Dictionary(range.map { ($0.id, $0) }) { first, _ in first }
        var line: [CommitInfo] = []
        var next = range.last
        while let commit = next {
            line.append(commit)
            next = commit.parents.first.flatMap { byID[$0] }
        }
        commits = line.reversed()
        self.byID = byID
    }

    /// A commit of the range and all that go before it.
    func history(of id: String) -> Set<String> {
        var history: Set<String> = []
        var open = [id]
        while let id = open.popLast() {
            guard let commit = byID[id], history.insert(id).inserted else { continue }
            open += commit.parents
        }
        return history
    }
}
