/// What is to happen on a connection at a time: a binary heap, the earliest first.
struct EndpointTimers {
    struct Timer {
        var nanoseconds: UInt64
        /// The connection's token; one that is gone is passed over.
        var connection: UInt32
        var exchange: UInt32
    }

    private var heap: [Timer] = []

    var next: UInt64? { heap.first?.nanoseconds }

    mutating func add(_ timer: Timer) {
        heap.append(timer)
        var place = heap.count - 1
        while place > 0 {
            let parent = (place - 1) / 2
            guard heap[place].nanoseconds < heap[parent].nanoseconds else { return }
            heap.swapAt(place, parent)
            place = parent
        }
    }

    /// Takes out the earliest one if its time has come.
    mutating func takeDue(at now: UInt64) -> Timer? {
        guard let first = heap.first, first.nanoseconds <= now else { return nil }
        let last = heap.removeLast()
        if heap.isEmpty { return first }
        heap[0] = last
        sink()
        return first
    }

    private mutating func sink() {
        var place = 0
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2]
            where child < heap.count && heap[child].nanoseconds < heap[least].nanoseconds {
                least = child
            }
            guard least != place else { return }
            heap.swapAt(place, least)
            place = least
        }
    }
}
