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
        case .hive, nil: []
        case .recall: [.does(.recall, what: name)]
        case .remember: [.does(.remember, what: name)]
        case .read: [.does(.read, what: name)] + files(in: input, folder).map(ToolEffect.name)
        case .search: [.does(.search, what: name)]
        case .edit: edits(name, input, folder)
        case .run: runs(name, input, folder, surroundings)
        }
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
            let command = ["command", "cmd", "script", "commands"].lazy.compactMap({ input[$0] })
                .first
        else { return [.does(.run(.inline), what: name)] }
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
        // An edit of nobody knows what is one of the implementation.
        guard !files.isEmpty else { return [.does(.edit(.code), what: name)] }
        let removes = name.lowercased().contains("delete")
        return files.map { removes ? .delete($0) : .write($0) }
    }

    private static let fileKeys = [
        "file_path", "path", "filePath", "notebook_path", "absolute_path", "target_file",
        "filename", "file", "target_notebook", "notebookPath",
    ]

    /// The files that a tool's arguments name.
    private static func files(in input: JSONValue, _ folder: String) -> [PathTarget] {
        var names = fileKeys.compactMap { input[$0]?.stringValue }
        for list in ["files", "edits", "paths", "changes"] {
            for entry in (input[list]?.arrayValue ?? []).prefix(filesMax) {
                if let name = entry.stringValue { names.append(name) }
                names += fileKeys.compactMap { entry[$0]?.stringValue }
            }
        }
        return names.filter { !$0.isEmpty }.map { PathTarget(path: absolute($0, in: folder)) }
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
