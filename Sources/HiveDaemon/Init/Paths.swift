import Glibc

/// What stands at a path, symbolic links not followed.
enum PlaceKind {
    case missing, file, folder, link, other

    static func of(_ path: String) -> PlaceKind {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            // Only what is surely not there may be made; the rest fails when it is touched.
            return BoundedFile.isMissing(errno) ? .missing : .other
        }
        return switch status.st_mode & S_IFMT {
        case S_IFREG: .file
        case S_IFDIR: .folder
        case S_IFLNK: .link
        default: .other
        }
    }
}

/// Absolute paths as text.
enum Paths {
    /// The folder that a path stands in.
    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return "/" }
        return String(path[..<slash])
    }

    /// The path without symbolic links, also of what is not there yet: then the folders above it
    /// are followed as far as they are there.
    static func resolved(_ path: String) -> String {
        guard PlaceKind.of(path) == .missing, path != "/" else { return ResolvedPath.of(path) }
        let above = resolved(folder(of: path))
        let name = path.split(separator: "/").last ?? ""
        return above == "/" ? "/\(name)" : "\(above)/\(name)"
    }

    /// The path as somebody in the folder would write it.
    static func shown(_ path: String, from folder: String) -> String {
        path.hasPrefix(folder + "/") ? String(path.dropFirst(folder.count + 1)) : path
    }
}

/// Words for a POSIX shell.
enum ShellWord {
    /// The text as one word: in single quotes where it is not plain.
    static func quoted(_ text: String) -> String {
        let plain = "/._-+:,@%="
        let isPlain = text.unicodeScalars.allSatisfy { scalar in
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9": true
            default: plain.unicodeScalars.contains(scalar)
            }
        }
        if isPlain && !text.isEmpty { return text }
        let parts = text.split(separator: "'", omittingEmptySubsequences: false)
        return "'" + parts.joined(separator: #"'\''"#) + "'"
    }
}
