import Glibc

/// The C and C++ programs that hive is measured against: found, compiled when needed, run.
///
/// A rival that cannot be built (no compiler, no headers) is left out of the table and the reason
/// told; the bench goes on.
struct Rivals {
    /// A program in `Sources/hive-bench/rivals`; the raw value is its name.
    enum Rival: String, CaseIterable {
        case scan = "scan_simdjson"
        case insert = "insert_sqlite"
        case reader = "inotify_reader"
        case writer = "append_writer"
        case scatter = "curl_multi"

        fileprivate var isCxx: Bool { self == .scan }

        fileprivate var libraries: [String] {
            switch self {
            case .scan: ["-lsimdjson"]
            case .insert: ["-lsqlite3"]
            case .scatter: ["-lcurl"]
            case .reader, .writer: []
            }
        }

        /// The Debian package that brings the headers.
        fileprivate var package: String {
            switch self {
            case .scan: "libsimdjson-dev"
            case .insert: "libsqlite3-dev"
            case .scatter: "libcurl4-openssl-dev"
            case .reader, .writer: "libc6-dev"
            }
        }
    }

    /// A rival, or why there is none.
    enum Availability {
        /// The path of the program.
        case ready(String)
        case missing(reason: String)
    }

    /// Where the sources are.
    let sources: String
    /// Where the programs go; made if it is not there (its parent must be).
    let programs: String

    private static let compileSecondsMax = 300

    init(sources: String = "Sources/hive-bench/rivals", programs: String = ".build/rivals") {
        self.sources = sources
        self.programs = programs
    }

    /// The program, compiled anew where its source is newer.
    func build(_ rival: Rival) -> Availability {
        let source = "\(sources)/\(rival.rawValue).\(rival.isCxx ? "cpp" : "c")"
        let program = "\(programs)/\(rival.rawValue)"
        guard let written = Self.modified(source) else {
            return .missing(reason: "no \(source); say where with --rivals DIR")
        }
        if let built = Self.modified(program), built > written { return .ready(program) }
        guard mkdir(programs, 0o755) == 0 || errno == EEXIST else {
            return .missing(reason: "\(BenchError("make the folder \(programs)", errno: errno))")
        }
        do {
            try Self.compile(rival, source, to: program)
            return .ready(program)
        } catch {
            return .missing(reason: "\(error)")
        }
    }

    /// Runs a program to its end and takes the figures it prints, a `name value` on each line.
    ///
    /// - Throws: Where it fails, or is not done in `seconds`.
    static func run(
        _ program: String,
        _ arguments: [String],
        within seconds: Int
    ) throws(BenchError) -> Figures {
        let ending = try Child(program, arguments).finish(within: seconds)
        return try figures(of: program, ending)
    }

    /// The figures of a child that ended.
    static func figures(of program: String, _ ending: Child.Ending) throws(BenchError) -> Figures {
        guard ending.code == 0 else {
            throw BenchError(
                "\(program) ended with \(ending.code)",
                hint: "its message is on standard error"
            )
        }
        return Figures(ending.output)
    }

    /// Compiles to a name beside the program and renames, so that a half-written program is never
    /// used.
    ///
    /// No -march: simdjson chooses its kernel for the processor at run time.
    private static func compile(
        _ rival: Rival,
        _ source: String,
        to program: String
    ) throws(BenchError) {
        let compiler =
            rival.isCxx ? variable("CXX") ?? "c++" : variable("CC") ?? "cc"
        let draft = "\(program).\(getpid())"
        let standard = rival.isCxx ? "-std=c++17" : "-std=gnu11"
        let arguments = [standard, "-O2", "-DNDEBUG", source] + rival.libraries + ["-o", draft]
        let ending: Child.Ending
        do {
            ending = try Child(compiler, arguments, mergesErrors: true)
                .finish(within: compileSecondsMax)
        } catch {
            throw BenchError(error.problem, hint: "apt-get install build-essential")
        }
        guard ending.code == 0 else {
            unlink(draft)
            let lines = ending.output.split(separator: "\n")
            let why = lines.first { $0.contains("error") } ?? lines.first ?? "no message"
            throw BenchError(
                "\(compiler) refused \(source): \(why)",
                hint: "apt-get install \(rival.package)"
            )
        }
        guard rename(draft, program) == 0 else { throw BenchError("rename \(draft)", errno: errno) }
    }

    private static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    /// Nanoseconds since 1970 of the last change; nil where there is no such file.
    private static func modified(_ path: String) -> Int64? {
        var facts = stat()
        guard stat(path, &facts) == 0 else { return nil }
        return Int64(facts.st_mtim.tv_sec) * 1_000_000_000 + Int64(facts.st_mtim.tv_nsec)
    }
}

/// What a rival printed: a name and a value on each line.
struct Figures {
    private let values: [String: String]

    init(_ output: String) {
        var values: [String: String] = [:]
        for line in output.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 1)
            if words.count == 2 { values[String(words[0])] = String(words[1]) }
        }
        self.values = values
    }

    /// The value as it was printed.
    func text(_ name: String) -> String? { values[name] }

    /// The value as a number.
    func number(_ name: String) -> Double? { values[name].flatMap(Double.init) }
}
