import HiveKernel
import HiveSignal
import Testing

/// The ring of ids against a plain list that does the same slowly.
struct RecentIdentifiersTests {
    private struct Remembered: Equatable {
        var bytes: [UInt8]
        var sequence: Int64
        var trace: TraceID
    }

    private func listing(_ identifiers: RecentIdentifiers) -> [Remembered] {
        var list: [Remembered] = []
        identifiers.forEach { bytes, entry in
            list.append(
                Remembered(bytes: Array(bytes), sequence: entry.sequence, trace: entry.trace)
            )
        }
        return list
    }

    /// From few short ids, which come again and share prefixes, to some at and over the limit.
    private func identifier(_ random: inout SeededGenerator, isHeavy: Bool) -> [UInt8] {
        let limit = RecentIdentifiers.identifierBytesMax
        let length =
            isHeavy
            ? limit - random.below(4)
            : random.oneIn(12)
                ? limit - 2 + random.below(5)
                : random.below(4)
        let tail = (0..<min(length, 3)).map { _ in UInt8(random.below(5)) }
        return [UInt8](repeating: 7, count: max(0, length - 3)) + tail
    }

    @Test(arguments: [1, 2, 3, 7, 32, 33, 64, 200])
    func `the ring remembers what the list remembers`(capacity: Int) {
        let seed = testSeed()
        var random = SeededGenerator(seed: seed)
        let place: Comment = "HIVE_SEED=\(seed), capacity \(capacity)"
        var ring = RecentIdentifiers(capacity: capacity)
        var list: [Remembered] = []
        for sequence: Int64 in 1...3_000 {
            // A stretch of long ids wears the arena out, so that it is laid out anew.
            let bytes = identifier(&random, isHeavy: sequence % 1_000 > 500)
            let known = list.first { $0.bytes == bytes }
            let found = bytes.withUnsafeBytes { ring.find($0) }
            #expect(found?.sequence == known?.sequence, place)
            #expect(found?.trace == known?.trace, place)
            guard found?.sequence == known?.sequence else { return }
            guard known == nil, !random.oneIn(4) else { continue }
            let speaker = trace(UInt64(random.below(9)))
            let fits = bytes.withUnsafeBytes {
                ring.insert($0, trace: speaker, sequence: sequence)
            }
            #expect(fits == (bytes.count <= RecentIdentifiers.identifierBytesMax), place)
            guard fits else { continue }
            list.append(Remembered(bytes: bytes, sequence: sequence, trace: speaker))
            if list.count > capacity { list.removeFirst() }
            if sequence % 97 == 0 { #expect(listing(ring) == list, place) }
        }
        #expect(ring.count == list.count, place)
        #expect(listing(ring) == list, place)
    }

    @Test func `the oldest id goes first, and may come again`() {
        var board = Board(
            state: KernelState(
                sequence: 0,
                accepted: 0,
                quarantined: 0,
                lastTrace: nil,
                lastPhase: nil,
                traces: [],
                identifiers: RecentIdentifiers(capacity: 2),
                signals: RecentSignals()
            )
        )
        for name in ["a", "b", "c"] { board.append(.signal().id(name)) }
        #expect(board.append(.signal().id("c")).findings == ["DUPLICATE_ID"])
        #expect(board.append(.signal().id("b")).findings == ["DUPLICATE_ID"])
        #expect(board.append(.signal().id("a")).isAccepted)
        #expect(board.append(.signal().parent("b")).warnings == ["UNKNOWN_PARENT"])
    }

    @Test func `rings are equal by what they remember, not by how they came to it`() {
        var short = RecentIdentifiers(capacity: 2)
        var long = RecentIdentifiers(capacity: 2)
        func insert(_ text: String, _ sequence: Int64, _ ring: inout RecentIdentifiers) {
            let fits = Array(text.utf8).withUnsafeBytes {
                ring.insert($0, trace: trace(1), sequence: sequence)
            }
            #expect(fits)
        }
        insert("gone", 1, &long)
        insert("a", 2, &long)
        insert("b", 3, &long)
        insert("a", 2, &short)
        #expect(short != long)
        insert("b", 3, &short)
        #expect(short == long)
        insert("c", 4, &short)
        insert("c", 5, &long)
        #expect(short != long, "the sequence counts")
    }
}
