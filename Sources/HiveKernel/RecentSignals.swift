package import HiveSignal

/// The last `capacity` accepted signals: what each asked, who has answered, and its trace.
///
/// A task is known by its name (`TaskName`), which says where the asking signal stands; this is
/// where a fold looks it up. A ring in the order of the board: offsets only grow, so a signal is
/// found by halving, and no index is kept.
package struct RecentSignals: Sendable {
    /// As many as ids are remembered (SPEC §1, G10).
    package static let capacity = RecentIdentifiers.capacity

    package struct Entry: Sendable, Hashable {
        /// Where its line stands.
        package var offset: Int64
        package var generation: Int64
        package var sequence: Int64
        package var trace: TraceID
        package var reaction: Reaction
        /// The ports that have answered, a bit a port.
        package var answered: UInt8

        package init(
            place: SignalPlace,
            sequence: Int64,
            trace: TraceID,
            reaction: Reaction,
            answered: UInt8 = 0
        ) {
            self.offset = place.offset
            self.generation = place.generation
            self.sequence = sequence
            self.trace = trace
            self.reaction = reaction
            self.answered = answered
        }

        package var place: SignalPlace { SignalPlace(generation: generation, offset: offset) }
    }

    private var entries: [Entry] = []
    /// Where the oldest entry stands once the ring is full.
    private var oldest = 0
    private let capacity: Int

    package init(capacity: Int = RecentSignals.capacity) { self.capacity = capacity }

    package var count: Int { entries.count }

    /// The entries, the oldest first.
    package var all: [Entry] { entries.indices.map { entries[index($0)] } }

    /// Remembers a signal that stands behind all others; the oldest goes when the ring is full.
    @inline(__always)
    package mutating func append(_ entry: Entry) {
        if let newest = entries.isEmpty ? nil : entries[index(entries.count - 1)],
            newest.offset >= entry.offset
        {
            // Another file's offsets: a new generation begins.
            entries.removeAll(keepingCapacity: true)
            oldest = 0
        }
        if entries.count < capacity {
            entries.append(entry)
        } else {
            entries[oldest] = entry
            oldest = oldest + 1 == capacity ? 0 : oldest + 1
        }
    }

    /// The signal that stands there, or nil where it is not remembered.
    package func find(_ place: SignalPlace) -> Entry? {
        guard let index = slot(of: place.offset) else { return nil }
        return entries[index].generation == place.generation ? entries[index] : nil
    }

    /// Notes that a port has answered the signal.
    mutating func noteAnswer(to place: SignalPlace, by port: Port) {
        guard let index = slot(of: place.offset) else { return }
        entries[index].answered |= 1 << port.rawValue
    }

    private func slot(of offset: Int64) -> Int? {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[index(middle)].offset < offset { low = middle + 1 } else { high = middle }
        }
        guard low < entries.count, entries[index(low)].offset == offset else { return nil }
        return index(low)
    }

    @inline(__always)
    private func index(_ place: Int) -> Int {
        let sum = oldest + place
        return sum < entries.count ? sum : sum - entries.count
    }
}

extension RecentSignals: Equatable {
    /// Equal where the same signals are remembered, wherever the ring begins.
    package static func == (left: RecentSignals, right: RecentSignals) -> Bool {
        left.all == right.all
    }
}
