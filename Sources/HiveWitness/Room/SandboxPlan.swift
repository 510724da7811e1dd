/// What a sandbox shows of the machine, and where: a value, made before anything is mounted.
struct SandboxPlan: Sendable, Hashable {
    enum Mount: Sendable, Hashable {
        /// A folder or file of the machine, to read.
        case readable(String, at: String)
        /// A folder of the room's, to write.
        case writable(String, at: String)
        case link(to: String, at: String)
        case processes(at: String)
        case devices(at: String)
    }

    /// In this order; a later one covers what an earlier one has at its place.
    var mounts: [Mount] = []
    /// Where the program starts.
    var folder = "/"
    var sharesNetwork = false

    /// The words that bubblewrap and hive's own sandbox (`clinux_sandbox`) both know.
    var words: [String] {
        mounts.flatMap { mount in
            switch mount {
            case .readable(let from, let to): ["--ro-bind", from, to]
            case .writable(let from, let to): ["--bind", from, to]
            case .link(let target, let path): ["--symlink", target, path]
            case .processes(let path): ["--proc", path]
            case .devices(let path): ["--dev", path]
            }
        } + (sharesNetwork ? ["--share-net"] : []) + ["--hostname", "hive", "--chdir", folder]
    }

    /// The words for bubblewrap, up to the program's.
    func bubblewrap(_ program: String) -> [String] {
        [program, "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
            + words + ["--remount-ro", "/", "--"]
    }

    /// The words for hive's own sandbox behind those that lead to it, up to the program's.
    func namespaces(_ entry: [String]) -> [String] { entry + words + ["--"] }
}
