import HiveKernel
import HiveSignal

/// What a call of an agent's tool would do, by its name and what it is given.
enum ToolEffects {
    /// More files than one call of a tool edits.
    private static let filesMax = 10_000

    /// The effects; `kind` is what the rule book says of the tool's name.
    static func of(
        _ name: String,
        _ input: JSONValue,
        _ kind: ActionRules.ToolKind?,
        in folder: String,
        _ surroundings: ShellEffects.Surroundings
    ) -> [ToolEffect] {
        switch kind {
        case .hive: []
        case .other, nil: files(in: input, folder).map(ToolEffect.touch)
        case .recall: [.does(.recall, what: name)] + looks(input, folder)
        case .remember:
            [.does(.remember, what: name)] + files(in: input, folder).map(ToolEffect.touch)
        case .read: [.does(.read, what: name)] + looks(input, folder)
        case .search: [.does(.search, what: name)] + searches(name, input, folder)
        case .edit: edits(name, input, folder)
        case .run: runs(name, input, folder, surroundings)
        }
    }

    // MARK: Tools that look

    private static func looks(_ input: JSONValue, _ folder: String) -> [ToolEffect] {
        files(in: input, folder).map { .name($0.asPattern) }
    }

    /// A search reads what is in a folder; one by names alone does not.
    private static func searches(
        _ name: String,
        _ input: JSONValue,
        _ folder: String
    ) -> [ToolEffect] {
        let isByName = ["glob", "find_file", "file_search"].contains {
            name.lowercased().contains($0)
        }
        let files = files(in: input, folder).map(\.asPattern)
        return files.map { isByName ? .name($0) : .readAll($0, skipsHidden: false) }
    }

    // MARK: Tools that run commands

    private static func runs(
        _ name: String,
        _ input: JSONValue,
        _ folder: String,
        _ surroundings: ShellEffects.Surroundings
    ) -> [ToolEffect] {
        let own = text(input, ["workdir", "cwd", "dir_path", "directory", "working_directory"])
        let folder = own.map { absolute($0, in: folder) } ?? folder
        guard
            let command = ["command", "cmd", "script", "commands", "input"].lazy
                .compactMap({ input[$0] }).first
        else {
            let isTest = name.lowercased().contains("test")
            return [.does(.run(isTest ? .tests : .inline), what: name)]
        }
        if let text = command.stringValue {
            return ShellEffects.of(text, in: folder, surroundings)
        }
        guard let words = command.arrayValue, words.count == words.compactMap(\.stringValue).count,
            !words.isEmpty
        else { return [.does(.run(.inline), what: name)] }
        return ShellEffects.of(words: words.compactMap(\.stringValue), in: folder, surroundings)
    }

    // MARK: Tools that edit

    private static func edits(
        _ name: String,
        _ input: JSONValue,
        _ folder: String
    ) -> [ToolEffect] {
        if input["command"] == "view" { return [.does(.read, what: name)] }
        if let patch = patch(in: input) { return patch.effects(in: folder) }
        let files = files(in: input, folder)
        guard !files.isEmpty else {
            // An edit of nobody knows what is one of the implementation; but many an MCP server
            // writes no files at all.
            return name.hasPrefix("mcp_") ? [] : [.does(.edit(.code), what: name)]
        }
        let removes = ["delete", "remove"].contains { name.lowercased().contains($0) }
        return files.map { removes ? .delete($0) : .write($0) }
    }

    /// The last words of such keys, and whole keys.
    private static let fileWords: Set<String> = [
        "file", "files", "filename", "filenames", "path", "paths", "uri", "uris", "notebook",
    ]
    private static let fileKeys: Set<String> = [
        "source", "destination", "src", "dst", "dest", "target", "targets",
    ]
    /// How deep arguments are looked through for names of files.
    private static let nestingMax = 8

    /// The files that a tool's arguments name.
    ///
    /// Which arguments do is told by their keys: `file_path`, `targetFile`, `edits[].path`.
    private static func files(in input: JSONValue, _ folder: String) -> [PathTarget] {
        var names: [String] = []
        collect(input, isFile: false, depth: 0, into: &names)
        return names.filter { !$0.isEmpty }.map { PathTarget(path: absolute($0, in: folder)) }
    }

