/// What a receipt is about (SPEC §6).
package enum ReceiptKind: String, Sendable, Hashable, CaseIterable {
    /// Tests that fail by assertion: the phase I.
    case red
    /// They pass, and do so because of the change: the phase V.
    case green
    /// The same tests or more pass after as before: the phase E.
    case refactor
    /// Code went that nothing but its own tests used, and they with it: the phase E.
    case removal

    package var phase: Phase {
        switch self {
        case .red: .interlock
        case .green: .validate
        case .refactor, .removal: .evolve
        }
    }
}

/// The id of a receipt: `r-` and 16 lower-case hex digits.
package struct ReceiptName: Sendable, Hashable {
    /// The digits' value.
    package var number: UInt64

    package init(number: UInt64) { self.number = number }

    /// Reads an id; nil for any other text.
    package init?(_ text: some StringProtocol) { self.init(utf8: text.utf8) }

    package init?(utf8 text: some Collection<UInt8>) {
        guard text.count == Self.prefix.utf8.count + Self.digits,
            text.starts(with: Self.prefix.utf8)
        else { return nil }
        number = 0
        for digit in text.dropFirst(Self.prefix.utf8.count) {
            // An id is written in one way only.
            guard let value = Hex.value(of: digit), digit == Hex.digit(value) else { return nil }
            number = number << 4 | UInt64(value)
        }
    }

    package var text: String {
        Self.prefix + Hex.encode(withUnsafeBytes(of: number.bigEndian) { Array($0) })
    }

    private static let prefix = "r-"
    private static let digits = 16
}

/// What proves a phase of one cycle of a trace: a receipt, or a person's word.
package struct PhaseProof: Sendable, Hashable {
    /// From 1.
    package var cycle: Int64
    package var phase: Phase
    /// Nil: a person forced the trace past the phase.
    package var receipt: ReceiptName?

    package init(cycle: Int64, phase: Phase, receipt: ReceiptName?) {
        self.cycle = cycle
        self.phase = phase
        self.receipt = receipt
    }

    /// Such as `3Ir-0123456789abcdef`, or `3I` for a person's word: what the ledger keeps.
    package var text: String { "\(cycle)\(phase.letter)\(receipt?.text ?? "")" }

    /// Reads `text`; nil for any other.
    package init?(_ text: some StringProtocol) {
        guard let place = text.firstIndex(where: { !("0"..."9").contains($0) }),
            let cycle = Int64(text[..<place]),
            let phase = Phase(letter: String(text[place]))
        else { return nil }
        let rest = text[text.index(after: place)...]
        let receipt = ReceiptName(rest)
        guard rest.isEmpty || receipt != nil else { return nil }
        self.init(cycle: cycle, phase: phase, receipt: receipt)
    }
}
