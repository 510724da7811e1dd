import Glibc
import HiveKernel

/// `hive init`: sets a project's folder up and never changes what is there, but for lines that its
/// `.gitignore` lacks.
package struct ProjectSetup: Sendable {
    /// The project's folder: absolute, without symbolic links.
    package let folder: String
    /// As every command run in that folder will have them.
    package let settings: Settings

    /// - Parameters:
    ///   - folder: an existing folder; relative to the working directory, or absolute.
    ///   - environment: what the settings are read from.
    /// - Throws: exit code 2 for an empty path or settings that make no sense, 3 for what is no
    ///   folder.
    package init(
        folder: String,
        environment: [String: String] = Settings.processEnvironment()
    ) throws(HiveError) {
        guard !folder.isEmpty, !folder.utf8.contains(0) else {
            throw .usage("no folder is named", hint: "hive init sets up the working folder")
        }
        self.folder = try Self.resolved(folder)
        settings = try Settings(
            flags: SettingsFlags(),
            environment: environment,
            workingDirectory: self.folder
        )
    }

    /// Looks at the folder and says what there is to do; nothing is changed.
    ///
    /// - Throws: exit code 3 for what stands in the way.
    package func plan() throws(HiveError) -> SetupPlan {
        var plan = SetupPlan()
        let test = TestCommand.detect(in: ProjectFolder(folder))
        // The ignored names first: so nothing of hive's is ever there for git to see.
        try planIgnoreFile(&plan)
        try planSandbox(&plan)
        try planRules(&plan, test)
        try planAgents(&plan)
        plan.warnings += repositoryWarnings
        plan.warnings += settings.warnings.map { SetupPlan.Warning(message: $0, cure: "") }
        return plan
    }

    private static func resolved(_ folder: String) throws(HiveError) -> String {
        guard let real = realpath(folder, nil) else {
            throw .machine(
                "cannot set up \(folder): \(BoundedFile.reason(errno))",
                hint: "name a folder that is there, or make it first with mkdir"
            )
        }
        defer { free(real) }
        let path = String(cString: real)
        guard PlaceKind.of(path) == .folder else {
            throw .machine("cannot set up \(path): it is no folder", hint: "name a folder")
        }
        return path
    }
}

// MARK: - The four things

extension ProjectSetup {
    private func planIgnoreFile(_ plan: inout SetupPlan) throws(HiveError) {
        let name = ".gitignore"
        let path = "\(folder)/\(name)"
        let block = IgnoreBlock(settings: settings, folder: folder)
        switch PlaceKind.of(path) {
        case .missing:
            let text = block.addition(to: "")
            guard !text.isEmpty && !hidesAllBesideTheBoard else { return }
            try requireRoom(for: path)
            let note = "hive's files stay out of git"
            plan.add(name, .made, note: note, work: [.makeFile(path, text: text)])
        case .file:
            let text = try ignoreText(path)
            let addition = block.addition(to: text)
            if addition.isEmpty || hidesAllBesideTheBoard {
                plan.add(name, .kept, note: "hive's files are ignored already")
            } else {
                guard FileProbe.isWritable(path) else {
                    throw Self.unwritable(path)
                }
                let count = block.missing(in: text).count
                plan.add(
                    name,
                    .extended,
                    note: "\(count) \(count == 1 ? "line" : "lines") for hive's files",
                    work: [.append(path, text: addition)]
                )
            }
        case .link:
            throw .machine(
                "\(path) is a symbolic link, and git does not follow one",
                hint: "put a file in its place, then run hive init again"
            )
        case .folder, .other:
            throw .machine("\(path) is no file", hint: "move it away, then run hive init again")
        }
    }

    private func ignoreText(_ path: String) throws(HiveError) -> String {
        switch BoundedFile.read(path, bytesMax: ProjectFolder.fileBytesMax) {
        case .bytes(let bytes) where !bytes.contains(0):
            return String(decoding: bytes, as: UTF8.self)
        case .bytes:
            throw .machine(
                "\(path) is no text that git reads: it has NUL bytes",
                hint: "save it as UTF-8; PowerShell's `>` writes UTF-16"
            )
        case .tooLarge:
            throw .machine(
                "\(path) is larger than \(ProjectFolder.fileBytesMax) bytes",
                hint: "is it a .gitignore? move it away, then run hive init again"
            )
        case .failed(let code):
            throw .machine(
                "cannot read \(path): \(BoundedFile.reason(code))",
                hint: "make it readable for this user"
            )
        }
    }

    /// True where the board's folder has a `.gitignore` of its own that hides all in it.
    private var hidesAllBesideTheBoard: Bool {
        let home = Paths.folder(of: settings.board)
        let isHomeOfAll = [
            settings.quarantine, settings.audit, settings.archive, settings.stateDirectory,
        ].allSatisfy { $0.hasPrefix(home + "/") }
        let lines = ProjectFolder(home).lines(".gitignore")
        return home != folder && isHomeOfAll && lines.contains { $0 == "*" || $0 == "/*" }
    }

    private func planSandbox(_ plan: inout SetupPlan) throws(HiveError) {
        let home = Paths.folder(of: settings.board)
        guard home != folder else { return }
        let shown = Paths.shown(home, from: folder) + "/"
        switch PlaceKind.of(home) {
        case .missing:
            try requireRoom(for: home)
            plan.add(
                shown,
                .made,
                note: "the board's folder; hive up makes the board",
                work: [.makeFolder(home)]
            )
        case .folder: plan.add(shown, .kept, note: "the board's folder")
        case .link where PlaceKind.of(ResolvedPath.of(home)) == .folder:
            plan.add(shown, .kept, note: "a symbolic link to \(ResolvedPath.of(home))")
        case .link, .file, .other:
            throw .machine(
                "\(home) is no folder",
                hint: "move it away, or choose the board's place with BLACKBOARD_PATH"
            )
        }
    }

