import HiveTestKit
import Testing

@testable import HiveWorkers

/// The decisions of a client, each by itself, over random histories.
struct ClientPartsTests {
    private var generator = SeededGenerator()

    // MARK: - The breaker

    @Test func `a breaker opens after five failures in a row, for twice as long each time`() {
        var breaker = Breaker()
        for serial in 0..<4 { breaker.fail(serial: serial, reason: "no", at: 0) }
        breaker.succeed()
        for serial in 4..<8 { breaker.fail(serial: serial, reason: "no", at: 0) }
        #expect(breaker.allows(at: 0))
        breaker.fail(serial: 8, reason: "refused", at: 0)
        var now = 0
        for (probe, seconds) in [1, 2, 4, 8, 16, 32, 60, 60].enumerated() {
            #expect(breaker.state == .open(until: now + seconds * 1_000))
            #expect(!breaker.allows(at: now + seconds * 1_000 - 1) && breaker.reason == "refused")
            now += seconds * 1_000
            #expect(breaker.allows(at: now))
            breaker.begin(serial: 100 + probe)
            #expect(!breaker.allows(at: now + 100_000), "one probe at a time")
            breaker.fail(serial: 8, reason: "late", at: now)
            #expect(breaker.stillAllows(serial: 100 + probe), "a straggler decides nothing")
            breaker.fail(serial: 100 + probe, reason: "refused", at: now)
        }
        breaker.succeed()
        #expect(breaker == Breaker())
    }

    @Test func `a probe that is given up leaves its place`() {
        var breaker = Breaker()
        for serial in 0..<5 { breaker.fail(serial: serial, reason: "no", at: 0) }
        breaker.begin(serial: 5)
        breaker.abandon(serial: 4, at: 1_500)
        #expect(!breaker.allows(at: 1_500))
        breaker.abandon(serial: 5, at: 1_500)
        #expect(breaker.allows(at: 1_500) && !breaker.stillAllows(serial: 5))
    }

    // MARK: - The bucket

