package import HiveSignal

/// The ids of the last `capacity` accepted signals that had one, with their traces (DUPLICATE_ID,
/// G10).
///
/// A ring of entries in order of arrival, their bytes in one arena, and an open-addressing table
/// over them: no allocation per id. Ids are compared byte by byte, so no crafted id can pass for
/// another; the table's hash is Swift's, seeded per process, so no crafted set of ids can make it
/// slow. Nothing that is observable depends on the seed.
package struct RecentIdentifiers: Sendable {
    /// SPEC §1, G10: how many are remembered.
    package static let capacity = 65_536
    /// Longer ids are accepted and not remembered.
    package static let identifierBytesMax = 256

    package struct Entry: Sendable, Hashable {
        package var sequence: Int64
        package var trace: TraceID
        var hash: UInt32
        var start: Int32
        var length: Int32
    }

    private var entries: [Entry] = []
    /// Where the oldest entry stands once the ring is full.
    private var oldest = 0
    /// The ids' bytes, living and dead.
    private var bytes: [UInt8] = []
    private var livingBytes = 0
    private static let slackBytesMin = 65_536
    /// Indexes into `entries`, −1 for a free slot; a power of two, at least twice the entries.
    private var slots: [Int32] = []
    private let capacity: Int

    package init(capacity: Int = RecentIdentifiers.capacity) { self.capacity = capacity }

    package var count: Int { entries.count }

    /// The entry of this id, or nil where it is not remembered.
    package func find(_ identifier: UnsafeRawBufferPointer) -> Entry? {
        guard !slots.isEmpty, identifier.count <= Self.identifierBytesMax else { return nil }
        let hash = Self.hash(identifier)
        var slot = Int(hash) & (slots.count - 1)
        while slots[slot] >= 0 {
            let entry = entries[Int(slots[slot])]
            if entry.hash == hash && matches(entry, identifier) { return entry }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    /// Remembers an id that is not remembered yet; the oldest goes when the ring is full.
    ///
    /// - Returns: false where the id is too long.
    @discardableResult
    package mutating func insert(
        _ identifier: UnsafeRawBufferPointer,
        trace: TraceID,
        sequence: Int64
    ) -> Bool {
        guard identifier.count <= Self.identifierBytesMax else { return false }
        let index: Int
        if entries.count == capacity {
            index = oldest
            remove(at: oldest)
            oldest = (oldest + 1) % capacity
        } else {
            index = entries.count
        }
        let entry = Entry(
            sequence: sequence,
            trace: trace,
            hash: Self.hash(identifier),
            start: Int32(store(identifier)),
            length: Int32(identifier.count)
        )
        if index == entries.count { entries.append(entry) } else { entries[index] = entry }
        if entries.count * 2 > slots.count { grow() } else { link(index) }
        return true
    }

    /// Every id in order of arrival, the oldest first.
    package func forEach(_ body: (UnsafeRawBufferPointer, Entry) -> Void) {
        bytes.withUnsafeBytes { all in
            for step in 0..<entries.count {
                let entry = entries[(oldest + step) % entries.count]
                let start = Int(entry.start)
                body(
                    UnsafeRawBufferPointer(rebasing: all[start..<start + Int(entry.length)]),
                    entry
                )
            }
        }
    }

    // MARK: The table

    private static func hash(_ identifier: UnsafeRawBufferPointer) -> UInt32 {
        var hasher = Hasher()
        hasher.combine(bytes: identifier)
        return UInt32(truncatingIfNeeded: hasher.finalize())
    }

    private func matches(_ entry: Entry, _ identifier: UnsafeRawBufferPointer) -> Bool {
        guard Int(entry.length) == identifier.count else { return false }
        return bytes.withUnsafeBytes { all in
            let start = Int(entry.start)
            return all[start..<start + Int(entry.length)].elementsEqual(identifier)
        }
    }

    private mutating func link(_ index: Int) {
        var slot = Int(entries[index].hash) & (slots.count - 1)
        while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = Int32(index)
    }

    private mutating func grow() {
        slots = Array(repeating: -1, count: max(64, slots.count * 2))
        for index in entries.indices { link(index) }
    }

    /// Takes an entry out of the table, closing the gap in its probe chain.
    private mutating func remove(at index: Int) {
        let mask = slots.count - 1
        var hole = Int(entries[index].hash) & mask
        while slots[hole] != Int32(index) { hole = (hole + 1) & mask }
        var probe = (hole + 1) & mask
        while slots[probe] >= 0 {
            let home = Int(entries[Int(slots[probe])].hash) & mask
            if (probe &- home) & mask >= (probe &- hole) & mask {
                slots[hole] = slots[probe]
                hole = probe
            }
            probe = (probe + 1) & mask
        }
        slots[hole] = -1
        livingBytes -= Int(entries[index].length)
        entries[index].length = -1
    }

    // MARK: The bytes

    /// Copies the id in and returns where.
    ///
    /// Once the dead bytes outweigh the living, all are laid out anew.
    private mutating func store(_ identifier: UnsafeRawBufferPointer) -> Int {
        if bytes.count > Self.slackBytesMin && bytes.count > 2 * livingBytes { compact() }
        livingBytes += identifier.count
        bytes.append(contentsOf: identifier)
        return bytes.count - identifier.count
    }

    private mutating func compact() {
        var fresh: [UInt8] = []
        fresh.reserveCapacity(2 * livingBytes + Self.identifierBytesMax)
        for index in entries.indices where entries[index].length >= 0 {
            let start = Int(entries[index].start)
            entries[index].start = Int32(fresh.count)
            fresh.append(contentsOf: bytes[start..<start + Int(entries[index].length)])
        }
        bytes = fresh
    }
}

extension RecentIdentifiers: Equatable {
    /// Equal where the same ids are remembered in the same order with the same traces and
    /// sequences.
    package static func == (left: RecentIdentifiers, right: RecentIdentifiers) -> Bool {
        guard left.count == right.count else { return false }
        return left.listing == right.listing
    }

    private struct Listed: Equatable {
        var identifier: [UInt8]
        var sequence: Int64
        var trace: TraceID
    }

    private var listing: [Listed] {
        var listed: [Listed] = []
        forEach { bytes, entry in
            listed.append(
                Listed(identifier: Array(bytes), sequence: entry.sequence, trace: entry.trace)
            )
        }
        return listed
    }
}
