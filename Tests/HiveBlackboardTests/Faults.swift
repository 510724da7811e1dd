import Glibc
import HiveBlackboard
import Synchronization

/// The kernel with planned failures: each call is counted, and the chosen one goes wrong.
final class Faults: Sendable {
    enum Call: String, Sendable, Hashable, CaseIterable {
        case open, close, pread, write, pwrite, lseek, fsync, fdatasync, ftruncate
        case fstat, stat, lstat, flock, mkdir
    }

    enum Fault: Sendable, Hashable {
        /// The call is not made; this errno is answered.
        case fails(Int32)
        /// Only so many bytes are read or written.
        case short(Int)
    }

    private struct Plan: Sendable {
        /// Nil: any call.
        var call: Call?
        var fault: Fault
        var skip: Int
        var times: Int
    }

    private struct State: Sendable {
        var plans: [Plan] = []
        var log: [Call] = []
    }

    private let state = Mutex(State())

    /// The calls made since the last `clear()`.
    var log: [Call] { state.withLock { $0.log } }

    /// Plans a fault for the call after `skip` others of its kind, so many times in a row.
    func plan(_ fault: Fault, on call: Call?, after skip: Int = 0, times: Int = 1) {
        state.withLock {
            $0.plans.append(Plan(call: call, fault: fault, skip: skip, times: times))
        }
    }

    func clear() { state.withLock { $0 = State() } }

    private func fault(on call: Call) -> Fault? {
        state.withLock { state in
            state.log.append(call)
            for index in state.plans.indices
            where state.plans[index].call.map({ $0 == call }) ?? true {
                if state.plans[index].skip > 0 {
                    state.plans[index].skip -= 1
                } else if state.plans[index].times > 0 {
                    state.plans[index].times -= 1
                    return state.plans[index].fault
                }
            }
            return nil
        }
    }

    /// Makes the call as planned; `live` is given how many bytes it may move.
    private func run(_ call: Call, bytes: Int = 0, _ live: (Int) -> Int) -> Int {
        switch fault(on: call) {
        case .fails(let errno): -Int(errno)
        case .short(let count): live(min(count, bytes))
        case nil: live(bytes)
        }
    }

    var calls: SystemCalls {
        var calls = SystemCalls.live
        failReadsAndWrites(&calls)
        failTheRest(&calls)
        return calls
    }

    private func failReadsAndWrites(_ calls: inout SystemCalls) {
        let live = SystemCalls.live
        calls.pread = { descriptor, buffer, offset in
            self.run(.pread, bytes: buffer.count) {
                live.pread(descriptor, .init(rebasing: buffer[..<$0]), offset)
            }
        }
        calls.write = { descriptor, buffer in
            self.run(.write, bytes: buffer.count) {
                live.write(descriptor, .init(rebasing: buffer[..<$0]))
            }
        }
        calls.pwrite = { descriptor, buffer, offset in
            self.run(.pwrite, bytes: buffer.count) {
                live.pwrite(descriptor, .init(rebasing: buffer[..<$0]), offset)
            }
        }
    }

    private func failTheRest(_ calls: inout SystemCalls) {
        let live = SystemCalls.live
        calls.open = { path, flags, mode in self.run(.open) { _ in live.open(path, flags, mode) } }
        calls.close = { descriptor in
            let closed = live.close(descriptor)
            return self.run(.close) { _ in closed }
        }
        calls.lseek = { descriptor, offset, whence in
            self.run(.lseek) { _ in live.lseek(descriptor, offset, whence) }
        }
        calls.fsync = { descriptor in self.run(.fsync) { _ in live.fsync(descriptor) } }
        calls.fdatasync = { descriptor in self.run(.fdatasync) { _ in live.fdatasync(descriptor) } }
        calls.ftruncate = { descriptor, length in
            self.run(.ftruncate) { _ in live.ftruncate(descriptor, length) }
        }
        calls.fstat = { descriptor, status in
            self.run(.fstat) { _ in live.fstat(descriptor, &status) }
        }
        calls.stat = { path, status in self.run(.stat) { _ in live.stat(path, &status) } }
        calls.lstat = { path, status in self.run(.lstat) { _ in live.lstat(path, &status) } }
        calls.flock = { descriptor, operation in
            self.run(.flock) { _ in live.flock(descriptor, operation) }
        }
        calls.mkdir = { path, mode in self.run(.mkdir) { _ in live.mkdir(path, mode) } }
    }
}
