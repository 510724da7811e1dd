import HiveTestKit
import Testing

@testable import HiveWorkers

/// Who may connect now, and who waits.
struct ConnectGateTests {
    private static let second: UInt64 = 1_000_000_000

    @Test func `an address in plain text has no gate, everything else has one`() throws {
        let gate = ConnectGate<Int>(isPlainShared: false)
        #expect(gate.isOpen(try HTTPPlace(of: "http://127.0.0.1:8080/")))
        #expect(gate.isOpen(try HTTPPlace(of: "http://[::1]:8080/")))
        #expect(!gate.isOpen(try HTTPPlace(of: "http://model.example/")))
        #expect(!gate.isOpen(try HTTPPlace(of: "https://127.0.0.1/")))
        let shared = ConnectGate<Int>(isPlainShared: true)
        #expect(!shared.isOpen(try HTTPPlace(of: "http://127.0.0.1:8080/")))
    }

    @Test func `one goes alone to a name, and all follow once it is known`() throws {
        let gate = GateUnderTest()
        let place = try HTTPPlace(of: "http://model.example/")
        #expect(gate.admits(0, to: place, at: 0))
        for number in 1...100 { #expect(!gate.admits(number, to: place, at: 0)) }
        #expect(gate.next(to: place, at: 0) == nil)
        gate.learn(place, at: 0)
        gate.leave(place)
        var gone: [Int] = []
        while let next = gate.next(to: place, at: 1) { gone.append(next) }
        #expect(gone == Array(1...100))
        #expect(gate.admits(101, to: place, at: 2))
    }

    @Test func `a name that was known long ago is unknown`() throws {
        let gate = GateUnderTest()
        let place = try HTTPPlace(of: "http://model.example/")
        #expect(gate.admits(0, to: place, at: 0))
        gate.learn(place, at: 0)
        gate.leave(place)
        #expect(gate.admits(1, to: place, at: 59 * Self.second))
        #expect(!gate.admits(2, to: place, at: 59 * Self.second))
    }

    @Test func `where the first fails the next one tries`() throws {
        let gate = GateUnderTest()
        let place = try HTTPPlace(of: "http://model.example/")
        #expect(gate.admits(0, to: place, at: 0))
        #expect(!gate.admits(1, to: place, at: 0))
        #expect(!gate.admits(2, to: place, at: 0))
        gate.leave(place)
        #expect(gate.next(to: place, at: 0) == 1)
        #expect(gate.next(to: place, at: 0) == nil)
        #expect(gate.takeWaiting(for: place) == [2])
        #expect(gate.takeWaiting(for: place).isEmpty)
    }

    @Test func `over TLS a few connect at once, and each that has makes room for one`() throws {
        let gate = GateUnderTest()
        let place = try HTTPPlace(of: "https://model.example/")
        #expect(gate.admits(0, to: place, at: 0))
        for number in 1...100 { #expect(!gate.admits(number, to: place, at: 0)) }
        gate.learn(place, at: 0)
        gate.leave(place)
        let most = ConnectGate<Int>.connectingMax
        for number in 1...most { #expect(gate.next(to: place, at: 1) == number) }
        #expect(gate.next(to: place, at: 1) == nil)
        gate.leave(place)
        #expect(gate.next(to: place, at: 1) == most + 1)
        #expect(gate.next(to: place, at: 1) == nil)
    }

    @Test func `places differ by host, port and scheme, and quiet ones are forgotten`() throws {
        let gate = GateUnderTest()
        let places = [
            "http://a.example/", "http://b.example/", "http://a.example:81/", "https://a.example/",
        ]
        for place in places { #expect(gate.admits(0, to: try HTTPPlace(of: place), at: 0)) }
        #expect(!gate.admits(1, to: try HTTPPlace(of: "HTTP://A.Example:80/other?x"), at: 0))
        for number in 0..<2 * ConnectGate<Int>.placesMax {
            let place = try HTTPPlace(of: "http://quiet\(number).example/")
            #expect(gate.admits(number, to: place, at: 0))
            gate.learn(place, at: 0)
            gate.leave(place)
        }
        // What is under way is not.
        #expect(!gate.admits(2, to: try HTTPPlace(of: "http://a.example/"), at: 0))
    }
}

/// A gate that may be asked inside of `#expect`, where what mutates a value may not.
private final class GateUnderTest {
    private var gate = ConnectGate<Int>(isPlainShared: false)

    func admits(_ request: Int, to place: HTTPPlace, at now: UInt64) -> Bool {
        gate.admits(request, to: place, at: now)
    }

    func next(to place: HTTPPlace, at now: UInt64) -> Int? { gate.next(to: place, at: now) }
    func leave(_ place: HTTPPlace) { gate.leave(place) }
    func learn(_ place: HTTPPlace, at now: UInt64) { gate.learn(place, at: now) }
    func takeWaiting(for place: HTTPPlace) -> [Int] { gate.takeWaiting(for: place) }
}

/// Deadlines by slot.
struct DeadlineHeapTests {
    @Test func `deadlines come out in their order, whatever was set, moved and removed`() {
        var generator = SeededGenerator()
        print("DeadlineHeapTests: HIVE_SEED=\(generator.seed)")
        var heap = DeadlineHeap()
        var model: [Int: UInt64] = [:]
        for _ in 0..<5_000 {
            let slot = Int.random(in: 0..<200, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0:
                heap.remove(slot)
                model[slot] = nil
            case 1:
                let now = UInt64.random(in: 0..<100, using: &generator)
                while let expired = heap.removeExpired(at: now) {
                    let deadline = model.removeValue(forKey: expired)
                    #expect((deadline ?? .max) <= now)
                }
                #expect(model.values.allSatisfy { $0 > now })
            default:
                let deadline = UInt64.random(in: 0..<1_000, using: &generator)
                heap.set(slot, deadline)
                model[slot] = deadline
            }
            #expect(heap.earliest == model.values.min())
        }
        var last: UInt64 = 0
        while let earliest = heap.earliest {
            #expect(earliest >= last)
            last = earliest
            let slot = heap.removeExpired(at: earliest)
            #expect(slot != nil)
        }
    }
}

/// What an address says of where it goes.
struct HTTPPlaceTests {
    @Test(
        arguments: [
            "http://127.0.0.1/", "http://127.9.9.9:1/", "http://localhost/", "http://LocalHost:1/",
            "http://localhost./", "http://model.localhost/", "http://[::1]/", "http://127.1/",
            "http://0x7f.0.0.1/", "http://user@127.0.0.1/",
        ]
    )
    func `this machine is known by every way to write it`(_ address: String) throws {
        #expect(try HTTPPlace(of: address).isLoopback)
    }

    @Test(
        arguments: [
            "http://127.example/", "http://localhost.example/", "http://10.0.0.1/",
            "http://127.0.0.1.example/", "http://[::2]/", "http://notlocalhost/",
            "http://127.0.0.1@other.example/",
        ]
    )
    func `others are not this machine`(_ address: String) throws {
        #expect(try !HTTPPlace(of: address).isLoopback)
    }
}
