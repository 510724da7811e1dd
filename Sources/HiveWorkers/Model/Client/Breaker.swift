/// Stops asking a host that does not answer, and tries now and then whether it is back.
///
/// Time is milliseconds of a clock that never jumps. Requests are told apart by their serial
/// numbers: those that went out before it opened say nothing about how it goes now.
struct Breaker: Sendable, Hashable {
    enum State: Sendable, Hashable {
        case closed
        /// Nothing is sent before `until`, milliseconds.
        case open(until: Int)
        /// One request is on its way to try the host.
        case probing(serial: Int)
    }

    /// Failures in a row that open it.
    static let failuresMax = 5
    /// How long it is open at first; every failed probe doubles that.
    static let openMilliseconds = 1_000
    static let openMillisecondsMax = 60_000

    private(set) var state = State.closed
    /// Why the last request failed, in words for the caller.
    private(set) var reason = ""
    private var failures = 0
    private var openFor = 0

    /// True while a probe is on its way: what it finds is worth the wait.
    var isProbing: Bool {
        if case .probing = state { return true }
        return false
    }

    /// Whether a request may go out now.
    func allows(at now: Int) -> Bool {
        switch state {
        case .closed: true
        case .open(let until): until <= now
        case .probing: false
        }
    }

    /// Whether the request, which was allowed earlier, may still go out.
    func stillAllows(serial: Int) -> Bool {
        switch state {
        case .closed: true
        case .open: false
        case .probing(let probe): probe == serial
        }
    }

    /// A request that `allows` allowed is about to go out; where it was open, as its probe.
    mutating func begin(serial: Int) {
        if case .open = state { state = .probing(serial: serial) }
    }

    /// The host answered, if only to refuse.
    mutating func succeed() { self = Breaker() }

    /// The host did not answer, or answered with a failure of its own.
    mutating func fail(serial: Int, reason: String, at now: Int) {
        self.reason = reason
        switch state {
        case .closed:
            failures += 1
            if failures >= Self.failuresMax { open(for: Self.openMilliseconds, at: now) }
        case .open, .probing: failProbe(serial: serial, reason: reason, at: now)
        }
    }

    /// A request failed in a way that counts only against a probe: its time passed.
    mutating func failProbe(serial: Int, reason: String, at now: Int) {
        guard state == .probing(serial: serial) else { return }
        self.reason = reason
        open(for: min(openFor * 2, Self.openMillisecondsMax), at: now)
    }

    /// A request ended and nobody knows how the host is: it was cancelled, say.
    ///
    /// A probe leaves the place to the next one.
    mutating func abandon(serial: Int, at now: Int) {
        if state == .probing(serial: serial) { state = .open(until: now) }
    }

    private mutating func open(for milliseconds: Int, at now: Int) {
        openFor = milliseconds
        state = .open(until: now + milliseconds)
    }
}
