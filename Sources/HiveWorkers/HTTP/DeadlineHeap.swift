/// Deadlines by slot, the earliest first: a binary heap that knows where each slot stands in it, so
/// that one can be moved or taken out without a search.
///
/// Slots are small numbers that the caller hands out, and each has one deadline at most.
struct DeadlineHeap {
    private struct Entry {
        var deadline: UInt64
        var slot: Int
    }

    private var entries: [Entry] = []
    /// By slot: the place in `entries`, or `nowhere`.
    private var places: [Int] = []

    private static let nowhere = -1

    /// The earliest deadline of all.
    var earliest: UInt64? { entries.first?.deadline }

    /// Gives a slot its deadline, in place of any that it had.
    mutating func set(_ slot: Int, _ deadline: UInt64) {
        while places.count <= slot { places.append(Self.nowhere) }
        var place = places[slot]
        if place == Self.nowhere {
            place = entries.count
            places[slot] = place
            entries.append(Entry(deadline: deadline, slot: slot))
        } else {
            entries[place].deadline = deadline
        }
        siftDown(siftUp(place))
    }

    /// Takes the slot's deadline away, if it has one.
    mutating func remove(_ slot: Int) {
        guard slot < places.count, places[slot] != Self.nowhere else { return }
        let place = places[slot]
        swap(place, entries.count - 1)
        entries.removeLast()
        places[slot] = Self.nowhere
        guard place < entries.count else { return }
        siftDown(siftUp(place))
    }

    /// Takes out a slot whose deadline has come.
    mutating func removeExpired(at now: UInt64) -> Int? {
        guard let first = entries.first, first.deadline <= now else { return nil }
        remove(first.slot)
        return first.slot
    }

    private mutating func siftUp(_ start: Int) -> Int {
        var place = start
        while place > 0 {
            let above = (place - 1) / 2
            guard entries[place].deadline < entries[above].deadline else { break }
            swap(place, above)
            place = above
        }
        return place
    }

    private mutating func siftDown(_ start: Int) {
        var place = start
        while true {
            var least = place
            for below in (2 * place + 1)...(2 * place + 2)
            where below < entries.count && entries[below].deadline < entries[least].deadline {
                least = below
            }
            guard least != place else { return }
            swap(place, least)
            place = least
        }
    }

    private mutating func swap(_ one: Int, _ other: Int) {
        entries.swapAt(one, other)
        places[entries[one].slot] = one
        places[entries[other].slot] = other
    }
}
