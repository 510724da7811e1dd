import HiveKernel
import HiveProcess
import HiveWitness

/// A file that a commit changes, as git tells it.
struct CommitChange: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case added, deleted, modified
        /// From this path.
        case renamed([UInt8])
    }

    var kind: Kind
    var path: [UInt8]
    /// The file afterwards; a deleted one has the mode and blob that it had.
    var file: TreeFile
    /// The blob before; nil for a new file.
    var before: String?

    /// For people: one line, nothing that moves a terminal.
    var name: String { PlainText.oneLine(String(decoding: path, as: UTF8.self)) }

    /// What it does, by the parts of the repository.
    ///
    /// A file that is renamed within its part is edited; from one part to another it is taken away
    /// here and new there.
    func actions(_ parts: RepositoryParts) -> [Action] {
        let part = parts.part(of: path)
        switch kind {
        case .added: return [.create(part)]
        case .deleted: return [.delete(part)]
        case .modified: return [.edit(part)]
        case .renamed(let old):
            let former = parts.part(of: old)
            return former == part ? [.edit(part)] : [.delete(former), .create(part)]
        }
    }

    /// True for prose, which is free in every phase.
    func isProse(_ parts: RepositoryParts) -> Bool {
        var file = file
        file.path = path
        if case .renamed(let old) = kind, parts.part(of: old) != .docs { return false }
        return parts.part(of: path) == .docs || TreeParts.isDocument(file)
    }
}

extension CommitChange {
    /// Renames are looked for among so many files.
    private static let renamesMax = 1_000

    /// The words by which git lists changes so that they can be read here.
    static let listing = [
        "--raw", "-z", "--no-abbrev", "--no-ext-diff", "--no-textconv", "-M",
        "-l\(renamesMax)", "--ignore-submodules=dirty",
    ]

    /// Reads what git lists with `--raw -z`.
    ///
    /// Throws exit code 3 for what is no such list.
    static func list(_ fields: [ArraySlice<UInt8>]) throws(HiveError) -> [CommitChange] {
        var changes: [CommitChange] = []
        var rest = fields[...]
        while let head = rest.popFirst() {
            let words = String(decoding: head, as: UTF8.self).split(separator: " ")
            guard words.count == 5, words[0].first == ":", let letter = words[4].first,
                let path = rest.popFirst()
            else { throw unreadable }
            var change = CommitChange(
                kind: .modified,
                path: Array(path),
                file: TreeFile(
                    path: Array(path),
                    mode: TreeFile.Mode(rawValue: String(words[1])) ?? .file,
                    blob: String(words[3])
                ),
                before: String(words[2])
            )
            switch letter {
            case "A":
                change.kind = .added
                change.before = nil
            case "D":
                change.kind = .deleted
                change.file.mode = TreeFile.Mode(rawValue: String(words[0].dropFirst())) ?? .file
                change.file.blob = String(words[2])
            case "R":
                guard let new = rest.popFirst() else { throw unreadable }
                change.kind = .renamed(Array(path))
                change.path = Array(new)
                change.file.path = Array(new)
            default: break
            }
            changes.append(change)
        }
        return changes
    }

    private static var unreadable: HiveError {
        .machine(
            "git lists changes in a form that hive does not know",
            hint: "git --version; hive is tested with 2.36 and newer"
        )
    }
}
