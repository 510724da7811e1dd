import HiveTestKit
import Testing

@testable import HiveWitness

extension TemporaryFolder {
    var repository: GitRepository {
        get async throws(WitnessError) { try await GitRepository.open(path) }
    }

    /// The object of these bytes, written as they are.
    func blob(_ text: String) throws -> String {
        try writeFiles([".git/a-blob": text])
        return try git("hash-object", "-w", "--no-filters", ".git/a-blob").trimmed
    }
}

extension GitRepository {
    /// Checks out as the room does, with git's own folder elsewhere.
    func checkOut(_ tree: GitTree, into folder: TemporaryFolder) async throws {
        let other = try TemporaryFolder()
        _ = try await checkOut(tree, into: folder.path, gitFolder: other.at("git"))
    }
}

extension String {
    var trimmed: String { split(whereSeparator: \.isWhitespace).joined(separator: " ") }
    var bytes: [UInt8] { Array(utf8) }
}

extension GitTree {
    var names: [String] { files.map(\.name) }

    func file(_ name: String) -> TreeFile? { files.first { $0.name == name } }
}

/// The error that a body throws.
func witnessError(_ body: () async throws -> some Any) async -> WitnessError? {
    do {
        _ = try await body()
        Issue.record("nothing was thrown")
    } catch let error as WitnessError {
        return error
    } catch {
        Issue.record("another error: \(error)")
    }
    return nil
}
