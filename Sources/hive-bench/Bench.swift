import Glibc

/// What the bench may be told.
struct BenchArguments {
    var lines = 1_000_000
    var rivals = "Sources/hive-bench/rivals"
    var hive = ".build/release/hive"
    /// The scripted model endpoint.
    var endpoint = ".build/release/scripted-endpoint"
    /// Nil: every part.
    var only: String?

    init(_ words: ArraySlice<String>) {
        var words = words
        while let word = words.popFirst() {
            switch word {
            case "--lines": lines = words.popFirst().flatMap { Int($0) } ?? lines
            case "--rivals": rivals = words.popFirst() ?? rivals
            case "--hive": hive = words.popFirst() ?? hive
            case "--endpoint": endpoint = words.popFirst() ?? endpoint
            case "--only": only = words.popFirst()
            default:
                Self.fail("unknown argument \(word)", code: 2)
            }
        }
    }

    /// Says why on standard error and ends.
    static func fail(_ problem: String, code: Int32) -> Never {
        let text = Array("hive-bench: \(problem)\n".utf8)
        _ = write(STDERR_FILENO, text, text.count)
        exit(code)
    }
}

/// One run: the corpus, then each part beside its rival, then the table.
struct Bench {
    let arguments: BenchArguments
    let folder: String
    let corpus: Corpus.Files
    var rivals: Rivals { Rivals(sources: arguments.rivals) }

    init(_ arguments: BenchArguments) throws(BenchError) {
        self.arguments = arguments
        folder = ".build/bench"
        for path in [".build", folder] { mkdir(path, 0o755) }
        corpus = Corpus.Files(
            lines: "\(folder)/corpus.jsonl",
            labels: "\(folder)/corpus.labels",
            rows: "\(folder)/corpus.rows"
        )
    }

    func run() async throws {
        print(Table.machine())
        if Self.partsWithCorpus.contains(where: wants) { try writeCorpus() }
        var table = Table()
        if wants("scan") { try measureScan(&table) }
        if wants("ingest") { try measureIngest(&table) }
        if wants("replay") { try measureReplay(&table) }
        if wants("latency") { try measureLatency(&table) }
        if wants("daemon") { try measureDaemon(&table) }
        if wants("workers") { try measureWorkers(&table) }
        if wants("swarm") { try await measureSwarm(&table) }
        if wants("ask") { try measureAsk(&table) }
        if wants("witness") { try measureWitness(&table) }
        if wants("hooks") { try measureHooks(&table) }
        if wants("mcp") { try measureMCP(&table) }
        print("\n" + table.render(), terminator: "")
    }

    private static let partsWithCorpus = ["scan", "ingest", "replay", "latency", "daemon"]

    private func writeCorpus() throws {
        let shape = Corpus.Shape(lines: arguments.lines)
        let summary = try Corpus.write(shape, to: corpus)
        print(
            "corpus:  seed \(shape.seed), \(summary.lines) lines, \(summary.bad) bad, "
                + Table.fixed(Double(summary.bytes) / Double(summary.lines), 1)
                + " bytes a line on average"
        )
    }

    private func wants(_ part: String) -> Bool { arguments.only.map { $0 == part } ?? true }

    /// The rival's program, or nil and a note why not.
    func program(_ rival: Rivals.Rival, _ table: inout Table) -> String? {
        switch rivals.build(rival) {
        case .ready(let path): return path
        case .missing(let reason):
            table.note("no \(rival.rawValue): \(reason)")
            return nil
        }
    }

    /// A file whole in memory.
    func load(_ path: String) throws(BenchError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw BenchError("open \(path)", errno: errno) }
        defer { close(descriptor) }
        let size = Int(lseek(descriptor, 0, SEEK_END))
        var bytes = [UInt8](repeating: 0, count: size)
        var done = 0
        while done < size {
            let count = bytes.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress.map { $0 + done }, size - done, off_t(done))
            }
            guard count > 0 else { throw BenchError("read \(path)", errno: errno) }
            done += count
        }
        return bytes
    }
}
