import Glibc
import HiveBlackboard
import HiveKernel
import HiveSignal

// What surrounds the board: git, personas, the programs that workers run, keys. The machine's own
// part (clock, disk, inotify, lock, socket) is in Doctor+Machine.swift.
//
// A finding is a warning only where something is amiss: what is not there because nobody needs it
// is fine and says so.

extension Doctor {
    /// What the doctor asks of the machine; tests give answers of their own.
    struct Machine: Sendable {
        /// What a program said.
        struct Answer: Sendable {
            var exitCode: Int32
            /// Standard output; bad UTF-8 repaired.
            var output: String
        }

        var now: Timestamp = SystemClock.now()
        /// `PATH`: where programs are looked for.
        var searchPath: String
        /// Where proc(5) is mounted.
        var processFolder = "/proc"
        var user: uid_t = geteuid()
        /// The process that holds a state folder's lock; nil: none, or not to be known.
        var lockHolder: @Sendable (_ folder: String) -> Int32? = { FileLock.holder(folder: $0) }
        /// Runs a program on `PATH` with its arguments to its end; nil: it could not be run, or
        /// did not end.
        var run: @Sendable (_ words: [String]) async -> Answer?

        /// The file of a program as execvp(3) finds it; relative paths start at the folder.
        func program(_ name: String, in folder: String) -> String? {
            if name.utf8.contains(UInt8(ascii: "/")) {
                let path = name.hasPrefix("/") ? name : "\(folder)/\(name)"
                return Self.isProgram(path) ? path : nil
            }
            let folders = searchPath.split(separator: ":")
            return folders.lazy.map { "\($0)/\(name)" }.first(where: Self.isProgram)
        }

        private static func isProgram(_ path: String) -> Bool {
            PlaceKind.of(ResolvedPath.of(path)) == .file && access(path, X_OK) == 0
        }
    }

    /// All findings about what surrounds the board, in the order in which things depend on each
    /// other.
    ///
    /// - `status`: what `status` says; null where it could not be had.
    func surroundings(status: JSONValue, on machine: Machine) async -> [Finding] {
        let rules = (try? RuleBook.load(path: settings.rulesPath)).map(settings.rules(of:))
        var findings = await git(machine)
        findings.append(personas)
        findings.append(testCommand(rules ?? Rules(), machine))
        findings += execWorker(rules ?? Rules(), machine)
        findings += backend
        findings.append(keys)
        findings += await environmentFile(machine)
        return findings + machineFindings(status: status, machine)
    }
}

// MARK: - Git

extension Doctor {
    private func git(_ machine: Machine) async -> [Finding] {
        let folder = settings.workingFolder
        guard machine.program("git", in: folder) != nil,
            let version = await machine.run(["git", "--version"]), version.exitCode == 0
        else {
            return [
                Finding(
                    name: "git",
                    status: .warning,
                    found: "no git on PATH; the built-in tools search and compare with it",
                    cure: "install it, such as with: sudo apt install git"
                )
            ]
        }
        let release = version.output.split(whereSeparator: \.isNewline).first.map(String.init)
        let name = release ?? "git"
        guard await answer(git(["rev-parse", "--show-toplevel"]), machine) == 0 else {
            return [withoutRepository(name)]
        }
        return [
            Finding(name: "git", status: .ok, found: "\(name), \(folder) is in a repository")
        ] + [await ignoredFiles(machine)]
    }

    private func withoutRepository(_ version: String) -> Finding {
        let folder = settings.workingFolder
        // Git refuses repositories of other users (safe.directory, git-config(1)).
        if let top = GitTop.of(ResolvedPath.of(folder)) {
            return Finding(
                name: "git",
                status: .warning,
                found: "\(version) does not accept the repository at \(top)",
                cure: "git -C \(ShellWord.quoted(top)) status says why"
            )
        }
        return Finding(
            name: "git",
            status: .warning,
            found: "\(version), but \(folder) is in no repository; the built-in tools want one",
            cure: "git init \(ShellWord.quoted(folder))"
        )
    }

    /// Whether git would take the board's files into a commit.
    private func ignoredFiles(_ machine: Machine) async -> Finding {
        for path in [settings.board, settings.quarantine, settings.audit] {
            guard let cure = await cureForGitSeeing(path, machine) else { continue }
            return Finding(
                name: "git ignore",
                status: .warning,
                found: "git would commit \(path)",
                cure: cure
            )
        }
        return Finding(name: "git ignore", status: .ok, found: "git leaves the board alone")
    }

    /// What makes git leave a file alone; nil where it does, or where the file is not in the
    /// folder's repository.
    private func cureForGitSeeing(_ path: String, _ machine: Machine) async -> String? {
        // check-ignore: 0 ignored, 1 not, 128 outside of the repository.
        guard await answer(git(["check-ignore", "-q", "--", path]), machine) == 1 else {
            return nil
        }
        let word = ShellWord.quoted(path)
        let isInFolder = path.hasPrefix(settings.workingFolder + "/")
        let isBoards = [settings.board, settings.quarantine, settings.audit].contains(path)
        let ignore =
            isInFolder && isBoards ? "hive init" : "echo \(lastName(path)) >> .gitignore"
        let isTracked =
            await answer(git(["ls-files", "--error-unmatch", "--", path]), machine) == 0
        return isTracked ? "git rm --cached \(word), then: \(ignore)" : ignore
    }

    private func lastName(_ path: String) -> String {
        ShellWord.quoted(Paths.shown(path, from: Paths.folder(of: path)))
    }

    /// A git command in the working folder; what a repository configures must not run.
    private func git(_ words: [String]) -> [String] {
        ["git", "-C", settings.workingFolder, "-c", "core.fsmonitor=false"] + words
    }

