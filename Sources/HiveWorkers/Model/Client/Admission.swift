// Who may send a request, and when
//
// A call that wants to send draws a ticket once and keeps it: older calls go first, also those
// that come back to try again. The head of the line is judged; who stands behind it waits. It
// goes where the host answers, there is a slot, and a key neither rests nor lacks a token. It is
// sent away where no key will ever come, or none soon enough, or where the host is down: then it
// comes back after a pause of its own, and the line stays short. While a probe tries the host the
// line waits for what it finds: an answer may take longer than all of a call's pauses.
//
// Nothing here waits: what was decided is fetched by the caller, and `advance` names those who
// should come and look. The line has no bound of its own: each place in it is a task of the
// caller's that waits.

/// Decides which call may send, over keys, host and concurrency.
struct Admission: Sendable {
    /// Leave to send one request; whoever has it gives it back by `finish` or `abandon`.
    struct Pass: Sendable, Hashable {
        /// Numbers all requests in their order.
        let serial: Int
        /// The key's place.
        let key: Int
    }

    enum Decision: Sendable, Hashable {
        case admitted(Pass)
        /// The host is not asked at present; the reason in words.
        case hostIsDown(String)
        /// Every key was refused; the reason in words.
        case keysRefused(String)
        /// Every key rests longer than calls wait for.
        case keysRest(milliseconds: Int, reason: String)
    }

    /// What a call in the line is told.
    enum Word: Sendable, Hashable {
        case decided(Decision)
        /// Look again at `until`, milliseconds; nil: when it is told to.
        case wait(until: Int?)
    }

    private(set) var keys: KeyRing
    private(set) var breaker = Breaker()
    private(set) var concurrency: ConcurrencyLimit
    private let restMillisecondsMax: Int

    private var tickets = 0
    private var serials = 0
    /// Tickets that wait, the oldest first.
    private var line: [Int] = []
    private var decisions: [Int: Decision] = [:]
    /// What the head was told last.
    private var told: Told?

    private struct Told: Sendable, Hashable {
        var ticket: Int
        var until: Int
    }

    init(keys: [ModelKey], policy: ModelPolicy, at now: Int) {
        self.keys = KeyRing(keys, requestsPerMinute: policy.requestsPerMinute, at: now)
        concurrency = ConcurrencyLimit(max: policy.concurrencyMax)
        restMillisecondsMax = policy.restMillisecondsMax
    }

    /// How many wait in the line.
    var waiting: Int { line.count }

    /// A call's place among all others, for the whole of its life.
    mutating func drawTicket() -> Int {
        tickets += 1
        return tickets
    }

    /// Puts a call into the line; `advance` is next.
    mutating func enter(_ ticket: Int) { line.insert(ticket, at: place(of: ticket)) }

    /// Takes a call out, wherever it stands; `advance` is next.
    mutating func leave(_ ticket: Int, at now: Int) {
        let place = place(of: ticket)
        if place < line.count && line[place] == ticket { line.remove(at: place) }
        if case .admitted(let pass) = decisions.removeValue(forKey: ticket) {
            abandon(pass, wasSent: false, at: now)
        }
    }

    /// Judges the line from its head.
    ///
    /// - Returns: The tickets that something was decided on, and the head where it has to look
    ///   again at another time than it was told.
    mutating func advance(at now: Int) -> [Int] {
        var called: [Int] = []
        while let head = line.first {
            switch judge(at: now) {
            case .decided(let decision):
                line.removeFirst()
                decisions[head] = decision
                called.append(head)
            case .wait(let until):
                guard let until else {
                    told = nil
                    return called
                }
                let next = Told(ticket: head, until: until)
                if told != next { called.append(head) }
                told = next
                return called
            }
        }
        return called
    }

    /// What the call is told now; a decision is told once.
    mutating func word(for ticket: Int) -> Word {
        if let decision = decisions.removeValue(forKey: ticket) { return .decided(decision) }
        return .wait(until: told?.ticket == ticket ? told?.until : nil)
    }

