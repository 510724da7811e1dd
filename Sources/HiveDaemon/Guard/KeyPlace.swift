import HiveSignal

/// The folder of a person's private keys, and what words of a command may mean it.
///
/// A pattern is not expanded: it is held against the paths that matter, so that it makes no
/// difference whether they are there, nor how many others it stands for.
struct KeyPlace: Sendable {
    /// As the environment names it, and without symbolic links.
    private let folders: [String]

    /// What is in it, whether it is there yet or not.
    private static let usual = ["key.json"]

    init(_ folder: String) {
        let resolved = Paths.resolved(folder)
        folders = folder == resolved ? [folder] : [folder, resolved]
    }

    /// True for a path in it; without symbolic links.
    func holds(_ path: String) -> Bool { folders.contains { GuardPlace.holds($0, path) } }

    /// True where the keys are in that folder, or below; `skipsHidden`: by a way without a name
    /// that has a dot in front.
    func isBelow(_ folder: String, skipsHidden: Bool) -> Bool {
        folders.contains { keys in
            GuardPlace.holds(folder, keys) && !(skipsHidden && Self.isHidden(keys, from: folder))
        }
    }

    private static func isHidden(_ path: String, from folder: String) -> Bool {
        path.dropFirst(folder.count).split(separator: "/").contains { $0.first == "." }
    }

    // MARK: Patterns

    /// True where a pattern may stand for the folder, or for a file in it.
    func mayBe(_ pattern: String) -> Bool {
        let paths = folders.flatMap { folder in
            let names = Set(ProjectFolder.names(of: folder)).union(Self.usual)
            return [folder] + names.map { "\(folder)/\($0)" }
        }
        return matches(pattern, anyOf: paths)
    }

    /// True where a pattern may stand for a folder that the keys are below of.
    func mayBeBelow(_ pattern: String, skipsHidden: Bool) -> Bool {
        let above = folders.flatMap { folder in
            sequence(first: folder) { $0 == "/" ? nil : Paths.folder(of: $0) }
                .filter { !(skipsHidden && Self.isHidden(folder, from: $0)) }
        }
        return matches(pattern, anyOf: above)
    }

    private func matches(_ pattern: String, anyOf paths: [String]) -> Bool {
        // Nobody needs so long a pattern who means something else.
        guard pattern.utf8.count <= PathGlob.patternBytesMax else { return true }
        let plain = GuardPlace.withoutDots(pattern)
        let globs = Set([plain, Self.withoutLinks(plain)]).map { PathGlob($0) }
        return paths.contains { path in
            // Globs count from the root.
            let name = Array(path.utf8.dropFirst())
            return globs.contains { $0.matches(name) }
        }
    }

    /// The folders in front of the first sign of a pattern without symbolic links.
    private static func withoutLinks(_ pattern: String) -> String {
        let fixed = pattern.prefix { !"*?[".contains($0) }
        guard let slash = fixed.lastIndex(of: "/"), slash > fixed.startIndex else { return pattern }
        return Paths.resolved(String(fixed[..<slash])) + pattern[slash...]
    }
}
