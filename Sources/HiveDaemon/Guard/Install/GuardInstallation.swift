import Glibc
import HiveSignal
import HiveWitness

/// Puts hive into an agent's configuration, and takes it out again.
///
/// What a person has there stays as it is, byte for byte. What was there before the last change is
/// kept in the repository's git folder, so that taking it back is exact where nobody changed the
/// file since.
package struct GuardInstallation: Sendable {
    private let root: String
    private let settings: AgentSettings
    private let path: String

    /// A change that is not made yet.
    package struct Plan: Sendable, Hashable {
        /// From the project's folder.
        package var name: String
        package var path: String
        /// Nil: there is no such file.
        package var before: String?
        /// Nil: the file goes.
        package var after: String?
        fileprivate var isInstall: Bool
        package var changesNothing: Bool { before == after }

        /// What changes, as `diff -u` tells it.
        package var difference: [String] {
            TextDifference.unified(before, after, name: name)
        }
    }

    /// The configuration of an agent in the repository that a folder is in.
    ///
    /// - Throws: exit code 3 where the place is a link, which could lead out of the project.
    package init(
        _ agent: CodingAgent,
        onFailure: GuardDesk.OnFailure = .open,
        workingFolder: String
    ) throws(HiveError) {
        let folder = Paths.resolved(workingFolder)
        root = GitTop.of(folder) ?? folder
        settings = AgentSettings(agent: agent, onFailure: onFailure)
        path = "\(root)/\(settings.path)"
        // One that leads nowhere resolves to itself.
        let parts = sequence(first: path) { $0 == "/" ? nil : Paths.folder(of: $0) }
        guard Paths.resolved(path) == path, !parts.contains(where: { PlaceKind.of($0) == .link })
        else {
            throw .machine(
                "\(settings.path) is a symbolic link, or its folder is one",
                hint: "put a file or a folder of the project's own in its place"
            )
        }
    }

    /// False where the project has neither a rule book nor a board: the guard lets all through.
    package var hasProject: Bool {
        FileProbe.exists("\(root)/\(Verifier.rulesPath)")
            || FileProbe.exists("\(root)/sandbox/obsidianblackboard.jsonl")
    }

    /// What an agent's configuration needs, for a person who writes it by hand.
    package var wanted: String {
        guard settings.agent != .opencode else { return settings.plugin }
        return String(decoding: fresh.bytes, as: UTF8.self) + "\n"
    }

    // MARK: Plans

    /// What installing would change.
    ///
    /// - Throws: exit code 1 for a file that is no plain JSON, or has something else in its place.
    package func install() throws(HiveError) -> Plan {
        let before = try present()
        var plan = Plan(
            name: settings.path,
            path: path,
            before: before,
            after: nil,
            isInstall: true
        )
        if settings.agent == .opencode {
            guard before.map({ $0.contains(AgentSettings.mark) }) ?? true else {
                throw refusal("is another plugin")
            }
            plan.after = settings.plugin
            return plan
        }
        guard let before else {
            plan.after = wanted
            return plan
        }
        plan.after = String(decoding: try added(to: before).bytes, as: UTF8.self)
        return plan
    }

    /// What taking hive out would change.
    ///
    /// - Throws: as `install` does.
    package func uninstall() throws(HiveError) -> Plan {
        let before = try present()
        var plan = Plan(
            name: settings.path,
            path: path,
            before: before,
            after: before,
            isInstall: false
        )
        guard let before else { return plan }
        if let record = record, record.isAfter(before) {
            plan.after = record.before
        } else if settings.agent == .opencode {
            if before.contains(AgentSettings.mark) { plan.after = nil }
        } else {
            let text = try removed(from: before)
            // What hive alone had made goes as a whole.
            let isEmpty = text.outline.members.map { members in
                members.isEmpty || (members.count == 1 && members[0].key == "version")
            }
            let isOwn = settings.agent == .copilot && isEmpty == true
            plan.after = isOwn ? nil : String(decoding: text.bytes, as: UTF8.self)
        }
        return plan
    }

    /// Writes what the plan says, and keeps what was there.
    ///
    /// - Throws: exit code 3.
    package func carryOut(_ plan: Plan) throws(HiveError) {
        guard !plan.changesNothing else { return }
        let kept = record
        if let after = plan.after {
            var status = stat()
            let mode = stat(path, &status) == 0 ? status.st_mode & 0o777 : 0o644
            try Folders.make(Paths.folder(of: path), mode: 0o755)
            try FreshFile.replace(path, Array(after.utf8))
            chmod(path, mode)
        } else if unlink(path) != 0 {
            throw .machine(
                "cannot remove \(path): \(BoundedFile.reason(errno))",
                hint: "remove it by hand"
            )
        }
        guard let recordPath else { return }
        guard plan.isInstall, let after = plan.after else {
            unlink(recordPath)
            // Only an empty folder goes.
            if plan.after == nil { rmdir(Paths.folder(of: path)) }
            return
        }
        // A second installation is taken back together with the first.
        let isRepeated = plan.before.map { text in kept?.isAfter(text) ?? false } ?? false
        let before = isRepeated ? kept?.before : plan.before
        try Folders.make(Paths.folder(of: recordPath), mode: 0o755)
        try FreshFile.replace(
            recordPath,
            Array((Record(before, after: after).json.text + "\n").utf8)
        )
    }

    // MARK: JSON

    private var fresh: JSONText {
        var object = settings.beginning.objectValue ?? [:]
        var hooks = JSONObject()
        for (event, entry) in settings.entries { hooks[event] = [entry] }
        object["hooks"] = .object(hooks)
        var text = JSONText.empty
        for (key, value) in object { text.add(key, value, to: []) }
        return text
    }

    private func parsed(_ text: String) throws(HiveError) -> JSONText {
        // An empty file is what an editor leaves of a new one.
        let isBlank = text.allSatisfy(\.isWhitespace)
        do throws(JSONError) {
            return try JSONText(Array((isBlank ? "{}\n" : text).utf8))
        } catch {
            throw refusal("is \(error)")
        }
    }

    private func added(to before: String) throws(HiveError) -> JSONText {
        var text = try parsed(before)
        guard text.outline.members != nil else { throw refusal("is no JSON object") }
        for (key, value) in settings.beginning.objectValue ?? [:] where text.node([key]) == nil {
            text.add(key, value, to: [])
        }
        if text.node(["hooks"]) == nil { text.add("hooks", [:], to: []) }
        guard text.node(["hooks"])?.members != nil else { throw refusal("has no object at hooks") }
        for (event, entry) in settings.entries {
            let path = ["hooks", event]
            guard let list = text.node(path) else {
                text.add(event, [entry], to: ["hooks"])
                continue
            }
            guard let elements = list.elements else {
                throw refusal("has no array at hooks.\(event)")
            }
            let own = elements.indices.filter { AgentSettings.isOwn(text.value(of: elements[$0])) }
            guard let first = own.first else {
                text.append(entry, to: path)
                continue
            }
            // From the last to the first, as what stands behind moves.
            for place in own.dropFirst().reversed() { text.removeElement(place, from: path) }
            if text.value(of: elements[first]) != entry {
                text.replace(elements[first], with: entry)
            }
        }
        return text
    }

    private func removed(from before: String) throws(HiveError) -> JSONText {
        var text = try parsed(before)
        guard let hooks = text.node(["hooks"])?.members else { return text }
        var changed = false
        for event in hooks.map(\.key) {
            let elements = text.node(["hooks", event])?.elements ?? []
            let own = elements.indices.filter { AgentSettings.isOwn(text.value(of: elements[$0])) }
            guard !own.isEmpty else { continue }
            changed = true
            if own.count == elements.count {
                text.removeMember(event, from: ["hooks"])
            } else {
                for place in own.reversed() { text.removeElement(place, from: ["hooks", event]) }
            }
        }
        if changed, text.node(["hooks"])?.members?.isEmpty == true {
            text.removeMember("hooks", from: [])
        }
        return text
    }

    private func refusal(_ what: String) -> HiveError {
        .refused(
            "\(settings.path) \(what): it stays as it is",
            hint: "hive guard install \(settings.agent.rawValue) --print shows what to add by hand"
        )
    }

    // MARK: Files

    private func present() throws(HiveError) -> String? {
        // A pipe of that name would keep us waiting.
        if case .other = PlaceKind.of(path) { throw refusal("is no regular file") }
        switch BoundedFile.read(path, bytesMax: JSONText.bytesMax) {
        case .bytes(let bytes):
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw refusal("is not UTF-8")
            }
            return text
        case .tooLarge: throw refusal("is larger than \(JSONText.bytesMax) bytes")
        case .failed(let code) where BoundedFile.isMissing(code): return nil
        case .failed(let code):
            throw .machine(
                "cannot read \(path): \(BoundedFile.reason(code))",
                hint: "make it readable for this user"
            )
        }
    }

    /// What a file was before hive changed it.
    private struct Record {
        var before: String?
        var digest: String

        init(_ before: String?, after: String) {
            self.before = before
            digest = TreeDigest.sha256(Array(after.utf8))
        }

        init?(_ json: JSONValue) {
            guard let digest = json["after"]?.stringValue, let before = json["before"] else {
                return nil
            }
            self.digest = digest
            self.before = before.stringValue
        }

        var json: JSONValue { ["after": .string(digest), "before": .optional(before)] }

        func isAfter(_ text: String) -> Bool { TreeDigest.sha256(Array(text.utf8)) == digest }
    }

    private var recordPath: String? {
        guard let folder = GitFolders(of: root).folders.last else { return nil }
        return "\(folder)/hive/guard-\(settings.agent.rawValue).json"
    }

    private var record: Record? {
        guard let recordPath,
            case .bytes(let bytes) = BoundedFile.read(recordPath, bytesMax: 4 * JSONText.bytesMax)
        else { return nil }
        return (try? JSONValue(parsing: bytes)).flatMap(Record.init)
    }
}
