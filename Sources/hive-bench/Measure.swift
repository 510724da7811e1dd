import Glibc

/// Clocks, statistics, and what the kernel tells of a process.
enum Measure {
    /// CLOCK_MONOTONIC in nanoseconds: the clock with which `rivals/append_writer.c` stamps lines.
    static func now() -> Int64 { read(CLOCK_MONOTONIC) }

    /// CPU time of this process, all threads, in nanoseconds.
    static func processCPU() -> Int64 { read(CLOCK_PROCESS_CPUTIME_ID) }

    /// The fewest seconds that `body` took in `runs` runs, and what that run returned.
    static func best<Answer>(
        of runs: Int,
        _ body: () throws -> Answer
    ) rethrows -> (seconds: Double, answer: Answer) {
        var best = try timed(body)
        for _ in 1..<max(1, runs) {
            let next = try timed(body)
            if next.seconds < best.seconds { best = next }
        }
        return best
    }

    /// The seconds that one run of `body` took, and what it returned.
    static func timed<Answer>(
        _ body: () throws -> Answer
    ) rethrows -> (seconds: Double, answer: Answer) {
        let start = now()
        let answer = try body()
        return (Double(now() - start) * 1e-9, answer)
    }

    /// The smallest value that `percent` (1…100) of the values do not exceed, as the C rivals
    /// count; nil for no values.
    static func percentile(_ percent: Int, of values: [Int64]) -> Int64? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        return sorted[max(0, (values.count * percent + 99) / 100 - 1)]
    }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        // Neither clock can fail on Linux.
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

/// What `/proc` says about a running process.
struct ProcessFigures {
    /// Resident now, in KiB (VmRSS).
    let residentKibibytes: Int
    /// The most it ever was, in KiB (VmHWM).
    let peakKibibytes: Int
    /// Context switches of all its threads: it went to sleep, or was put aside.
    ///
    /// Unchanged over a while
    /// means that no thread woke up.
    let voluntarySwitches: Int
    let involuntarySwitches: Int
    /// User and system time of all its threads, in seconds, to a hundredth.
    let cpuSeconds: Double

    /// - Throws: Where the process is gone or belongs to somebody else.
    init(pid: pid_t) throws(BenchError) {
        let status = try ProcFile.pairs("/proc/\(pid)/status")
        residentKibibytes = ProcFile.number(status["VmRSS"])
        peakKibibytes = ProcFile.number(status["VmHWM"])
        var voluntary = 0
        var involuntary = 0
        // The status of a process counts the switches of its first thread alone.
        for thread in try ProcFile.names(in: "/proc/\(pid)/task") {
            // A thread may end between the listing and the reading.
            guard let one = try? ProcFile.pairs("/proc/\(pid)/task/\(thread)/status") else {
                continue
            }
            voluntary += ProcFile.number(one["voluntary_ctxt_switches"])
            involuntary += ProcFile.number(one["nonvoluntary_ctxt_switches"])
        }
        voluntarySwitches = voluntary
        involuntarySwitches = involuntary
        // proc(5): utime and stime are fields 14 and 15; the name, field 2, may hold anything but
        // ends with the last parenthesis.
        let stat = try ProcFile.text("/proc/\(pid)/stat")
        let fields = stat.split(separator: ")").last.map { $0.split(separator: " ") } ?? []
        let ticks = fields.count > 12 ? (Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0) : 0
        cpuSeconds = Double(ticks) / Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
    }
}

/// Small text files of the kernel.
enum ProcFile {
    private static let bytesMax = 1 << 20

    /// The whole file, to its first MiB.
    static func text(_ path: String) throws(BenchError) -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw BenchError("open \(path)", errno: errno) }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 14)
        while bytes.count < bytesMax {
            let count = read(file, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw BenchError("read \(path)", errno: errno) }
            if count == 0 { break }
            bytes.append(contentsOf: chunk[..<count])
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The `key: value` lines of a file; of a repeated key the first.
    static func pairs(_ path: String) throws(BenchError) -> [String: String] {
        var pairs: [String: String] = [:]
        for line in try text(path).split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let key = trimmed(line[..<colon])
            if pairs[key] == nil { pairs[key] = trimmed(line[line.index(after: colon)...]) }
        }
        return pairs
    }

    /// The names in a folder, but for those that start with a dot.
    static func names(in folder: String) throws(BenchError) -> [String] {
        guard let stream = opendir(folder) else {
            throw BenchError("open \(folder)", errno: errno)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(
                    to: CChar.self,
                    capacity: MemoryLayout.size(ofValue: tuple.pointee)
                ) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }

    /// The leading digits of a value such as `1234 kB`; 0 for none.
    static func number(_ value: String?) -> Int {
        value.flatMap { Int($0.prefix { $0.isNumber }) } ?? 0
    }

    private static func trimmed(_ text: Substring) -> String {
        let start = text.drop { $0 == " " || $0 == "\t" }
        var end = start
        while end.last == " " || end.last == "\t" { end.removeLast() }
        return String(end)
    }
}
