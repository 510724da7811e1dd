import Glibc
import HiveControl
import HiveProcess
package import HiveSignal
import HiveWitness

// From a line of code to who wrote it, why, and what showed it
//
// line → commit (git blame) → trailers and the tree's receipts → the trace's signals → the tasks
// that they answer, with prompt and dollars. Each step is told as far as it goes: without a board
// there is still what git alone says.

/// Tells where a line of code comes from.
package struct BlameDesk: Sendable {
    /// Asks a method of the board; nil: the project has none.
    package typealias Board = @Sendable (String, JSONValue) throws(HiveError) -> JSONValue

    private let workingFolder: String
    private let board: Board?

    /// The newest signals of a trace that are told.
    private static let signalsMax: Int64 = 50
    /// So many of them are followed to the task that they answer.
    private static let tasksMax = 8
    /// A file with a NUL in its first bytes is no text, as git takes it.
    private static let probeBytes = 8_000
    private static let fileBytesMax = 64 << 20

    package init(workingFolder: String, board: Board?) {
        self.workingFolder = workingFolder
        self.board = board
    }

    /// What is known of `FILE:LINE`.
    ///
    /// - Returns: `{"file","line","text","commit":{"id","author","email","time","subject","file",`
    ///   `"line"} | null,"trailers":{…},"receipts":[…],"signals":[LogLine…],"tasks":[TASK…],`
    ///   `"dollars": number | null,"notes":[…]}`; without a commit the line is not committed yet.
    /// - Throws: exit code 2 for a place that is none, 3 where the file cannot be read, or git
    ///   fails.
    package func blame(_ place: String) async throws(HiveError) -> JSONValue {
        let (path, line) = try Self.split(place)
        let file = Paths.resolved(path.hasPrefix("/") ? path : "\(workingFolder)/\(path)")
        try Self.requireText(file, path)
        do {
            let repository = try await GitRepository.open(
                Paths.folder(of: file),
                environment: ProcessVariables.places
            )
            let name = Paths.shown(file, from: repository.folder)
            guard name != file else { throw Self.outside(path) }
            let found = try await origin(of: name, line, in: repository.folder)
            var answer: JSONObject = [
                "file": .string(name), "line": .integer(line), "text": .string(found.text),
            ]
            guard let id = found.commit, let commit = try await repository.commit(id) else {
                answer["commit"] = .null
                return .object(answer)
            }
            answer["commit"] = [
                "id": .string(commit.id), "author": .string(commit.author),
                "email": .string(commit.authorEmail),
                "time": .string(Timestamp(seconds: commit.time).rfc3339),
                "subject": .string(commit.subject), "file": .string(found.file),
                "line": .integer(found.line),
            ]
            try await add(commit, in: repository, to: &answer)
            return .object(answer)
        } catch {
            throw HiveError(error)
        }
    }

    // MARK: The place

    private static func split(_ place: String) throws(HiveError) -> (path: String, line: Int64) {
        guard let colon = place.lastIndex(of: ":"), colon > place.startIndex,
            let line = Int64(place[place.index(after: colon)...]), line > 0
        else {
            throw .usage(
                "\(GuardWords.shown(place)) names no line",
                hint: "write FILE:LINE, such as src/main.c:12"
            )
        }
        return (String(place[..<colon]), line)
    }

    private static func requireText(_ file: String, _ path: String) throws(HiveError) {
        let name = GuardWords.shown(path)
        guard !FileProbe.isFolder(file) else {
            throw .usage("\(name) is a folder", hint: "name a file in it, and a line")
        }
        // A pipe would keep us waiting.
        guard PlaceKind.of(file) == .file,
            case .bytes(let bytes) = BoundedFile.read(file, bytesMax: fileBytesMax)
        else {
            throw .machine(
                "\(name) cannot be read as a file",
                hint: "is it there? a name that is not UTF-8 cannot be given here: use git blame"
            )
        }
        guard !bytes.prefix(probeBytes).contains(0) else {
            throw .usage("\(name) is binary: it has no lines", hint: "git log -- \(name)")
        }
    }

    private static func outside(_ path: String) -> HiveError {
        .usage(
            "\(GuardWords.shown(path)) is in no git repository",
            hint: "name a file of a repository"
        )
    }

    // MARK: git

    private struct Origin {
        /// Nil: the line is not committed yet.
        var commit: String?
        /// What the file was called there, and which line it was.
        var file: String
        var line: Int64
        var text: String
    }

    private func origin(
        of name: String,
        _ line: Int64,
        in folder: String
    ) async throws -> Origin {
        var git = Git(folder: folder)
        git.isInBackground = false
        git.configuration = ["blame.ignoreRevsFile=", "blame.showRoot=false"]
        guard let drivers = try await git.namesOfFilterDrivers() else {
            throw HiveError.machine(
                "git's filters in \(GuardWords.shown(folder)) cannot be named",
                hint: "look at git config --get-regexp '^filter\\.'"
            )
        }
        git.filterDrivers = drivers
        let output = try await git.run(
            [
                "blame", "--porcelain", "--no-textconv", "-w", "-M", "-L", "\(line),\(line)", "--",
                name,
            ],
            accepting: [0, 128]
        )
        guard output.code == 0 else {
            let why = output.complaint.replacing("fatal: ", with: "")
            let isShort = why.contains("has only")
            throw HiveError.usage(
                "git cannot say where \(GuardWords.shown(name)):\(line) comes from: \(why)",
                hint: isShort ? "name a line that is there" : "is it added? git status says"
            )
        }
        return Self.origin(output.bytes, name, line)
    }

    /// Reads git's porcelain: a head, `key value` lines, and the line behind a tab.
    private static func origin(_ bytes: [UInt8], _ name: String, _ line: Int64) -> Origin {
        var origin = Origin(commit: nil, file: name, line: line, text: "")
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let head = String(decoding: lines.first ?? [], as: UTF8.self).split(separator: " ")
        if head.count > 1, head[0].contains(where: { $0 != "0" }) {
            origin.commit = String(head[0])
            origin.line = Int64(head[1]) ?? line
        }
        for line in lines.dropFirst() {
            if line.first == 0x09 {
                origin.text = String(decoding: line.dropFirst(), as: UTF8.self)
                break
            }
            let text = String(decoding: line, as: UTF8.self)
            if text.hasPrefix("filename ") {
                origin.file = String(text.dropFirst("filename ".count))
            }
        }
        return origin
    }

    // MARK: What hive knows

    private func add(
        _ commit: CommitInfo,
        in repository: GitRepository,
        to answer: inout JSONObject
    ) async throws {
        let trailers = Trailers(commit.trailers)
        answer["trailers"] = trailers.json
        let named = trailers["hive-receipt"]
        let receipts = try await repository.notes().flatMap { object, note in
            Verifier.receipts(in: note).filter { signed in
                (object == commit.tree && signed.receipt.tree == commit.tree)
                    || named.contains(signed.id)
            }
        }
        answer["receipts"] = .array(
            receipts.sorted { $0.receipt.timestamp < $1.receipt.timestamp }.map { signed in
                var json = signed.json.objectValue ?? [:]
                json["sound"] = .bool(signed.isSound)
                return .object(json)
            }
        )
        guard let trace = trailers.trace else {
            answer["notes"] = ["the commit names no trace (trailer Hive-Trace)"]
            return
        }
        guard let board else {
            answer["notes"] = ["the project has no board here"]
            return
        }
        let log = try board(
            Method.logRead,
            ["trace": .string(trace.hex), "last": .integer(Self.signalsMax)]
        )
        let signals = log["lines"]?.arrayValue ?? []
        answer["signals"] = .array(signals)
        if signals.isEmpty {
            answer["notes"] = ["the trace is not on this board; an earlier generation may have it"]
        }
        let tasks = tasks(of: signals, board)
        answer["tasks"] = .array(tasks)
        let dollars = tasks.compactMap { $0["dollars"]?.doubleValue }
        answer["dollars"] = dollars.isEmpty ? .null : .double(dollars.reduce(0, +))
    }

    /// The tasks that signals answer; a task that this board does not know is passed over.
    private func tasks(of signals: [JSONValue], _ board: Board) -> [JSONValue] {
        var names: [String] = []
        for name in signals.compactMap({ $0["task"]?.stringValue }) where !names.contains(name) {
            names.append(name)
        }
        return names.suffix(Self.tasksMax).flatMap { name in
            (try? board(Method.tasks, ["id": .string(name)]))?["tasks"]?.arrayValue ?? []
        }
    }
}

/// The trailers of a commit's message that are hive's.
private struct Trailers {
    private var values: [(key: String, value: String)] = []

    private static let keys = ["Hive-Phase", "Hive-Trace", "Hive-Receipt", "Hive-Chain"]

    init(_ text: String) {
        for line in text.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let key = Self.keys.first { $0.lowercased() == line[..<colon].lowercased() }
            let value = line[line.index(after: colon)...].drop(while: \.isWhitespace)
            if let key { values.append((key, String(value))) }
        }
    }

    /// The words of all trailers of a key.
    subscript(key: String) -> [String] {
        values.filter { $0.key.lowercased() == key }
            .flatMap { $0.value.split { $0 == " " || $0 == "," }.map(String.init) }
    }

    /// A trace-id, or the one in a traceparent.
    var trace: TraceID? {
        self["hive-trace"].lazy.compactMap { text in
            TraceID(hex: text)
                ?? text.split(separator: "-").dropFirst().first
                .flatMap { TraceID(hex: String($0)) }
        }.first
    }

    var json: JSONValue {
        var object = JSONObject()
        for (key, value) in values where object[key] == nil { object[key] = .string(value) }
        return .object(object)
    }
}
