import Glibc

/// Why a measurement could not be made: what was being done, and the cure.
struct BenchError: Error, CustomStringConvertible {
    let problem: String
    let hint: String

    init(_ problem: String, hint: String) {
        self.problem = problem
        self.hint = hint
    }

    /// A failed system call: `action` names it and its object, `code` is its errno.
    init(
        _ action: String,
        errno code: Int32,
        hint: String = "check the path, its rights and the disk"
    ) {
        self.init("\(action): \(String(cString: strerror(code)))", hint: hint)
    }

    var description: String { "\(problem) (\(hint))" }
}