    private func answer(_ words: [String], _ machine: Machine) async -> Int32? {
        await machine.run(words)?.exitCode
    }
}

// MARK: - Workers

extension Doctor {
    private var personas: Finding {
        let folder = settings.agentsFolder
        do throws(HiveError) {
            let personas = try Personas.load(
                folder: folder,
                requires: settings.agentsAreExplicit
            )
            let count = Port.all.count { personas.source(of: $0) != Personas.builtInSource }
            let found =
                count == 0
                ? "the eight built-in personas"
                : "\(count) of \(Port.count) personas from \(folder)"
            return Finding(name: "agents", status: .ok, found: found)
        } catch {
            return Finding(
                name: "agents",
                status: .failed,
                found: error.message,
                cure: error.hint
            )
        }
    }

    func testCommand(_ rules: Rules, _ machine: Machine) -> Finding {
        let name = "test command"
        guard let words = rules.test.words, let program = words.first else {
            guard let test = TestCommand.detect(in: ProjectFolder(settings.workingFolder)) else {
                let found = "none is set, and no file here tells of one: port 4 can run no tests"
                return Finding(name: name, status: .ok, found: found)
            }
            let path = settings.rulesPath
            let text = (try? RuleBook.load(path: path).text) ?? ""
            return Finding(
                name: name,
                status: .warning,
                found: "none is set, and \(test.foundBy) tells of one",
                cure: path == nil
                    ? "hive init" : "\(path ?? ""): \(RuleBook.lineToAdd(test, to: text))"
            )
        }
        let key = "witness.test"
        return self.program(program, of: name, words, unfound: .warning, key: key, machine)
    }

    func execWorker(_ rules: Rules, _ machine: Machine) -> [Finding] {
        guard settings.backend == .exec else { return [] }
        let name = "exec worker"
        guard let words = rules.exec.words, let program = words.first else {
            return [
                Finding(
                    name: name,
                    status: .failed,
                    found: "HIVE_BACKEND is exec, and the rules name no command",
                    cure: "say it in specs/rules.yaml: workers: {exec: {command: [claude, -p]}}"
                )
            ]
        }
        let key = "workers.exec.command"
        return [self.program(program, of: name, words, unfound: .failed, key: key, machine)]
    }

    private func program(
        _ program: String,
        of name: String,
        _ words: [String],
        unfound: Finding.Status,
        key: String,
        _ machine: Machine
    ) -> Finding {
        let command = words.joined(separator: " ")
        guard let path = machine.program(program, in: settings.workingFolder) else {
            let place = program.utf8.contains(UInt8(ascii: "/")) ? "a program" : "on PATH"
            return Finding(
                name: name,
                status: unfound,
                found: "\(command): \(program) is not \(place)",
                cure: "install \(program), or change \(key) in \(settings.rulesPath ?? "the rules")"
            )
        }
        return Finding(name: name, status: .ok, found: "\(command) (\(path))")
    }
}

// MARK: - Keys

extension Doctor {
    /// A backend that cannot be put to work; nothing where it can.
    private var backend: [Finding] {
        guard let name = settings.unknownBackend else { return [] }
        let fault = "HIVE_BACKEND is \(RuleValue.quoted(name)), no backend that hive knows"
        let known = Backend.allCases.map(\.rawValue).joined(separator: ", ")
        let cure = "set HIVE_BACKEND to one of \(known), or leave it out"
        return [Finding(name: "backend", status: .failed, found: fault, cure: cure)]
    }

    /// Whether the chosen backend has its key; never what it is.
    private var keys: Finding {
        let backend = settings.backend
        let name = "keys"
        let names = backend.keyNames
        guard !names.isEmpty else {
            let found = "the backend \(backend.rawValue) needs none"
            return Finding(name: name, status: .ok, found: found)
        }
        if let key = names.first(where: settings.secrets.has) {
            return Finding(name: name, status: .ok, found: "\(backend.rawValue) has its \(key)")
        }
        if let address = settings.models.address(of: backend) {
            let found = "none: \(address.name) names a server that may need none"
            return Finding(name: name, status: .ok, found: found)
        }
        let wanted = backend == .direct ? "OPENAI_API_KEY or ANTHROPIC_API_KEY" : names[0]
        return Finding(
            name: name,
            status: .failed,
            found: "the backend \(backend.rawValue) has no \(wanted)",
            cure: "put \(names[0])=… into .env and chmod 600 .env, or choose HIVE_BACKEND=local"
        )
    }

    /// A `.env` with secrets that others can read, or that git would commit.
    private func environmentFile(_ machine: Machine) async -> [Finding] {
        let path = settings.workingFolder + "/.env"
        var status = stat()
        guard stat(path, &status) == 0, Self.holdsSecrets(DotEnv.load(path: path)) else {
            return []
        }
        let word = ShellWord.quoted(path)
        if status.st_mode & 0o077 != 0 {
            return [
                Finding(
                    name: ".env",
                    status: .warning,
                    found: "\(path) holds secrets, and other users may read it",
                    cure: "chmod 600 \(word)"
                )
            ]
        }
        if let cure = await cureForGitSeeing(path, machine) {
            return [
                Finding(
                    name: ".env",
                    status: .warning,
                    found: "\(path) holds secrets, and git would commit it",
                    cure: cure
                )
            ]
        }
        return [Finding(name: ".env", status: .ok, found: "\(path), for its owner only")]
    }

    private static func holdsSecrets(_ file: DotEnv) -> Bool {
        let marks = ["KEY", "TOKEN", "SECRET", "PASSWORD"]
        return file.values.contains { name, value in
            !value.isEmpty && marks.contains { name.uppercased().contains($0) }
        }
    }
}
