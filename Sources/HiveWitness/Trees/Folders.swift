import Glibc

/// Folders of hive's own, 0700.
enum Folders {
    /// Makes a folder; one that is there already is an error.
    static func make(_ path: String) throws(WitnessError) {
        guard mkdir(path, 0o700) == 0 else { throw .failed(to: "make", path) }
    }
}
