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
    /// Longer lines fail F1 in any case, and are not carried.
    private static let lineBytesMax = 4 << 20

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
        var buffer = LineBuffer(messageBytesMax: Self.lineBytesMax)
        var chunk = [UInt8](repeating: 0, count: ControlLimits.readBytes)
        while true {
            let count = chunk.withUnsafeMutableBytes {
                read(STDIN_FILENO, $0.baseAddress, $0.count)
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
            if count == 0 { break }
            buffer.append(Array(chunk[..<count]))
            while let line = try next(&buffer) { try add(line) }
            if !inputWaits() { try send() }
        }
        if let rest = buffer.finish() { try add(rest) }
        try send()
        try out.finish()
        if !allAccepted { EmitAnswer.advise("see what failed, and why: hive quarantine list") }
        return allAccepted
    }

    private func next(_ buffer: inout LineBuffer) throws(CommandError) -> [UInt8]? {
        do {
            return try buffer.next()
        } catch {
            throw CommandError(
                exitCode: 2,
                "a line is longer than \(Self.lineBytesMax) bytes",
                hint: "no signal may be longer than 1 MiB"
            )
        }
    }

    private mutating func add(_ line: [UInt8]) throws(CommandError) {
        // A blank line is no signal, on the board or here.
        if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { return }
        if batchBytes + line.count > Self.batchBytesMax { try send() }
        if let text = String(validating: line, as: UTF8.self) {
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
