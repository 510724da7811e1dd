import Glibc

/// Calls carried through: EINTR is retried, short reads and writes are completed.
extension SystemCalls {
    /// How often one call is retried after EINTR; a storm of signals beyond it is an error.
    static let interruptedRetriesMax = 1_000

    /// The call's answer once no signal cuts in.
    @inline(__always)
    func retrying(_ call: () -> Int) -> Int {
        var answer = call()
        var retries = 0
        while answer == -Int(EINTR), retries < Self.interruptedRetriesMax {
            answer = call()
            retries += 1
        }
        return answer
    }

    /// Reads at `offset` until `buffer` is full or the file ends: the bytes read, or `-errno`.
    func readWhole(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer, at offset: Int64)
        -> Int
    {
        var done = 0
        while done < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            let count = retrying { pread(descriptor, rest, offset + Int64(done)) }
            if count < 0 { return count }
            if count == 0 { break }
            done += count
        }
        return done
    }

    /// Writes all of `bytes` at `offset`: their count, or `-errno`, which may leave a part.
    func overwriteWhole(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, at offset: Int64)
        -> Int
    {
        complete(bytes) { rest, done in pwrite(descriptor, rest, offset + Int64(done)) }
    }

    /// Appends all of `bytes` in as many writes as it takes: their count, or `-errno`.
    ///
    /// Only for a file with one writer: between two writes another's line could come in.
    func appendWhole(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        complete(bytes) { rest, _ in write(descriptor, rest) }
    }

    private func complete(
        _ bytes: UnsafeRawBufferPointer,
        _ call: (_ rest: UnsafeRawBufferPointer, _ done: Int) -> Int
    ) -> Int {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            let count = retrying { call(rest, done) }
            if count < 0 { return count }
            // A write of bytes that writes none and does not say why: the disk takes no more.
            if count == 0 { return -Int(ENOSPC) }
            done += count
        }
        return done
    }
}
