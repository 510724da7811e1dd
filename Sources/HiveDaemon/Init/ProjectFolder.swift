import Glibc

/// What stands in a project's own folder: looked at, never changed, never followed downwards
/// further than it is asked.
struct ProjectFolder {
    /// A file larger than this is no manifest.
    static let fileBytesMax = 1 << 20
    /// A folder is listed up to here; beyond it nothing new is learnt.
    static let namesMax = 10_000

    /// Absolute.
    let path: String
    private let names: Set<String>

    init(_ path: String) {
        self.path = path
        names = Set(Self.names(of: path))
    }

    /// True for a regular file of this name, or a link to one.
    func has(_ name: String) -> Bool { names.contains(name) && mode(name) == S_IFREG }

    func hasFolder(_ name: String) -> Bool { names.contains(name) && mode(name) == S_IFDIR }

    /// The first of these files that is there.
    func first(of files: [String]) -> String? { files.first(where: has) }

    /// True where a file's name ends so.
    func hasFile(endingIn suffix: String) -> Bool {
        names.contains { $0.hasSuffix(suffix) && has($0) }
    }

    /// The names in a folder inside, in no order.
    func names(in subfolder: String) -> [String] { Self.names(of: path + "/" + subfolder) }

    /// The file's text, bad UTF-8 repaired; nil where it is missing, too large or no regular file.
    func text(_ name: String) -> String? {
        // Only a regular file is opened: a pipe of that name would keep us waiting.
        guard has(name),
            case .bytes(let bytes) = BoundedFile.read(
                path + "/" + name,
                bytesMax: Self.fileBytesMax
            )
        else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The file's lines without their ends; none where there is no text.
    func lines(_ name: String) -> [Substring] {
        text(name)?.split(omittingEmptySubsequences: true, whereSeparator: \.isNewline) ?? []
    }

    /// The kind of what the name leads to (`S_IFMT`); 0 where it leads nowhere.
    private func mode(_ name: String) -> mode_t {
        var status = stat()
        guard stat(path + "/" + name, &status) == 0 else { return 0 }
        return status.st_mode & S_IFMT
    }

    /// The names in a folder but for `.` and `..`, in no order; none where it cannot be read.
    static func names(of folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while names.count < namesMax, let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) {
                    String(cString: $0)
                }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }
}
