internal import Glibc

/// Where the control socket is.
package enum SocketPath {
    /// What fits into `sockaddr_un.sun_path` with its terminating NUL.
    package static let pathBytesMax = 107

    /// The socket's path for a state folder.
    ///
    /// `<state>/hive.sock`; where that is longer than `pathBytesMax` bytes,
    /// `$XDG_RUNTIME_DIR/hive/HASH.sock`, else `/tmp/hive-UID/HASH.sock`. HASH is the FNV-1a 64
    /// hash of the state folder's path, so a daemon and its clients find each other by
    /// that path alone.
    ///
    /// - Parameters:
    ///   - stateDirectory: an absolute path.
    ///   - runtimeDirectory: the value of `XDG_RUNTIME_DIR`; nil or relative: there is none.
    /// - Returns: an absolute path of at most `pathBytesMax` bytes.
    package static func choose(stateDirectory: String, runtimeDirectory: String?) -> String {
        let state = withoutTrailingSlashes(stateDirectory)
        let near = state + nameInStateFolder
        if near.utf8.count <= pathBytesMax { return near }
        let name = hash(state) + ".sock"
        if let runtimeDirectory, runtimeDirectory.hasPrefix("/") {
            let path = withoutTrailingSlashes(runtimeDirectory) + "/hive/" + name
            if path.utf8.count <= pathBytesMax { return path }
        }
        return "/tmp/hive-\(geteuid())/" + name
    }

    /// Makes the socket's folder where it is missing, 0700, and checks it as `checkFolder` does.
    ///
    /// A server calls this before it binds. Only the last folder of the path is made.
    package static func prepareFolder(of socketPath: String) throws(ControlError) {
        let folder = folder(of: socketPath)
        if mkdir(folder, 0o700) != 0, errno != EEXIST {
            throw ControlError(
                .machineFailed,
                "cannot make the folder \(folder): \(errorText(errno))",
                hint: "check that its parent folder exists and is writable"
            )
        }
        try checkFolder(of: socketPath)
    }

    /// Refuses a socket outside the state folder unless its folder is a real one (no link), ours
    /// and 0700: in `/tmp` anybody could have made it first and put a socket of their own there.
    package static func checkFolder(of socketPath: String) throws(ControlError) {
        if socketPath.hasSuffix(nameInStateFolder) { return }
        let folder = folder(of: socketPath)
        var status = stat()
        guard lstat(folder, &status) == 0 else {
            if errno == ENOENT { return }
            throw ControlError(.machineFailed, "cannot look at \(folder): \(errorText(errno))")
        }
        let isPrivateFolder = status.st_mode & S_IFMT == S_IFDIR && status.st_mode & 0o077 == 0
        guard isPrivateFolder, status.st_uid == geteuid() else {
            throw ControlError(
                .machineFailed,
                "\(folder) is not a folder that only you can use",
                hint: "remove it (it is somebody else's, or its mode is not 0700), "
                    + "or set XDG_RUNTIME_DIR"
            )
        }
    }

    private static let nameInStateFolder = "/hive.sock"

    private static func folder(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: 0x2F), slash > path.startIndex else { return "/" }
        return String(path[..<slash])
    }

    private static func withoutTrailingSlashes(_ path: String) -> String {
        var path = path[...]
        while path.utf8.count > 1, path.hasSuffix("/") { path.removeLast() }
        return String(path)
    }

    /// FNV-1a, 64 bits, as 16 hex digits.
    private static func hash(_ text: String) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// The system's words for an `errno`.
func errorText(_ code: Int32) -> String {
    guard let text = strerror(code) else { return "error \(code)" }
    return String(cString: text)
}