    private func planRules(_ plan: inout SetupPlan, _ test: TestCommand?) throws(HiveError) {
        let path = rulesPath
        let shown = Paths.shown(path, from: folder)
        switch PlaceKind.of(path) {
        case .missing:
            try requireRoom(for: path)
            let text = try RuleBook.fresh(test: test)
            let note =
                test.map { "test command: \($0.words.joined(separator: " ")) (\($0.foundBy))" }
                ?? "no test command found; name it under witness.test"
            let home = Paths.folder(of: path)
            plan.add(
                shown,
                .made,
                note: note,
                work: [.makeFolder(home), .makeFile(path, text: text)]
            )
        case .link where PlaceKind.of(ResolvedPath.of(path)) != .file:
            throw .machine(
                "\(path) is a symbolic link that leads to no file",
                hint: "remove it, or name another rule book with HIVE_RULES"
            )
        case .file, .link:
            plan.add(shown, .kept, note: "the rule book stays as it is")
            if let warning = warning(ofRulesAt: path, test) { plan.warnings.append(warning) }
        case .folder, .other:
            throw .machine("\(path) is no file", hint: "move it away, then run hive init again")
        }
    }

    /// What is amiss with rules that are there: unreadable, or without the test command.
    private func warning(ofRulesAt path: String, _ test: TestCommand?) -> SetupPlan.Warning? {
        let shown = Paths.shown(path, from: folder)
        do throws(HiveError) {
            let book = try RuleBook.load(path: path)
            guard let test, book.rules.test.words == nil else { return nil }
            return SetupPlan.Warning(
                message: "\(shown) names no test command, and \(test.foundBy) tells of one",
                cure: RuleBook.lineToAdd(test, to: book.text)
            )
        } catch {
            return SetupPlan.Warning(message: error.message, cure: error.hint)
        }
    }

    private func planAgents(_ plan: inout SetupPlan) throws(HiveError) {
        let home = settings.agentsFolder
        let shown = Paths.shown(home, from: folder) + "/"
        let files = Personas.builtInFiles
        let making = files.map {
            SetupPlan.Work.makeFile("\(home)/\($0.name)", text: $0.text)
        }
        switch PlaceKind.of(home) {
        case .missing:
            try requireRoom(for: home)
            let note = "\(files.count) personas"
            plan.add(shown, .made, note: note, work: [.makeFolder(home)] + making)
        case .folder:
            // Hidden files aside: an init that was killed may have left its temporary one.
            let names = Set(ProjectFolder.names(of: home).filter { !$0.hasPrefix(".") })
            guard names.isSubset(of: files.map(\.name)) else {
                plan.add(
                    shown,
                    .kept,
                    note: "it stays as it is; ports without a file there "
                        + "have their built-in personas"
                )
                return
            }
            let missing = zip(files, making).filter { !names.contains($0.0.name) }.map(\.1)
            guard !missing.isEmpty else {
                plan.add(shown, .kept, note: "the personas stay as they are")
                return
            }
            try requireRoom(for: "\(home)/\(files[0].name)")
            let note = "\(missing.count) of \(files.count) personas were missing"
            plan.add(shown, .extended, note: note, work: missing)
        case .link where PlaceKind.of(ResolvedPath.of(home)) == .folder:
            plan.add(shown, .kept, note: "a symbolic link to \(ResolvedPath.of(home))")
        case .link, .file, .other:
            throw .machine(
                "\(home) is no folder",
                hint: "move it away, or choose the personas' place with HIVE_AGENTS_DIR"
            )
        }
    }

    /// Where commands look for the rule book: the environment's, else the usual one.
    var rulesPath: String { settings.rulesPath ?? "\(folder)/specs/rules.yaml" }
}

// MARK: - What stands in the way

extension ProjectSetup {
    /// Refuses a path that could not be made: its folders, as far as they are there, must be real
    /// ones inside the project, and writable.
    ///
    /// A repository may have come with a link to anywhere, and init must not write there.
    func requireRoom(for path: String) throws(HiveError) {
        var above = Paths.folder(of: path)
        while true {
            switch PlaceKind.of(above) {
            case .folder:
                guard FileProbe.isWritable(above) else { throw Self.unwritable(above) }
                return
            case .missing where above != "/":
                above = Paths.folder(of: above)
            case .link where !above.hasPrefix(folder + "/"):
                above = ResolvedPath.of(above)
            case .link:
                throw .machine(
                    "\(above) is a symbolic link, and init writes into real folders only",
                    hint: "put a folder in its place, then run hive init again"
                )
            case .file, .other, .missing:
                throw .machine(
                    "\(above) is no folder",
                    hint: "move it away, then run hive init again"
                )
            }
        }
    }

    private static func unwritable(_ path: String) -> HiveError {
        .machine(
            "this user cannot write \(path)",
            hint: "ls -ld \(ShellWord.quoted(path)) shows who can; make it writable, then run "
                + "hive init again"
        )
    }

    private var repositoryWarnings: [SetupPlan.Warning] {
        guard let top = GitTop.of(folder) else {
            return [
                SetupPlan.Warning(
                    message: "\(folder) is in no git repository, and the built-in tools want one",
                    cure: "git init \(ShellWord.quoted(folder))"
                )
            ]
        }
        guard top != folder else { return [] }
        return [
            SetupPlan.Warning(
                message: "\(folder) is inside the git repository \(top), and git hooks run at "
                    + "its top level",
                cure: "hive init \(ShellWord.quoted(top)) to guard all of it"
            )
        ]
    }
}
