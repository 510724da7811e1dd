import Glibc
import Testing

/// A folder of one test's own; it and what was written in it are gone with the value.
final class SettingsFolder {
    struct Failure: Error {
        let call: String
        let errno: Int32
    }

    let path: String
    /// What was made in the folder, in order: removed from the last to the first.
    private var made: [String] = []

    init() throws {
        var template = Array("/tmp/hive-settings-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure(call: "mkdtemp", errno: errno) }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit {
        for name in made.reversed() { remove(name) }
        remove(path)
    }

    /// Writes the whole file; its path.
    func write(_ bytes: [UInt8], to name: String) throws -> String {
        let file = path + "/" + name
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure(call: "open", errno: errno) }
        defer { close(descriptor) }
        made.append(file)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw Failure(call: "write", errno: errno)
        }
        return file
    }

    func makeFolder(_ name: String) throws {
        guard mkdir(path + "/" + name, 0o700) == 0 else {
            throw Failure(call: "mkdir", errno: errno)
        }
        made.append(path + "/" + name)
    }
}

@Suite struct SettingsFolderTests {
    @Test func `a test's folder is gone with the test`() throws {
        var folder: SettingsFolder? = try SettingsFolder()
        let path = try #require(folder?.path)
        try folder?.makeFolder("inner")
        _ = try folder?.write([1], to: "inner/file")
        #expect(access(path + "/inner/file", F_OK) == 0)
        folder = nil
        #expect(access(path, F_OK) != 0)
    }
}
