import Foundation

/// Python programs that `Tests/venv.sh` has installed under `.build/`.
package enum VirtualEnvironment {
    /// The repository's root: three folders above this file's.
    package static let root =
        "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

    /// The path of a program; nil where it is not installed whole.
    package static func program(_ program: String, of name: String) -> String? {
        let folder = "\(root)/.build/\(name)"
        let path = "\(folder)/venv/bin/\(program)"
        let isThere = [folder + "/installed.txt", path].allSatisfy {
            FileManager.default.fileExists(atPath: $0)
        }
        return isThere ? path : nil
    }
}
