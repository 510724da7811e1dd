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

    /// The names in a folder inside, hidden ones too, sorted.
    package func names(in name: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: at(name))) ?? []).sorted()
    }

    /// Writes a file whole.
    package func write(_ bytes: [UInt8], to name: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: at(name)))
    }

    /// Writes a `/bin/sh` script that may be run at once, and gives its path.
    ///
    /// A process that another test forks holds a copy of the descriptor until it executes, and a
    /// file that is open for writing cannot be executed (ETXTBSY). A read lease is had only once
    /// nobody has it open so (fcntl(2)).
    package func writeScript(_ body: String, to name: String) throws -> String {
        try write(Array("#!/bin/sh\n\(body)\n".utf8), to: name)
        let path = at(name)
        guard chmod(path, 0o755) == 0 else { throw TestKitError("chmod \(path): errno \(errno)") }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw TestKitError("open \(path): errno \(errno)") }
        defer { close(descriptor) }
        while fcntl(descriptor, Self.setLease, F_RDLCK) != 0 {
            guard errno == EAGAIN else { throw TestKitError("lease \(path): errno \(errno)") }
            sched_yield()
        }
        _ = fcntl(descriptor, Self.setLease, F_UNLCK)
        return path
    }

    /// `F_SETLEASE` of fcntl.h, which Swift does not import.
    private static let setLease: Int32 = 1_024

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
