import Glibc
package import HiveProcess

extension WitnessError {
    /// A system call that failed; `errno` is read first.
    static func failed(to verb: String, _ path: String) -> WitnessError {
        let code = errno
        let hint =
            switch code {
            case ENOSPC, EDQUOT: "free some space"
            case EMFILE, ENFILE: "too many files are open (ulimit -n)"
            case EACCES, EPERM, EROFS:
                "make it this user's to write, or set TMPDIR to such a folder"
            default: "check that the folder is there and TMPDIR is right"
            }
        return WitnessError(
            .io,
            "cannot \(verb) \(shown(path)): \(String(cString: strerror(code)))",
            hint: hint
        )
    }

    /// A program that could not be run.
    package init(_ error: WorkerError) {
        self =
            error == .cancelled
            ? WitnessError(.cancelled, error.message, hint: "ask again")
            : WitnessError(.io, error.message, hint: error.hint)
    }

    /// A name fit for a message: plain, on one line, not too long.
    static func shown(_ name: String) -> String {
        PlainText.cut(PlainText.oneLine(name), toBytes: PlainText.lineBytesMax)
    }

    static func shown(_ name: [UInt8]) -> String { shown(String(decoding: name, as: UTF8.self)) }
}
