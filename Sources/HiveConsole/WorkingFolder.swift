import Glibc

/// A daemon has a working folder of its own, so it is sent absolute paths only.
package enum WorkingFolder {
    package static func absolute(_ path: String) throws(CommandError) -> String {
        if path.hasPrefix("/") { return path }
        guard let folder = getcwd(nil, 0) else {
            throw CommandError(
                exitCode: 3,
                "cannot tell the working folder",
                hint: "change to one that exists"
            )
        }
        defer { free(folder) }
        return String(cString: folder) + "/" + path
    }
}
