import Glibc
import HiveConsole
import HiveSignal
import Synchronization

/// A question from a thread that blocks to the asynchronous side.
final class DoctorRequest: Sendable {
    typealias Answer = Result<JSONValue, CommandError>

    let params: JSONValue
    private let result = Mutex<Answer?>(nil)
    /// The reading end waits, the writing end is closed with the answer.
    private let ends: (read: Int32, write: Int32)

    init(params: JSONValue) {
        self.params = params
        var pair: [Int32] = [-1, -1]
        if pipe(&pair) == 0 { for end in pair { _ = fcntl(end, F_SETFD, FD_CLOEXEC) } }
        ends = (pair[0], pair[1])
    }

    deinit { close(ends.read) }

    func answer(_ answer: Answer) {
        result.withLock { $0 = answer }
        close(ends.write)
    }

    func wait() throws(CommandError) -> JSONValue {
        var byte: UInt8 = 0
        while read(ends.read, &byte, 1) < 0 && errno == EINTR {}
        guard let answer = result.withLock({ $0 }) else {
            throw CommandError(exitCode: 3, "doctor gave no answer", hint: "run it: hive doctor")
        }
        return try answer.get()
    }
}

/// An exit code that one thread leaves for another.
final class SharedCode: Sendable {
    private let code = Mutex<Int32>(0)

    func set(_ value: Int32) { code.withLock { $0 = value } }
    func get() -> Int32 { code.withLock { $0 } }
}
