import Glibc

/// The variables of this process that say where programs, homes and temporary files are.
enum ProcessVariables {
    static var places: [String: String] {
        var places: [String: String] = [:]
        for name in ["PATH", "HOME", "TMPDIR", "RUSTUP_HOME"] {
            places[name] = getenv(name).map { String(cString: $0) }
        }
        return places
    }
}
