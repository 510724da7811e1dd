import Foundation

/// The small real model that `make model` installs, served on 127.0.0.1 by llama.cpp.
///
/// Its API is OpenAI's, under `/v1`; its name is `RealModel.name`.
package final class RealModel {
    /// What requests call it.
    package static let name = "smollm2-135m"
    /// Where it is installed; tests that need it are left out where it is not.
    package static var isInstalled: Bool { folder != nil }

    /// `http://127.0.0.1:PORT`.
    package let address: String
    private let server: Spawned

    /// Starts the server and waits until it answers: about a second on a quiet machine.
    package init() throws {
        guard let folder = Self.folder else {
            throw TestKitError("the small model is not installed: make model")
        }
        let log = folder + "/serve.log"
        server = try Spawned.start(
            folder + "/venv/bin/python",
            [Self.root + "/Tests/model/serve.py", "--model", "\(folder)/\(Self.weights)"],
            in: Self.root,
            errors: log,
            keepsInput: true
        )
        guard let line = server.readLine(where: { $0.hasPrefix("READY ") }) else {
            throw TestKitError("the small model does not start: see \(log)")
        }
        address = String(line.dropFirst("READY ".count))
    }

    deinit { stop() }

    /// Ends the server; its exit code.
    @discardableResult
    package func stop() -> Int32 {
        server.signal(SIGTERM)
        return server.wait()
    }

    /// Ends its standard input, as the end of the process that started it would; its exit code.
    package func endInput() -> Int32 {
        server.endInput()
        return server.wait()
    }

    private static let weights = "SmolLM2-135M-Instruct.Q4_1.gguf"

    /// The repository's root: two folders above this file's.
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    /// `HIVE_MODEL_DIR`, else the first `.model` in this folder or above it that is whole.
    private static let folder: String? = {
        let given = ProcessInfo.processInfo.environment["HIVE_MODEL_DIR"]
        var above: [String] = []
        var place = URL(fileURLWithPath: root)
        while place.path != "/" {
            above.append(place.appendingPathComponent(".model").path)
            place.deleteLastPathComponent()
        }
        return (given.map { [$0] } ?? above).first { folder in
            [weights, "server.installed", "venv/bin/python"].allSatisfy {
                FileManager.default.fileExists(atPath: "\(folder)/\($0)")
            }
        }
    }()
}
