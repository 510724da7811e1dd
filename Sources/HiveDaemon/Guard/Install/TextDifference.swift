/// The difference of two texts, as `diff -u` writes it.
enum TextDifference {
    /// Unchanged lines around each change.
    private static let context = 3
    /// Longer texts are told as gone and come.
    private static let linesMax = 4_000

    private struct Edit {
        enum Kind: String {
            case kept = " "
            case removed = "-"
            case added = "+"
        }

        var kind: Kind
        var text: Substring
    }

    /// The lines; none where both are the same.
    ///
    /// Nil stands for no file.
    static func unified(_ before: String?, _ after: String?, name: String) -> [String] {
        guard before != after else { return [] }
        let edits = edits(from: lines(before), to: lines(after))
        let from = before == nil ? "/dev/null" : "a/\(name)"
        let to = after == nil ? "/dev/null" : "b/\(name)"
        return ["--- \(from)", "+++ \(to)"] + hunks(of: edits)
    }

    private static func lines(_ text: String?) -> [Substring] {
        guard let text, !text.isEmpty else { return [] }
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    private static func edits(from old: [Substring], to new: [Substring]) -> [Edit] {
        guard old.count + new.count <= linesMax else {
            return old.map { Edit(kind: .removed, text: $0) }
                + new.map { Edit(kind: .added, text: $0) }
        }
        let difference = new.difference(from: old)
        var removed: Set<Int> = []
        var added: Set<Int> = []
        for change in difference {
            switch change {
            case .remove(let place, _, _): removed.insert(place)
            case .insert(let place, _, _): added.insert(place)
            }
        }
        var edits: [Edit] = []
        var place = 0
        for (line, text) in old.enumerated() {
            if removed.contains(line) {
                edits.append(Edit(kind: .removed, text: text))
                continue
            }
            while added.contains(place) {
                edits.append(Edit(kind: .added, text: new[place]))
                place += 1
            }
            edits.append(Edit(kind: .kept, text: text))
            place += 1
        }
        return edits + new[place...].map { Edit(kind: .added, text: $0) }
    }

    private static func hunks(of edits: [Edit]) -> [String] {
        var shown = [Bool](repeating: false, count: edits.count)
        for (place, edit) in edits.enumerated() where edit.kind != .kept {
            let range = max(0, place - context)...min(edits.count - 1, place + context)
            for near in range { shown[near] = true }
        }
        var lines: [String] = []
        var old = 1
        var new = 1
        var place = 0
        while place < edits.count {
            if shown[place] {
                let hunk = edits[place...].enumerated().prefix { shown[place + $0.offset] }
                    .map(\.element)
                let removed = hunk.count { $0.kind != .added }
                let added = hunk.count { $0.kind != .removed }
                lines.append(
                    "@@ -\(removed == 0 ? old - 1 : old),\(removed)"
                        + " +\(added == 0 ? new - 1 : new),\(added) @@"
                )
                lines += hunk.map { $0.kind.rawValue + $0.text }
                old += removed
                new += added
                place += hunk.count
            } else {
                old += 1
                new += 1
                place += 1
            }
        }
        return lines
    }
}