    private static func collect(
        _ value: JSONValue,
        isFile: Bool,
        depth: Int,
        into names: inout [String]
    ) {
        guard depth < nestingMax, names.count < filesMax else { return }
        if let text = value.stringValue {
            if isFile, text.hasPrefix("file://") || !text.contains("://") { names.append(text) }
        } else if let list = value.arrayValue {
            for entry in list.prefix(filesMax) {
                collect(entry, isFile: isFile, depth: depth + 1, into: &names)
            }
        } else if let object = value.objectValue {
            for (key, entry) in object {
                collect(entry, isFile: isFileKey(key), depth: depth + 1, into: &names)
            }
        }
    }

    /// True for `path`, `file_path`, `filePath`, `notebook_path`, `relativePath`, `target_file`.
    private static func isFileKey(_ key: String) -> Bool {
        let word = key.split { "_-".contains($0) }.last.map(String.init) ?? ""
        // The last word of a name in camel case begins with its last capital.
        let last = word.lastIndex(where: \.isUppercase).map { String(word[$0...]) } ?? word
        return fileKeys.contains(key) || fileWords.contains(last.lowercased())
    }

    private static func patch(in input: JSONValue) -> PatchText? {
        let text =
            text(input, ["input", "patch", "patchText", "patch_text", "command"])
            ?? input.stringValue
        guard let text else { return nil }
        let patch = PatchText(text)
        return patch.isEmpty ? nil : patch
    }

    private static func text(_ input: JSONValue, _ keys: [String]) -> String? {
        keys.lazy.compactMap { input[$0]?.stringValue }.first { !$0.isEmpty }
    }

    /// As the tools take a path: also one with `file://` in front.
    private static func absolute(_ path: String, in folder: String) -> String {
        let path = path.hasPrefix("file://") ? String(path.dropFirst("file://".count)) : path
        return path.hasPrefix("/") ? path : "\(folder)/\(path)"
    }
}

/// The files of a patch as `apply_patch` takes it, or as `diff -u` writes one.
struct PatchText: Sendable, Hashable {
    private var written: [String] = []
    private var deleted: [String] = []

    var isEmpty: Bool { written.isEmpty && deleted.isEmpty }

    init(_ text: String) {
        // Line by line by the bytes: a carriage return and a line feed are one character to Swift.
        let lines = text.utf8.split(separator: UInt8(ascii: "\n")).map {
            String(Substring($0)).trimmedEnd
        }
        for line in lines {
            if let path = Self.rest(line, "*** Add File: ", "*** Update File: ", "*** Move to: ") {
                written.append(path)
            } else if let path = Self.rest(line, "*** Delete File: ") {
                deleted.append(path)
            }
        }
        guard isEmpty else { return }
        for line in lines {
            guard let path = Self.rest(line, "+++ ", "--- "), path != "/dev/null" else { continue }
            written.append(Self.withoutSide(path))
        }
    }

    func effects(in folder: String) -> [ToolEffect] {
        func target(_ path: String) -> PathTarget {
            PathTarget(path: path.hasPrefix("/") ? path : "\(folder)/\(path)")
        }
        return written.map { .write(target($0)) } + deleted.map { .delete(target($0)) }
    }

    private static func rest(_ line: String, _ starts: String...) -> String? {
        starts.lazy.compactMap { line.hasPrefix($0) ? String(line.dropFirst($0.count)) : nil }.first
    }

    /// `a/` and `b/` in front, and a time behind a tab.
    private static func withoutSide(_ path: String) -> String {
        let path = path.prefix { $0 != "\t" }
        return path.hasPrefix("a/") || path.hasPrefix("b/")
            ? String(path.dropFirst(2)) : String(path)
    }
}

extension String {
    fileprivate var trimmedEnd: String {
        String(reversed().drop(while: \.isWhitespace).reversed())
    }
}
