import Glibc
import HiveBlackboard
import Testing

/// A folder of one test's own, gone with it.
final class TemporaryFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/hive-blackboard-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap(mkdtemp).map { String(cString: $0) }
        }
        path = try #require(made)
    }

    deinit { TemporaryFolder.removeTree(path) }

    func file(_ name: String) -> String { path + "/" + name }

    /// Makes a file with these bytes and gives its path.
    func makeFile(_ name: String, _ text: String = "") throws -> String {
        try write(text, to: file(name), flags: O_CREAT | O_TRUNC)
        return file(name)
    }

    static func removeTree(_ path: String) {
        if let folder = opendir(path) {
            while let entry = readdir(folder) {
                let name = withUnsafeBytes(of: &entry.pointee.d_name) { raw in
                    String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
                }
                if name != ".", name != "..", unlink(path + "/" + name) != 0 {
                    removeTree(path + "/" + name)
                }
            }
            closedir(folder)
        }
        rmdir(path)
    }
}

/// Writes as a stranger to the code under test would: `O_APPEND` is `echo >>`.
func write(_ text: String, to path: String, flags: Int32 = O_APPEND) throws {
    let descriptor = open(path, O_WRONLY | flags, 0o644)
    try #require(descriptor >= 0, "open \(path): errno \(errno)")
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    try #require(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
}

func contents(_ path: String) throws -> String {
    String(decoding: try bytes(path), as: UTF8.self)
}

func bytes(_ path: String) throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY)
    try #require(descriptor >= 0, "open \(path): errno \(errno)")
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = read(descriptor, &chunk, chunk.count)
        try #require(count >= 0)
        if count == 0 { return bytes }
        bytes += chunk[..<count]
    }
}

/// The board error a body throws; the test fails where it throws none.
func boardError(_ body: () throws -> Void) throws -> BoardError {
    let error = #expect(throws: BoardError.self) { try body() }
    return try #require(error)
}

/// SplitMix64: a seed replays.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    let seed: UInt64

    /// From HIVE_SEED where it is set; say the seed where the test fails.
    init() {
        seed =
            getenv("HIVE_SEED").flatMap { UInt64(String(cString: $0)) }
            ?? UInt64.random(in: 0 ... .max)
        state = seed
        print("HIVE_SEED=\(seed)")
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
