import Glibc

/// File names for Tab.
enum FileNames {
    /// Offered at a time.
    private static let countMax = 200

    /// The paths that begin so; folders end in `/`, hidden names are offered when asked for.
    static func beginning(with path: String) -> [String] {
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { String(path[...$0]) } ?? ""
        let name = slash.map { path[path.index(after: $0)...] } ?? path[...]
        guard let directory = opendir(folder.isEmpty ? "." : folder) else { return [] }
        defer { closedir(directory) }
        var found: [String] = []
        while found.count < countMax, let entry = readdir(directory) {
            let file = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard file.hasPrefix(name), file != ".", file != "..",
                name.hasPrefix(".") || !file.hasPrefix("."), SafeText.escaped(file) == file
            else { continue }
            found.append(folder + file + (isFolder(folder + file) ? "/" : ""))
        }
        return found
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
