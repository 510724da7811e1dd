import HiveProcess

// Notes, one for each tree that was witnessed
//
// A note holds lines, and a writer adds one. `git notes append` would lose the line of a writer
// that was as fast, as it sets the ref whatever it is at by then. So the commit is made by `git
// fast-import`, which moves the ref only from the commit that it was told of, in one transaction
// with the ref's old value; who loses begins anew with what the winner left.
//
// The tree of notes has the form that git gives it: the object's id as a name, with folders of two
// digits where there are many. Each form is read; a note stays where it is, a new one goes where
// its neighbours are.

extension GitRepository {
    /// Where receipts are.
    package static let receiptsRef = "refs/notes/hive"
    package static let notesMax = 100_000
    /// Of all notes at once.
    package static let notesBytesMax = 256 << 20
    package static let noteBytesMax = 4 << 20
    package static let noteLineBytesMax = 1 << 20
    /// How often a line is tried to add while others add theirs.
    package static let appendAttemptsMax = 64
    /// From so many notes on git makes folders.
    private static let flatNotesMax = 256

    /// All notes of a ref, by the object that they are on.
    ///
    /// - Throws: `tooLarge` where they are more than the bounds allow.
    package func notes(
        ref: String = receiptsRef
    ) async throws(WitnessError) -> [String: [UInt8]] {
        try requireNotesRef(ref)
        guard let commit = try await resolve(ref + "^{commit}") else { return [:] }
        return try await notes(of: commit)
    }

    /// All notes in a commit of notes, by the object that they are on.
    ///
    /// - Throws: `missing` where it is no commit, `tooLarge` where they are more than the bounds
    ///   allow, `malformed` for a tree that no notes have.
    package func notes(of commit: String) async throws(WitnessError) -> [String: [UInt8]] {
        let output = try await ask(["ls-tree", "-r", "-z", "--full-tree", commit])
        var blobs: [(object: String, blob: String)] = []
        for file in try TreeListing.files(output.fields) where file.mode == .file {
            // Folders only cut the id into pieces; any other name is no note of an object.
            let object = file.name.filter { $0 != "/" }
            if isID(object) { blobs.append((object, file.blob)) }
        }
        guard blobs.count <= Self.notesMax else {
            throw WitnessError(
                .tooLarge,
                "there are more than \(Self.notesMax) notes",
                hint: "git notes --ref hive prune removes those of objects that are gone"
            )
        }
        let contents = try await ask(
            ["cat-file", "--batch"],
            input: Array(blobs.map { $0.blob + "\n" }.joined().utf8),
            bytesMax: Self.notesBytesMax
        )
        var batch = ObjectBatch(contents.bytes)
        var notes: [String: [UInt8]] = [:]
        for (object, blob) in blobs {
            guard let found = batch.next(), found.id == blob, found.type == "blob" else {
                throw missing(blob)
            }
            // Two forms of one id: git joins them, too.
            notes[object] = Self.joined(notes[object] ?? [], Array(found.bytes))
        }
        return notes
    }

    /// Adds a line to the note of an object; nothing where the line is there already.
    ///
    /// The line has no line break; the object is the id of a tree, or of any other object. Throws
    /// `contended` where others were faster each time.
    package func appendNote(
        _ line: [UInt8],
        to object: String,
        ref: String = receiptsRef
    ) async throws(WitnessError) {
        try requireNotesRef(ref)
        guard isID(object), !line.isEmpty, line.count <= Self.noteLineBytesMax,
            !line.contains(UInt8(ascii: "\n"))
        else {
            throw WitnessError(
                .malformed,
                "a note on \(WitnessError.shown(object)) is no line of at most "
                    + "\(Self.noteLineBytesMax) bytes",
                hint: "this is a mistake in hive: please report it"
            )
        }
        for _ in 0..<Self.appendAttemptsMax {
            let state = try await noteState(of: object, ref)
            if state.lines.split(separator: UInt8(ascii: "\n")).contains(line[...]) { return }
            let note = Self.joined(state.lines, line) + [UInt8(ascii: "\n")]
            guard note.count <= Self.noteBytesMax else {
                throw WitnessError(
                    .tooLarge,
                    "the note on \(object) in \(ref) has no room for another line",
                    hint: "git notes --ref \(ref) remove \(object) removes it, and what it proves"
                )
            }
            if try await write(note, at: state, ref) { return }
        }
        throw WitnessError(
            .contended,
            "others wrote to \(ref) each of \(Self.appendAttemptsMax) times",
            hint: "try again when they are done"
        )
    }

    // MARK: One attempt