    private mutating func judge(at now: Int) -> Word {
        if let refusal = keys.refusal { return .decided(.keysRefused(refusal)) }
        let rest = keys.firstRest
        if rest.until > now && rest.until - now > restMillisecondsMax {
            return .decided(.keysRest(milliseconds: rest.until - now, reason: rest.reason))
        }
        guard !breaker.isProbing else { return .wait(until: nil) }
        guard breaker.allows(at: now) else { return .decided(.hostIsDown(breaker.reason)) }
        guard concurrency.hasRoom else { return .wait(until: nil) }
        guard let key = keys.take(at: now) else { return .wait(until: keys.readyAt(now)) }
        let pass = Pass(serial: serials, key: key)
        serials += 1
        concurrency.begin()
        breaker.begin(serial: pass.serial)
        return .decided(.admitted(pass))
    }

    private func place(of ticket: Int) -> Int {
        // Nearly always at the end: new calls have the newest tickets.
        guard let last = line.last, last >= ticket else { return line.count }
        var (low, high) = (0, line.count)
        while low < high {
            let middle = (low + high) / 2
            if line[middle] < ticket { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

// MARK: - What becomes of a pass

extension Admission {
    /// Tells whether a pass still holds: meanwhile its key may rest, or the host be down.
    ///
    /// - Returns: False: it is given back, and the call enters the line again.
    mutating func confirm(_ pass: Pass, at now: Int) -> Bool {
        guard keys.isUsable(pass.key, at: now), breaker.stillAllows(serial: pass.serial) else {
            abandon(pass, wasSent: false, at: now)
            return false
        }
        keys.noteSent(pass.key)
        return true
    }

    /// Gives back a pass that nothing can be learnt from; `advance` is next.
    mutating func abandon(_ pass: Pass, wasSent: Bool, at now: Int) {
        giveBack(pass, isUnused: !wasSent, at: now)
        breaker.abandon(serial: pass.serial, at: now)
    }

    /// Gives back a pass whose request was answered; `advance` is next.
    mutating func succeed(_ pass: Pass, latency: Int, at now: Int) {
        giveBack(pass, isUnused: false, at: now)
        keys.succeed(pass.key, serial: pass.serial)
        concurrency.succeed(latency: latency, at: now)
        breaker.succeed()
    }

    /// Gives back a pass whose request failed, and learns from it; `advance` is next.
    ///
    /// - Parameters:
    ///   - pass: What `confirm` confirmed.
    ///   - failure: What became of the request.
    ///   - total: The milliseconds that the request was given.
    ///   - now: Milliseconds.
    /// - Returns: True for a time-out of a request that was only queued at the server.
    mutating func fail(
        _ pass: Pass,
        _ failure: RequestFailure,
        total: Int,
        at now: Int
    ) -> Bool {
        giveBack(pass, isUnused: false, at: now)
        if let rest = failure.rest {
            keys.rest(
                pass.key,
                for: rest.milliseconds,
                reason: rest.reason,
                serial: pass.serial,
                nextSerial: serials,
                at: now
            )
        }
        if failure.kind == .keyRefused { keys.retire(pass.key, reason: failure.message) }
        if failure.isOverload { concurrency.overload(serial: pass.serial, nextSerial: serials) }
        switch failure.host {
        case .answers: breaker.succeed()
        case .fails: breaker.fail(serial: pass.serial, reason: failure.message, at: now)
        case .slow: breaker.failProbe(serial: pass.serial, reason: failure.message, at: now)
        }
        guard failure.kind == .timedOut else { return false }
        return concurrency.timeOut(
            total: total,
            serial: pass.serial,
            nextSerial: serials,
            at: now
        )
    }

    private mutating func giveBack(_ pass: Pass, isUnused: Bool, at now: Int) {
        keys.giveBack(pass.key, isUnused: isUnused, at: now)
        concurrency.end()
    }
}
