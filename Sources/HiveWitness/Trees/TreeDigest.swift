import Crypto
import HiveSignal

/// Digests by which parts of trees are compared; all are SHA-256 in hexadecimal digits.
package enum TreeDigest {
    package static func sha256(_ bytes: [UInt8]) -> String {
        Hex.encode(Array(SHA256.hash(data: bytes)))
    }

    /// Over mode, blob and path of each file, in the order of their paths.
    package static func of(_ files: [TreeFile]) -> String {
        var hash = SHA256()
        for file in files.sorted(by: { $0.path.lexicographicallyPrecedes($1.path) }) {
            hash.update(data: Array("\(file.mode.rawValue) \(file.blob) ".utf8))
            // No path has a NUL in it.
            hash.update(data: file.path + [0])
        }
        return Hex.encode(Array(hash.finalize()))
    }
}