    @Test func `a bucket gives each token at its earliest moment and never one more`() {
        var random = generator
        for _ in 0..<200 {
            let rate = Int.random(in: 1...600, using: &random)
            var now = Int.random(in: 0...1_000_000, using: &random)
            var bucket = TokenBucket(requestsPerMinute: rate, at: now)
            var taken: [Int] = []
            for _ in 0..<300 {
                now += Bool.random(using: &random) ? Int.random(in: 0...5_000, using: &random) : 0
                let ready = bucket.readyAt(now)
                #expect(ready >= now && ready - now <= 60_000, "HIVE_SEED=\(generator.seed)")
                if ready > now { #expect(bucket.readyAt(ready - 1) == ready) }
                now = ready
                bucket.take(at: now)
                taken.append(now)
                if Int.random(in: 0..<10, using: &random) == 0 {
                    bucket.putBack(at: now)
                    taken.removeLast()
                }
            }
            for (place, start) in taken.enumerated() {
                for later in [taken.count - 1, min(place + rate, taken.count - 1)] {
                    let most = rate + (taken[later] - start) * rate / 60_000
                    let sent = later - place + 1
                    #expect(sent <= most + 1, "rate \(rate) HIVE_SEED=\(generator.seed)")
                }
            }
        }
    }

    // MARK: - The limit

    @Test func `the limit stays in its bounds and halves once for each round trip`() {
        var random = generator
        for _ in 0..<200 {
            var limit = ConcurrencyLimit(max: Int.random(in: 1...512, using: &random))
            var serial = 0
            for step in 0..<400 {
                let flight = serial..<(serial + limit.limit)
                serial = flight.upperBound
                let before = limit.limit
                switch Int.random(in: 0..<4, using: &random) {
                case 0:
                    for each in flight { limit.overload(serial: each, nextSerial: serial) }
                    #expect(limit.limit == max(1, before / 2), "HIVE_SEED=\(generator.seed)")
                case 1:
                    let took = Int.random(in: 0...20_000, using: &random)
                    for each in flight {
                        let wasQueued = limit.timeOut(
                            total: 10_000,
                            serial: each,
                            nextSerial: serial,
                            at: step * took
                        )
                        if !wasQueued { #expect(limit.limit == before) }
                    }
                    #expect(limit.limit <= before)
                default:
                    for _ in flight { limit.succeed(latency: 6_000, at: step) }
                    #expect(limit.limit == min(before + 1, limit.max))
                }
                #expect((1...limit.max).contains(limit.limit), "HIVE_SEED=\(generator.seed)")
            }
        }
    }

    @Test func `the limit shrinks to half of what a server finishes in the time`() {
        var limit = ConcurrencyLimit(max: 512)
        for answer in 0..<32 { limit.succeed(latency: 6_000, at: 20_000 + answer * 100) }
        let first = limit.timeOut(total: 10_000, serial: 0, nextSerial: 600, at: 24_000)
        #expect(first && limit.limit == 50)
        // Its neighbours were in flight at that time, too.
        let second = limit.timeOut(total: 10_000, serial: 599, nextSerial: 600, at: 24_000)
        #expect(second && limit.limit == 50)
        // Twice its time later the answers of then say nothing any more.
        let third = limit.timeOut(total: 10_000, serial: 600, nextSerial: 700, at: 44_000)
        #expect(!third && limit.limit == 50)
    }

    // MARK: - The keys

    @Test func `refusals that were under way do not prolong a rest`() {
        let keys = [ModelKey(name: "A", value: "a")]
        var ring = KeyRing(keys, requestsPerMinute: nil, at: 0)
        for serial in 0..<10 {
            ring.rest(0, for: nil, reason: "429", serial: serial, nextSerial: 10, at: serial)
        }
        #expect(ring.firstRest.until == 1_000)
        var now = 1_000
        for (round, seconds) in [2, 4, 8, 16, 32, 60, 60].enumerated() {
            let rested = ring.take(at: now)
            #expect(rested == 0)
            let serial = 10 + round
            ring.rest(0, for: nil, reason: "429", serial: serial, nextSerial: serial + 1, at: now)
            #expect(ring.firstRest.until == now + seconds * 1_000)
            let resting = ring.take(at: now)
            #expect(resting == nil)
            now += seconds * 1_000
        }
        ring.succeed(0, serial: 3)
        ring.rest(0, for: nil, reason: "429", serial: 30, nextSerial: 31, at: now)
        #expect(ring.firstRest.until == now + 60_000, "an old answer forgives nothing")
        ring.succeed(0, serial: 31)
        ring.rest(0, for: nil, reason: "429", serial: 32, nextSerial: 33, at: now + 60_000)
        #expect(ring.firstRest.until == now + 61_000)
    }

    // MARK: - Pauses

    @Test func `pauses are drawn from zero to a bound that doubles`() {
        var random = generator
        let policy = ModelPolicy(retriesMax: 10, backoffMillisecondsMax: 5_000)
        let failure = RequestFailure(.serverError, "no", hint: "", host: .fails)
        var longest = [Int](repeating: 0, count: 10)
        for _ in 0..<500 {
            var course = CallCourse(ticket: 1, policy: policy)
            for number in 0..<10 {
                let step = course.step(after: failure, wasQueued: false, using: &random)
                guard case .again(let pause) = step else {
                    Issue.record("\(step) HIVE_SEED=\(generator.seed)")
                    return
                }
                longest[number] = max(longest[number], pause)
            }
            #expect(course.step(after: failure, wasQueued: false, using: &random) == .fail)
        }
        for (number, bound) in [500, 1_000, 2_000, 4_000, 5_000, 5_000].enumerated() {
            #expect(
                (bound / 2...bound).contains(longest[number]),
                "HIVE_SEED=\(generator.seed)"
            )
        }
    }

    // MARK: - When to ask again

    /// The moment that RFC 9110 takes for its dates: Sun, 06 Nov 1994 08:49:37 GMT.
    private static let unixTime = 784_111_777_000

    @Test(
        arguments: [
            (["retry-after": "120"], 120_000), (["retry-after": "1.5"], 1_500),
            (["retry-after": "0.0001"], 1), (["retry-after": "0"], nil),
            (["retry-after": "-5"], nil),
            (["retry-after": "soon"], nil), (["retry-after": ""], nil), ([:], nil),
            (["retry-after": "99999999999999999999999"], nil),
            (["retry-after": "999999999999999"], 86_400_000),
            (["retry-after": "Sun, 06 Nov 1994 08:50:37 GMT"], 60_000),
            (["retry-after": "Sunday, 06-Nov-94 08:50:37 GMT"], 60_000),
            (["retry-after": "Sun Nov  6 08:50:37 1994"], 60_000),
            (["retry-after": "Sun, 06 Nov 1994 08:49:36 GMT"], nil),
            (["retry-after": "Sun, 31 Feb 1994 08:49:36 GMT"], nil),
            // The server's own clock goes before ours.
            (
                [
                    "date": "Mon, 07 Nov 1994 08:49:37 GMT",
                    "retry-after": "Mon, 07 Nov 1994 08:49:40 GMT",
                ], 3_000
            ),
            (["retry-after-ms": "250", "retry-after": "1"], 250),
            (["x-ratelimit-reset": "784111780000"], 86_400_000),
            (["x-ratelimit-reset": "5"], 5_000),
            (["ratelimit-reset": "9", "ratelimit-remaining": "0"], 9_000),
            (["x-ratelimit-reset-tokens": "1m2.5s"], 62_500),
            (["x-ratelimit-reset-tokens": "12x"], nil),
            (["x-ratelimit-reset-tokens": "1m", "x-ratelimit-reset-requests": "2m"], 120_000),
            (["anthropic-ratelimit-requests-reset": "1994-11-06T08:50:37Z"], 60_000),
            (
                [
                    "anthropic-ratelimit-requests-reset": "1994-11-06T08:50:37Z",
                    "anthropic-ratelimit-requests-remaining": "7",
                ], nil
            ),
        ] as [([String: String], Int?)]
    )
    func `headers say when to ask again`(_ headers: [String: String], _ milliseconds: Int?) {
        let told = RetryAfter.milliseconds(in: headers, unixTime: Self.unixTime)
        #expect(told == milliseconds)
    }

    @Test func `a reset of the calendar is one of our time`() {
        let now = 1_763_730_000_000
        let inSeconds = ["x-ratelimit-reset": "1763730060"]
        #expect(RetryAfter.milliseconds(in: inSeconds, unixTime: now) == 60_000)
        let inMilliseconds = ["x-ratelimit-reset": "1763730000500"]
        #expect(RetryAfter.milliseconds(in: inMilliseconds, unixTime: now) == 500)
    }

    @Test func `no header trips the reader`() {
        var random = generator
        let pieces = [
            "9", "0", ".", "-", "ms", "h", "m", "s", " ", "GMT", "Nov", "Sun,", ":", "T", "Z",
            "999999999999", "é", "٣", "1994", "08:49:37",
        ]
        let names = ["retry-after", "retry-after-ms", "date", "x-ratelimit-reset-tokens"]
        for _ in 0..<20_000 {
            var headers: [String: String] = [:]
            for name in names {
                let count = Int.random(in: 0...8, using: &random)
                headers[name] = (0..<count).compactMap { _ in pieces.randomElement(using: &random) }
                    .joined(separator: Bool.random(using: &random) ? " " : "")
            }
            let told = RetryAfter.milliseconds(in: headers, unixTime: Self.unixTime)
            #expect(
                told.map { (1...86_400_000).contains($0) } ?? true,
                "\(headers) HIVE_SEED=\(generator.seed)"
            )
        }
    }
}
