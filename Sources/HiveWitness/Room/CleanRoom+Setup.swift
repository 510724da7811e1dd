import Crypto
import HiveProcess
import HiveSignal

// Set-up
//
// Dependencies come over the network once for each state of the lock files, and from a copy after
// that. What is kept is all that the set-up left: the home, and what it added to the tree. The
// tree's own files are checked out over the copy, so that they are exact whatever the copy holds.
//
// Paths are the same in every sandbox, so what was installed for one tree works in the next. There
// is no such promise without a sandbox: each tree is set up anew then.

extension CleanRoom {
    /// Puts files into the workplace.
    func prepare(_ place: RoomWorkplace, _ tree: GitTree) async throws(WitnessError) {
        guard let setup = rules.setup, !setup.isEmpty else {
            _ = try await checkOut(tree, place)
            return
        }
        let key = place.sandbox == .unsandboxed ? nil : setupKey(setup, tree, place)
        if let key, try await cache.restore(key, tree: place.treeFolder, home: place.homeFolder) {
            _ = try await checkOut(tree, place)
            return
        }
        let git = try await checkOut(tree, place)
        try await run(setup, place)
        try await requireUnchanged(git)
        if let key {
            try await cache.store(key, tree: place.treeFolder, home: place.homeFolder, but: tree)
        }
    }

    private func checkOut(
        _ tree: GitTree,
        _ place: RoomWorkplace
    ) async throws(WitnessError) -> ScratchGit {
        try await repository.checkOut(
            tree,
            into: place.treeFolder,
            gitFolder: place.scratch.at("git")
        )
    }

    private func run(_ setup: [String], _ place: RoomWorkplace) async throws(WitnessError) {
        let call = RunnerInvocation(words: setup)
        let result = try await place.run(call, reports: nil, withNetwork: true)
        guard result.ending != .exited(0) || result.isOutputCut else { return }
        try place.requireStarted(result, call)
        let reason =
            switch result.ending {
            case _ where result.isOutputCut: "it says more than \(rules.limits.outputBytes) bytes"
            case .exited(let code): "exit code \(code)"
            case .signalled(let number): "signal \(number)"
            case .timedOut: "it took longer than \(Int(rules.limits.seconds)) s"
            }
        let line = PlainText.lastLine(result.errors.isEmpty ? result.output : result.errors)
        throw WitnessError(
            .unfit,
            "the set-up command \(WitnessError.shown(setup.joined(separator: " "))) failed: "
                + reason + (line.isEmpty ? "" : ": \(line)"),
            hint: "run it by hand in a fresh clone; the rules' witness.setup says what it is"
        )
    }

    /// A set-up that edits files would have another tree witnessed than the one that is named.
    private func requireUnchanged(_ git: ScratchGit) async throws(WitnessError) {
        // Files that were only touched are not changed.
        try await git.asker.ask(["update-index", "-q", "--refresh"], accepting: [0, 1])
        let changed = try await git.asker.ask(["diff-files", "--name-only", "-z"]).fields
        guard let first = changed.first else { return }
        throw WitnessError(
            .unfit,
            "the set-up command changed \(WitnessError.shown(Array(first))), a file of the tree"
                + (changed.count > 1 ? ", and \(changed.count - 1) others" : ""),
            hint: "make it leave tracked files alone, as npm ci does and npm install does not; "
                + "or commit what it makes"
        )
    }

    /// What tells one set-up from another: the command, where it runs, the lock files.
    private func setupKey(_ setup: [String], _ tree: GitTree, _ place: RoomWorkplace) -> String {
        let globs = rules.lockFiles.map { PathGlob($0) }
        let locks = tree.files.filter { file in globs.contains { $0.matches(file.path) } }
        var hash = SHA256()
        func add(_ bytes: [UInt8]) {
            // With its length in front: no two lists make one row of bytes.
            hash.update(data: Array("\(bytes.count):".utf8))
            hash.update(data: bytes)
        }
        add(Array("hive set-up 1".utf8))
        add(Array(place.sandbox.rawValue.utf8))
        add(Array(place.surroundings.toolchains.path.joined(separator: ":").utf8))
        add(Array("\(setup.count)".utf8))
        for word in setup { add(Array(word.utf8)) }
        for file in locks {
            add(file.path)
            add(Array("\(file.mode.rawValue) \(file.blob)".utf8))
        }
        return Hex.encode(Array(hash.finalize()))
    }
}
