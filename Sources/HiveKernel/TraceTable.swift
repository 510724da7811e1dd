package import HiveSignal

/// The traces the kernel remembers, at most `countMax`; the least recently touched are forgotten.
///
/// A forgotten trace starts afresh when it speaks again. The bound holds memory flat on a hostile
/// board. Open addressing over two arrays: each line looks its trace up once and writes it in
/// place. The hash is seeded per process, so that no crafted set of ids makes it slow; nothing that
/// is observable depends on the seed.
package struct TraceTable: Sendable {
    package static let countMax = 65_536
    /// How many are forgotten at a time, so that the search for the oldest is paid rarely.
    static let forgottenAtOnce = 8_192

    private var traces: [TraceID] = []
    private var values: [TraceState] = []
    /// Indexes into the two arrays, −1 for a free slot; a power of two, at least twice as many.
    private var slots: [Int32] = []

    package init() {}

    package var count: Int { traces.count }

    /// The state of a trace; nil where it is not remembered.
    ///
    /// Writing nil changes nothing.
    package subscript(trace: TraceID) -> TraceState? {
        get { find(trace).map { values[$0] } }
        set {
            guard let newValue else { return }
            update(trace, at: find(trace), to: newValue)
        }
    }

    /// Every trace with its state, in no order.
    package var states: [TraceID: TraceState] {
        Dictionary(uniqueKeysWithValues: zip(traces, values))
    }

    /// Where the trace stands, for `update`; nil where it is not remembered.
    @inline(__always)
    func find(_ trace: TraceID) -> Int? {
        guard !slots.isEmpty else { return nil }
        let mask = slots.count &- 1
        var slot = Self.hash(trace) & mask
        return slots.withUnsafeBufferPointer { slots in
            traces.withUnsafeBufferPointer { traces in
                while slots[slot] >= 0 {
                    let index = Int(slots[slot])
                    if traces[index].low == trace.low && traces[index].high == trace.high {
                        return index
                    }
                    slot = (slot &+ 1) & mask
                }
                return nil
            }
        }
    }

    @inline(__always)
    func value(at index: Int) -> TraceState { values[index] }

    /// Writes a state where `find` found its trace, or remembers a new one.
    @inline(__always)
    mutating func update(_ trace: TraceID, at index: Int?, to state: TraceState) {
        if let index { values[index] = state } else { append(trace, state) }
    }

    /// Forgets the least recently touched where there are too many; returns which.
    mutating func evict() -> [TraceID] {
        guard traces.count > Self.countMax else { return [] }
        let order = traces.indices.sorted { values[$0].lastSequence < values[$1].lastSequence }
        let oldest = order.prefix(Self.forgottenAtOnce)
        let kept = order.dropFirst(Self.forgottenAtOnce)
        let forgotten = oldest.map { traces[$0] }
        (traces, values) = (kept.map { traces[$0] }, kept.map { values[$0] })
        index(slotCount: slots.count)
        return forgotten
    }

    private mutating func append(_ trace: TraceID, _ state: TraceState) {
        traces.append(trace)
        values.append(state)
        if traces.count * 2 > slots.count {
            index(slotCount: max(64, slots.count * 2))
        } else {
            link(traces.count - 1)
        }
    }

    private mutating func index(slotCount: Int) {
        slots = Array(repeating: -1, count: slotCount)
        for index in traces.indices { link(index) }
    }

    private mutating func link(_ index: Int) {
        var slot = Self.hash(traces[index]) & (slots.count - 1)
        while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = Int32(index)
    }

    private static let seeds: (UInt64, UInt64) = {
        var generator = Hasher()
        generator.combine(0)
        let first = UInt64(bitPattern: Int64(generator.finalize()))
        var second = Hasher()
        second.combine(1)
        return (first, UInt64(bitPattern: Int64(second.finalize())))
    }()

    /// Two rounds of folded multiplication, each word masked by a secret of the process.
    @inline(__always)
    private static func hash(_ trace: TraceID) -> Int {
        let (first, second) = seeds
        let product = (trace.low ^ first).multipliedFullWidth(by: trace.high ^ second)
        let folded = product.high ^ product.low
        let spread = folded.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return Int(truncatingIfNeeded: (spread.high ^ spread.low) >> 1)
    }
}

extension TraceTable: Equatable {
    /// Equal where the same traces stand alike.
    package static func == (left: TraceTable, right: TraceTable) -> Bool {
        left.states == right.states
    }
}
