import Glibc

/// A Swift file of the repository.
struct SourceFile {
    /// From the repository's root, as in `Sources/HiveKernel/Gate.swift`.
    var path: String
    var text: SourceText

    init(path: String, _ text: String) {
        self.path = path
        self.text = SourceText(text)
    }

    /// The target's folder under `Sources`; nil for a file of the tests.
    var room: String? {
        let parts = path.split(separator: "/")
        guard parts.count > 2, parts[0] == "Sources" else { return nil }
        return String(parts[1])
    }
}

/// The Swift files under `Sources` and `Tests`, read once.
enum SourceTree {
    static let files = ["Sources", "Tests"].flatMap(files(under:))

    /// The repository's root: three levels above this file, wherever a link to it may lie.
    static let root: String = {
        let resolved = realpath(#filePath, nil)
        defer { free(resolved) }
        let path = resolved.map { String(cString: $0) } ?? #filePath
        return "/" + path.split(separator: "/").dropLast(3).joined(separator: "/")
    }()

    private static func files(under folder: String) -> [SourceFile] {
        entries(of: folder).flatMap { name in
            let path = folder + "/" + name
            guard name.hasSuffix(".swift") else { return files(under: path) }
            return contents(of: path).map { [SourceFile(path: path, $0)] } ?? []
        }
    }

    /// The names in a folder, sorted, hidden ones left out; none for what is no folder.
    private static func entries(of folder: String) -> [String] {
        guard let directory = opendir(root + "/" + folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    private static func contents(of path: String) -> String? {
        guard let file = fopen(root + "/" + path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += chunk[..<count]
        }
    }
}
