import Glibc

/// A file in the state folder while generations that ended are folded anew.
///
/// What the ledger holds until then is no state that a board was ever in: after a crash the ledger
/// is begun once more, and whoever only looks does without it.
struct RebuildMark {
    let path: String

    init(_ settings: Settings) { path = settings.stateDirectory + "/rebuilding" }

    var stands: Bool { FileProbe.exists(path) }

    func set() throws(HiveError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw .machine(
                "cannot write \(path): \(String(cString: strerror(errno)))",
                hint: "make room and the state folder writable"
            )
        }
        close(descriptor)
    }

    func clear() throws(HiveError) {
        guard unlink(path) != 0, errno != ENOENT else { return }
        throw .machine(
            "cannot remove \(path): \(String(cString: strerror(errno)))",
            hint: "make the state folder writable"
        )
    }
}
