import CLinux
import Glibc
import HiveSignal

/// A scripted endpoint that is a process of its own, for benches and for tests that kill things.
///
/// It prints `READY http://127.0.0.1:PORT`, serves until SIGTERM, SIGINT or the end of its
/// standard input, then prints one line of JSON: what it saw.
package enum EndpointProgram {
    package static let usage = """
        usage: [--latency MS] [--piece-latency MS] [--share FAULT:SHARE]... [--seed N]
               [--retry-after SECONDS] [--key NAME]... [--model NAME]...
        FAULT is a status such as 429, or one of cut reset hang slowLoris malformedSSE
        wrongContentType notJSON hugeBody gzipBomb echoKeys noHeadersEnd closeBeforeAnswer;
        SHARE is between 0 and 1.
        """

    /// Connections that the program is to carry, each a descriptor.
    private static let descriptorsWanted = 16_384
    /// The largest number that an option takes: any seed of 32 bits.
    private static let numberMax = Int(UInt32.max)
    private static let cutAfterBytes = 64
    private static let hugeBodyBytes = 64 << 20
    private static let gzipBombBytes = 1 << 30

    /// Runs the program with the arguments that follow its name; its exit code.
    package static func run(_ arguments: [String]) -> Int32 {
        do {
            let script = try script(arguments)
            OpenFiles.raiseLimit(to: descriptorsWanted)
            // Blocked before there is any thread, so that they wait for `sigwait` in all of them.
            var signals = sigset_t()
            sigemptyset(&signals)
            for number in [SIGTERM, SIGINT] { sigaddset(&signals, number) }
            pthread_sigmask(SIG_BLOCK, &signals, nil)
            let endpoint = try ScriptedEndpoint(script)
            try watchStandardInput()
            try say("READY \(endpoint.address)")
            var number: Int32 = 0
            sigwait(&signals, &number)
            endpoint.stop()
            try say(endpoint.seen().json.text)
            return 0
        } catch {
            let line = Array("endpoint: \(error)\n".utf8)
            _ = write(STDERR_FILENO, line, line.count)
            return 2
        }
    }

    /// The script that the arguments describe.
    package static func script(_ arguments: [String]) throws -> EndpointScript {
        var script = EndpointScript()
        var models: [String] = []
        var shares: [(name: String, share: Double)] = []
        var retryAfter: Int?
        var rest = arguments[...]
        while let option = rest.popFirst() {
            guard let value = rest.popFirst() else {
                throw TestKitError("\(option) is unknown or has no value\n\(usage)")
            }
            switch option {
            case "--latency": script.latencyMilliseconds = try number(value, option)
            case "--piece-latency": script.pieceMilliseconds = try number(value, option)
            case "--seed": script.seed = UInt64(try number(value, option))
            case "--retry-after": retryAfter = try number(value, option)
            case "--key": script.keys.insert(value)
            case "--model": models.append(value)
            case "--share": shares.append(try share(value))
            default: throw TestKitError("\(option) is unknown\n\(usage)")
            }
        }
        if !models.isEmpty { script.models = models }
        script.faultShares = try shares.map { (try fault($0.name, retryAfter), $0.share) }
        return script
    }

    private static func number(_ text: String, _ option: String) throws -> Int {
        guard let number = Int(text), (0...numberMax).contains(number) else {
            let range = "0 to \(numberMax)"
            throw TestKitError("\(option) takes a number from \(range), not \(text)\n\(usage)")
        }
        return number
    }

    private static func share(_ text: String) throws -> (name: String, share: Double) {
        let parts = text.split(separator: ":").map(String.init)
        guard parts.count == 2, let share = Double(parts[1]), (0...1).contains(share) else {
            throw TestKitError("--share takes FAULT:SHARE, not \(text)\n\(usage)")
        }
        return (parts[0], share)
    }

    private static func fault(_ name: String, _ retryAfter: Int?) throws -> Fault {
        if let status = Int(name), (400...599).contains(status) {
            let tellsWhen = status == 429 || status == 503
            return .status(status, retryAfterSeconds: tellsWhen ? retryAfter : nil)
        }
        let faults: [Fault] = [
            .cut(afterBytes: cutAfterBytes), .reset, .hang, .slowLoris, .malformedSSE,
            .wrongContentType, .notJSON, .hugeBody(bytes: hugeBodyBytes),
            .gzipBomb(bytes: gzipBombBytes), .echoKeys, .noHeadersEnd, .closeBeforeAnswer,
        ]
        guard let fault = faults.first(where: { $0.name == name }) else {
            throw TestKitError("\(name) is no fault\n\(usage)")
        }
        return fault
    }

    /// Turns the end of standard input into SIGTERM: whoever started this is gone.
    private static func watchStandardInput() throws {
        _ = try JoinedThread {
            var chunk = [UInt8](repeating: 0, count: 4_096)
            while true {
                let count = read(STDIN_FILENO, &chunk, chunk.count)
                guard count > 0 || (count < 0 && errno == EINTR) else { break }
            }
            kill(getpid(), SIGTERM)
        }
    }

    /// Writes a line to standard output.
    private static func say(_ text: String) throws {
        var rest = Array("\(text)\n".utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else {
                throw TestKitError("cannot write to standard output: errno \(errno)")
            }
            rest = rest.dropFirst(max(0, count))
        }
    }
}

/// The descriptors that this process may have.
package enum OpenFiles {
    /// Raises the soft limit as far as the hard one lets it.
    package static func raiseLimit(to wanted: Int) {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0,
            limit.rlim_cur < rlim_t(wanted)
        else { return }
        limit.rlim_cur = min(rlim_t(wanted), limit.rlim_max)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
