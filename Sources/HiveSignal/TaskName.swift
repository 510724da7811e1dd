/// The name of a task: one port's share of the reaction to one signal (SPEC §5).
///
/// `t-GEN-OFFSET-PORT`: the signal's generation, where its line stands on the board, and the port
/// that is asked. So a fold over the same lines knows the same tasks, and needs no other file.
package struct TaskName: Sendable, Hashable {
    /// Where the signal that asks stands.
    package var signal: SignalPlace
    package var port: Port

    package init(signal: SignalPlace, port: Port) {
        self.signal = signal
        self.port = port
    }

    /// Reads a task's name; nil for any other text.
    package init?(_ text: some StringProtocol) { self.init(utf8: text.utf8) }

    package init?(utf8 text: some Collection<UInt8>) {
        let parts = text.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0].elementsEqual("t".utf8),
            let signal = SignalPlace(parts[1], parts[2]),
            let number = SignalPlace.number(parts[3]).flatMap(UInt8.init(exactly:)),
            let port = Port(rawValue: number)
        else { return nil }
        self.init(signal: signal, port: port)
    }

    package var text: String { "t-\(signal.generation)-\(signal.offset)-\(port.rawValue)" }
}

/// Where a signal stands: its generation and the offset of its line on that generation's board.
///
/// As `s-GEN-OFFSET` it names a signal that gave itself no `id`, so that others can call it their
/// `parent`.
package struct SignalPlace: Sendable, Hashable {
    package var generation: Int64
    /// Bytes from the start of the generation's board.
    package var offset: Int64

    package init(generation: Int64, offset: Int64) {
        self.generation = generation
        self.offset = offset
    }

    /// Reads `s-GEN-OFFSET`; nil for any other text.
    package init?(_ text: some StringProtocol) { self.init(utf8: text.utf8) }

    package init?(utf8 text: some Collection<UInt8>) {
        let parts = text.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].elementsEqual("s".utf8) else { return nil }
        self.init(parts[1], parts[2])
    }

    package var text: String { "s-\(generation)-\(offset)" }

    init?(_ generation: some Collection<UInt8>, _ offset: some Collection<UInt8>) {
        guard let generation = Self.number(generation), let offset = Self.number(offset) else {
            return nil
        }
        self.init(generation: generation, offset: offset)
    }

    /// A whole number as `description` writes it: no sign, no leading zero.
    static func number(_ digits: some Collection<UInt8>) -> Int64? {
        guard let first = digits.first, first != UInt8(ascii: "0") || digits.count == 1 else {
            return nil
        }
        var number: Int64 = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            let (tens, isTooLarge) = number.multipliedReportingOverflow(by: 10)
            let (sum, isOver) = tens.addingReportingOverflow(Int64(digit - UInt8(ascii: "0")))
            guard !isTooLarge && !isOver else { return nil }
            number = sum
        }
        return number
    }
}
