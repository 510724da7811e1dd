import Foundation

/// A folder of a test's own, removed with the last reference to it.
package final class TemporaryFolder: Sendable {
    package let path: String

    /// Makes a new folder under `TMPDIR` (default `/tmp`).
    package init(in parent: String? = nil) throws {
        let base = parent ?? ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
        path = "\(base)/hive-test-\(UUID().uuidString.prefix(13).lowercased())"
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: true
        )
    }

    deinit {
        _ = try? FileManager.default.removeItem(atPath: path)
    }

    /// The path of something in the folder.
    package func at(_ name: String) -> String { "\(path)/\(name)" }

    /// A file's bytes; empty where it is not there.
    package func bytes(_ name: String) -> [UInt8] {
        FileManager.default.contents(atPath: at(name)).map { [UInt8]($0) } ?? []
    }

    /// Writes a file whole.
    package func write(_ bytes: [UInt8], to name: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: at(name)))
    }

    /// Makes a folder inside.
    package func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(
            atPath: at(name),
            withIntermediateDirectories: true
        )
    }

    /// Removes a file or a folder inside.
    package func remove(_ name: String) throws {
        try FileManager.default.removeItem(atPath: at(name))
    }

    /// Appends as a shell's `>>` does: one write on a descriptor opened for appending.
    package func append(_ bytes: [UInt8], to name: String) throws {
        try FileAppender(path: at(name)).append(bytes)
    }
}

/// An open file that is appended to with one write a call, like a shell's `>>`.
package final class FileAppender {
    private let descriptor: Int32

    package init(path: String) throws {
        descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw TestKitError("open \(path): errno \(errno)") }
    }

    deinit { close(descriptor) }

    package func append(_ bytes: [UInt8]) throws {
        let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard count == bytes.count else { throw TestKitError("short append: errno \(errno)") }
    }
}

/// What went wrong in the test's own machinery.
package struct TestKitError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
