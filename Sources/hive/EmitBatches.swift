import Glibc
import HiveConsole
import HiveControl
import HiveSignal

/// `hive emit -`: ready lines from standard input, in batches.
///
/// A batch goes out when it is full or when no more input waits, so a producer that writes a line
/// an hour sees each judged at once, and a file of a million lines makes few calls.
struct EmitBatches {
    private static let batchLinesMax = 1000
    /// Escaped, a byte may become six; so a full batch stays within the message's bound.
    private static let batchBytesMax = 4 << 20
    private let connection: Connection
    private let asJSON: Bool
    private let out = StandardOutput()
    private var batch: [JSONValue] = []
    private var batchBytes = 0
    private var allAccepted = true

    init(connection: Connection, asJSON: Bool) {
        self.connection = connection
        self.asJSON = asJSON
    }

    /// Reads to the end; true where every line was accepted.
    mutating func run() throws(CommandError) -> Bool {
        var framer = LineFramer()
        var pending: [UInt8] = []
        while try read(into: &pending) {
            try take(&pending, &framer)
            if !inputWaits() { try send() }
        }
        let last = pending.withUnsafeBytes { framer.finish(in: $0) }
        if let last { try add(last, pending[...]) }
        try send()
        try out.finish()
        if !allAccepted { EmitAnswer.advise("see what failed, and why: hive quarantine list") }
        return allAccepted
    }

    /// Reads what is there; false at the end.
    private func read(into pending: inout [UInt8]) throws(CommandError) -> Bool {
        var chunk = [UInt8](repeating: 0, count: ControlLimits.readBytes)
        while true {
            let count = chunk.withUnsafeMutableBytes {
                Glibc.read(STDIN_FILENO, $0.baseAddress, $0.count)
            }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else {
                let reason = strerror(errno).map { String(cString: $0) } ?? "error \(errno)"
                throw CommandError(
                    exitCode: 3,
                    "cannot read standard input: \(reason)",
                    hint: "nothing after the lines above was appended"
                )
            }
            pending += chunk[..<count]
            return count > 0
        }
    }

    /// Takes the whole lines out of what was read.
    private mutating func take(
        _ pending: inout [UInt8],
        _ framer: inout LineFramer
    ) throws(CommandError) {
        var used = 0
        while true {
            let rest = pending[used...]
            switch rest.withUnsafeBytes({ framer.next(in: $0) }) {
            case .line(let frame, let consumed):
                try add(frame, rest)
                used += consumed
            case .incomplete(let discard):
                // A long line comes in many pieces, and need not be moved for each.
                if used + discard > 0 { pending.removeFirst(used + discard) }
                return
            }
        }
    }

    /// Adds a line that begins where `bytes` do; one that is too long to keep is told, and neither
    /// its neighbours nor what was read before it are any the worse for it.
    private mutating func add(
        _ frame: FramedLine,
        _ bytes: ArraySlice<UInt8>
    ) throws(CommandError) {
        guard frame.start != nil else {
            try send()
            allAccepted = false
            return EmitAnswer.advise(
                "line \(frame.number) of the input has \(frame.length) bytes: F1, and over "
                    + "\(LineFramer.keptBytesMax) nothing of it is kept; it is not appended"
            )
        }
        var line = bytes.prefix(Int(frame.length))
        if line.last == 0x0D { line.removeLast() }
        try add(Array(line))
    }

    private mutating func add(_ line: [UInt8]) throws(CommandError) {
        // A blank line is no signal, on the board or here.
        if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { return }
        if batchBytes + line.count > Self.batchBytesMax { try send() }
        // In base 64 a long line fits the message, however much of it had to be escaped.
        if line.count <= Self.batchBytesMax, let text = String(validating: line, as: UTF8.self) {
            batch.append(.string(text))
        } else {
            // The exact bytes, so that the frame check sees what was meant to be appended.
            let base64 = String(decoding: Base64.encode(line), as: UTF8.self)
            batch.append(["base64": .string(base64)])
        }
        batchBytes += line.count
        if batch.count == Self.batchLinesMax { try send() }
    }

    private mutating func send() throws(CommandError) {
        guard !batch.isEmpty else { return }
        let results = try connection.list(Method.emit, ["lines": .array(batch)], "results")
        batch.removeAll(keepingCapacity: true)
        batchBytes = 0
        for result in results where !EmitAnswer.show(result, asJSON: asJSON, to: out) {
            allAccepted = false
        }
        out.flush()
    }

    private func inputWaits() -> Bool {
        var standardInput = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        return poll(&standardInput, 1, 0) == 1
    }
}
