import Glibc

/// The system calls on the path of append, journal and mask.
///
/// Each answers as the kernel does, without a global: zero or more for success, `-errno` for
/// failure. Everything in this room that touches a file goes through one of these values, so that a
/// test can fail each call once. What is done about EINTR and short counts is in
/// `SystemCalls+Whole.swift`, above this seam.
package struct SystemCalls: Sendable {
    /// open(2): path, flags, mode.
    package var open: @Sendable (String, Int32, UInt32) -> Int
    /// close(2); never retried: on Linux the descriptor is gone whatever is answered.
    package var close: @Sendable (Int32) -> Int
    /// pread(2): descriptor, buffer, offset.
    package var pread: @Sendable (Int32, UnsafeMutableRawBufferPointer, Int64) -> Int
    /// write(2): descriptor, bytes.
    package var write: @Sendable (Int32, UnsafeRawBufferPointer) -> Int
    /// pwrite(2): descriptor, bytes, offset.
    package var pwrite: @Sendable (Int32, UnsafeRawBufferPointer, Int64) -> Int
    /// lseek(2): descriptor, offset, whence.
    package var lseek: @Sendable (Int32, Int64, Int32) -> Int
    package var fsync: @Sendable (Int32) -> Int
    package var fdatasync: @Sendable (Int32) -> Int
    /// ftruncate(2): descriptor, length.
    package var ftruncate: @Sendable (Int32, Int64) -> Int
    /// fstat(2); written to the second parameter.
    package var fstat: @Sendable (Int32, inout FileStatus) -> Int
    /// stat(2), which follows links.
    package var stat: @Sendable (String, inout FileStatus) -> Int
    /// lstat(2), which does not.
    package var lstat: @Sendable (String, inout FileStatus) -> Int
    /// flock(2): descriptor, operation.
    package var flock: @Sendable (Int32, Int32) -> Int
    /// mkdir(2): path, mode.
    package var mkdir: @Sendable (String, UInt32) -> Int
}

extension SystemCalls {
    /// The kernel's own.
    package static let live = SystemCalls(
        open: { answer(Glibc.open($0, $1, $2)) },
        close: { answer(Glibc.close($0)) },
        pread: { answer(Glibc.pread($0, $1.baseAddress, $1.count, off_t($2))) },
        write: { answer(Glibc.write($0, $1.baseAddress, $1.count)) },
        pwrite: { answer(Glibc.pwrite($0, $1.baseAddress, $1.count, off_t($2))) },
        lseek: { answer(Glibc.lseek($0, off_t($1), $2)) },
        fsync: { answer(Glibc.fsync($0)) },
        fdatasync: { answer(Glibc.fdatasync($0)) },
        ftruncate: { answer(Glibc.ftruncate($0, off_t($1))) },
        fstat: { descriptor, status in status.take { Glibc.fstat(descriptor, &$0) } },
        stat: { path, status in status.take { statCall(path, &$0) } },
        lstat: { path, status in status.take { Glibc.lstat(path, &$0) } },
        flock: { answer(flockCall($0, $1)) },
        mkdir: { answer(Glibc.mkdir($0, $1)) }
    )
}

/// A C result as the kernel gave it: `-1` becomes `-errno`.
private func answer(_ result: some BinaryInteger) -> Int {
    result == -1 ? -Int(errno) : Int(result)
}

// Glibc has a type and a function of each of these names; only here, outside a type that has
// members so called, does the plain name mean the function.

private func statCall(_ path: String, _ raw: inout stat) -> Int32 { stat(path, &raw) }

private func flockCall(_ descriptor: Int32, _ operation: Int32) -> Int32 {
    flock(descriptor, operation)
}

extension FileStatus {
    /// Takes what a call of the stat family found; unchanged where it failed.
    fileprivate mutating func take(_ call: (inout stat) -> Int32) -> Int {
        var raw = stat()
        let result = answer(call(&raw))
        if result >= 0 { self = FileStatus(raw) }
        return result
    }
}
