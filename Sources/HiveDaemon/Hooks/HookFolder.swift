import Glibc
import HiveProcess

/// Puts hive's scripts into a repository's folder of hooks, and takes them out.
///
/// What was there stays beside it under another name and goes on running, first. It is moved and
/// never written, so that it comes back as it was, byte for byte.
package struct HookFolder: Sendable {
    /// The folder; absolute.
    package let path: String

    /// Longer hooks are told from hive's by that.
    private static let scriptBytesMax = 16 << 20
    private static let mode: mode_t = 0o755

    /// What became of one hook.
    package struct Change: Sendable, Hashable {
        package var hook: HookName
        /// `installed`, `kept`, `chained`, `removed`, `restored` or `left`.
        package var what: String
        /// For people; empty where the word says it.
        package var note: String
    }

    /// Finds the folder that git takes hooks from.
    ///
    /// Throws exit code 1 where that is outside of the repository, and so other repositories' as
    /// well.
    package static func of(_ place: HookPlace) async throws(HiveError) -> HookFolder {
        let output: Git.Output
        do {
            output = try await place.git.run(
                ["config", "--show-scope", "--type=path", "-z", "--get-all", "core.hooksPath"],
                accepting: [0, 1]
            )
        } catch {
            throw .machine(error.message, hint: error.hint)
        }
        let fields = output.fields.map { String(decoding: $0, as: UTF8.self) }
        // hive's own git is told that there are no hooks; that is the scope `command`.
        let values = stride(from: 0, to: fields.count - 1, by: 2)
            .filter { fields[$0] != "command" }.map { fields[$0 + 1] }
        guard let given = values.last, !given.isEmpty else {
            return HookFolder(path: "\(place.commonFolder)/hooks")
        }
        let path = ResolvedPath.of(given.hasPrefix("/") ? given : "\(place.top)/\(given)")
        let own = [place.top, place.commonFolder].map { ResolvedPath.of($0) }
        guard own.contains(where: { path.hasPrefix($0 + "/") }) else {
            throw .refused(
                "core.hooksPath is \(PlainText.oneLine(given)), which other repositories may share",
                hint: "git config core.hooksPath .git/hooks, link what you need of it there, and "
                    + "install again"
            )
        }
        return HookFolder(path: path)
    }

    // MARK: In

    /// Installs hooks.
    ///
    /// - Parameters:
    ///   - hooks: which.
    ///   - program: where `hive` is; absolute.
    /// - Returns: what became of each.
    /// - Throws: exit code 1 where two earlier hooks of one name are there, 3 where the folder
    ///   cannot be written.
    package func install(
        _ hooks: [HookName],
        program: String
    ) throws(HiveError) -> [Change] {
        if mkdir(path, 0o755) != 0, errno != EEXIST {
            throw failure("make the folder", path, errno)
        }
        let inTheWay = hooks.filter { hook in
            // A tool that writes its script anew has the same there and here.
            exists(file(hook)) && !isOwn(hook) && exists(before(hook))
                && content(hook) != Self.read(before(hook))
        }
        if let hook = inTheWay.first {
            throw .refused(
                "\(file(hook)) is not hive's, and neither is \(before(hook))",
                hint: "keep one of the two; then hive hook install again"
            )
        }
        var changes: [Change] = []
        for hook in hooks {
            let text = HookScript.text(hook, program: program)
            if isOwn(hook), content(hook) == Array(text.utf8) {
                changes.append(Change(hook: hook, what: "kept", note: ""))
                continue
            }
            var chained = exists(before(hook))
            if exists(file(hook)), !isOwn(hook) {
                guard rename(file(hook), before(hook)) == 0 else {
                    throw failure("move", file(hook), errno)
                }
                chained = true
            }
            try write(text, to: hook)
            let note = chained ? "after \(hook.rawValue)\(HookScript.beforeSuffix)" : ""
            changes.append(Change(hook: hook, what: chained ? "chained" : "installed", note: note))
        }
        return changes
    }

    private func write(_ text: String, to hook: HookName) throws(HiveError) {
        try FreshFile.replace(file(hook), Array(text.utf8))
        guard chmod(file(hook), Self.mode) == 0 else {
            throw failure("set the mode of", file(hook), errno)
        }
    }

    // MARK: Out

    /// How other tools call a hook that they found and moved: pre-commit, lefthook.
    private static let movedSuffixes = [".legacy", ".old"]

    /// Takes hive's hooks out and puts back what was there before.
    ///
    /// - Returns: what became of each.
    /// - Throws: exit code 3 where the folder cannot be written.
    package func uninstall() throws(HiveError) -> [Change] {
        var changes: [Change] = []
        for hook in HookName.allCases {
            for moved in Self.movedSuffixes.map({ file(hook) + $0 })
            where Self.isOwn(Self.read(moved), hook) {
                guard unlink(moved) == 0 else { throw failure("remove", moved, errno) }
            }
            if isOwn(hook) {
                guard unlink(file(hook)) == 0 else { throw failure("remove", file(hook), errno) }
                guard exists(before(hook)) else {
                    changes.append(Change(hook: hook, what: "removed", note: ""))
                    continue
                }
                guard rename(before(hook), file(hook)) == 0 else {
                    throw failure("move back", before(hook), errno)
                }
                changes.append(Change(hook: hook, what: "restored", note: ""))
            } else if exists(before(hook)) {
                // Somebody took hive's script away, or wrote over it: most likely a tool that
                // installs its own.
                let content = content(hook)
                if !exists(file(hook)) {
                    guard rename(before(hook), file(hook)) == 0 else {
                        throw failure("move back", before(hook), errno)
                    }
                    changes.append(Change(hook: hook, what: "restored", note: ""))
                } else if content != nil, content == Self.read(before(hook)) {
                    unlink(before(hook))
                    changes.append(Change(hook: hook, what: "restored", note: ""))
                } else {
                    let note = "\(before(hook)) is not what is there now: keep one of the two"
                    changes.append(Change(hook: hook, what: "left", note: note))
                }
            }
        }
        return changes
    }

    /// The hooks of hive's that are in the folder.
    package var installed: [HookName] { HookName.allCases.filter(isOwn) }

    // MARK: Files

    private func file(_ hook: HookName) -> String { "\(path)/\(hook.rawValue)" }

    private func before(_ hook: HookName) -> String { file(hook) + HookScript.beforeSuffix }

    /// True for a link that leads nowhere, too.
    private func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    private func content(_ hook: HookName) -> [UInt8]? { Self.read(file(hook)) }

    private static func read(_ path: String) -> [UInt8]? {
        guard case .bytes(let bytes) = BoundedFile.read(path, bytesMax: scriptBytesMax) else {
            return nil
        }
        return bytes
    }

    private func isOwn(_ hook: HookName) -> Bool { Self.isOwn(content(hook), hook) }

    private static func isOwn(_ content: [UInt8]?, _ hook: HookName) -> Bool {
        guard let bytes = content else { return false }
        let lines = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 2)
        return lines.count > 1
            && lines[1].starts(with: Array("\(HookScript.mark)\(hook.rawValue) hook;".utf8))
    }

    private func failure(_ what: String, _ path: String, _ code: Int32) -> HiveError {
        .machine(
            "cannot \(what) \(PlainText.oneLine(path)): \(BoundedFile.reason(code))",
            hint: "check who owns it"
        )
    }
}