    private struct NoteState {
        /// The commit that the ref is at; nil: there is no such ref.
        var commit: String?
        /// What the note says now.
        var lines: [UInt8]
        /// Where the note is, or will be.
        var path: String
        /// Where else one of this object is, which goes into the one at `path`.
        var otherPaths: [String]
    }

    private func noteState(
        of object: String,
        _ ref: String
    ) async throws(WitnessError) -> NoteState {
        let flat = object
        guard let commit = try await refCommit(ref) else {
            return NoteState(commit: nil, lines: [], path: flat, otherPaths: [])
        }
        let forms = (0...3).map { Self.path(of: object, folders: $0) }
        let records = try await ask(["ls-tree", "-z", "--full-tree", commit, "--"] + forms).fields
        let found = try TreeListing.files(Array(records)).filter { $0.mode == .file }
        var lines: [UInt8] = []
        for file in found {
            lines = Self.joined(lines, try await blob(file.blob, bytesMax: Self.noteBytesMax))
        }
        if let first = found.first {
            let others = found.dropFirst().map(\.name)
            return NoteState(commit: commit, lines: lines, path: first.name, otherPaths: others)
        }
        let names = try await ask(["ls-tree", "-z", "--name-only", "--full-tree", commit]).fields
        let isFanned = names.count >= Self.flatNotesMax || names.contains { $0.count == 2 }
        let path = Self.path(of: object, folders: isFanned ? 1 : 0)
        return NoteState(commit: commit, lines: [], path: path, otherPaths: [])
    }

    /// The commit that a ref is at.
    ///
    /// - Throws: `unfit` where it is a name for another ref, which is not ours to move.
    private func refCommit(_ ref: String) async throws(WitnessError) -> String? {
        let format = "--format=%(refname) %(objecttype) %(objectname) %(symref)"
        let lines = try await ask(["for-each-ref", format, ref]).text.split(separator: "\n")
        guard let line = lines.first(where: { $0.hasPrefix(ref + " ") }) else { return nil }
        let words = line.split(separator: " ").map(String.init)
        guard words.count == 3, words[1] == "commit", isID(words[2]) else {
            throw WitnessError(
                .unfit,
                "\(ref) is no ref of notes: \(WitnessError.shown(String(line)))",
                hint: "git update-ref --no-deref -d \(ref) removes it"
            )
        }
        return words[2]
    }

    /// - Returns: false where the ref was moved meanwhile.
    private func write(
        _ note: [UInt8],
        at state: NoteState,
        _ ref: String
    ) async throws(WitnessError) -> Bool {
        let message = "a line of hive's\n"
        var stream = "commit \(ref)\ncommitter hive <hive@localhost> now\n"
        stream += "data \(message.utf8.count)\n\(message)"
        if let commit = state.commit { stream += "from \(commit)\n" }
        for path in state.otherPaths { stream += "D \(path)\n" }
        stream += "M 100644 inline \(state.path)\ndata \(note.count)\n"
        let output = try await ask(
            ["fast-import", "--quiet", "--date-format=now"],
            input: Array(stream.utf8) + note + Array("\ndone\n".utf8),
            accepting: [0, 1, 128]
        )
        if output.code == 0 { return true }
        guard try await refCommit(ref) == state.commit else { return false }
        // Nobody moved it: it is not ours to move, or its lock is held just now.
        guard output.complaint.contains("lock") else {
            throw WitnessError(
                .io,
                "git cannot write \(ref): \(output.complaint)",
                hint: "check that \(WitnessError.shown(gitFolder)) may be written"
            )
        }
        return false
    }

    /// The id with so many folders of two digits in front.
    private static func path(of object: String, folders: Int) -> String {
        var rest = object[...]
        var parts: [Substring] = []
        for _ in 0..<folders {
            parts.append(rest.prefix(2))
            rest = rest.dropFirst(2)
        }
        return (parts + [rest]).joined(separator: "/")
    }

    /// One after the other, each on lines of its own.
    private static func joined(_ one: [UInt8], _ other: [UInt8]) -> [UInt8] {
        let isTorn = !one.isEmpty && one.last != UInt8(ascii: "\n")
        return one + (isTorn ? [UInt8(ascii: "\n")] : []) + other
    }

    private func requireNotesRef(_ ref: String) throws(WitnessError) {
        let name = ref.utf8.dropFirst("refs/notes/".utf8.count)
        let isPlain = name.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
                || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
        }
        guard ref.hasPrefix("refs/notes/"), !name.isEmpty, isPlain else {
            throw WitnessError(
                .malformed,
                "\(WitnessError.shown(ref)) is no ref for notes",
                hint: "it is refs/notes/ and a name of letters, digits, - and _"
            )
        }
    }
}
