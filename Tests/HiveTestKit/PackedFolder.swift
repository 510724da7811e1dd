/// What takes long to make is made once, and each test unpacks a copy.
extension TemporaryFolder {
    /// The folder as bytes (tar).
    package func packed() throws -> [UInt8] {
        let parent = try TemporaryFolder()
        let words = ["-cf", parent.at("tar"), "-C", path, "."]
        let output = try Spawned.run("/bin/tar", words, in: parent.path)
        guard output.exitCode == 0 else { throw TestKitError("tar: \(output)") }
        return parent.bytes("tar")
    }

    /// A copy, in a folder of its own.
    package convenience init(packed bytes: [UInt8]) throws {
        try self.init()
        let output = try Spawned.run("/bin/tar", ["-xf", "-"], in: path, input: bytes)
        guard output.exitCode == 0 else { throw TestKitError("tar: \(output)") }
    }
}
