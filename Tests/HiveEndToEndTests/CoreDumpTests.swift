import Foundation
import HiveTestKit
import Testing

/// What a process of hive that holds keys leaves behind when it crashes.
@Suite(
    .enabled(if: CoreFiles.landInTheWorkingFolder, "core_pattern or ulimit -c forbid core files")
)
struct CoreDumpTests {
    private static let key = "sk-test-fedcba9876543210-in-a-core"

    @Test(arguments: [SIGSEGV, SIGABRT], ["the environment", ".env"])
    func `a daemon with a key that crashes leaves no core, and its key nowhere`(
        signal: Int32,
        place: String
    ) throws {
        let folder = try TemporaryFolder()
        try folder.makeQuietRules()
        var environment = ["HIVE_BACKEND": "openai"]
        if place == ".env" {
            // Its name must not be part of what is looked for.
            try folder.write(Array("OPENAI_API_KEY=\(Self.key)\n".utf8), to: ".env")
        } else {
            environment["OPENAI_API_KEY"] = Self.key
        }
        let daemon = try CoreFiles.start(
            [HiveProgram.path, "up", "--quiet"],
            in: folder,
            environment: environment
        )
        _ = daemon.readLine { $0.hasPrefix("watching ") }
        daemon.signal(signal)
        #expect(daemon.wait() == 128 + signal)
        #expect(CoreFiles.names(in: folder).isEmpty)
        let files = FileManager.default.enumerator(atPath: folder.path)
        while let name = files?.nextObject() as? String {
            let hasKey = folder.bytes(name).firstRange(of: Array(Self.key.utf8)) != nil
            #expect(hasKey == (name == ".env"), "\(name)")
        }
    }

    @Test func `a command that asks models without a daemon leaves no core`() async throws {
        let folder = try TemporaryFolder()
        var script = EndpointScript()
        script.fault = { _ in .hang }
        let endpoint = try ScriptedEndpoint(script)
        let asking = try CoreFiles.start(
            [HiveProgram.path, "scatter", "--prompt", "hello", "--timeout", "3600000"],
            in: folder,
            environment: [
                "HIVE_BACKEND": "openai", "OPENAI_BASE_URL": endpoint.address + "/v1",
                "OPENAI_API_KEY": Self.key, "HIVE_MODEL": "scripted-1",
            ]
        )
        await endpoint.waitFor(requests: 1)
        asking.signal(SIGABRT)
        #expect(asking.wait() == 128 + SIGABRT)
        #expect(CoreFiles.names(in: folder).isEmpty)
    }

    @Test func `a process without keys still leaves its core`() throws {
        let folder = try TemporaryFolder()
        try folder.makeQuietRules()
        let daemon = try CoreFiles.start([HiveProgram.path, "up", "--quiet"], in: folder)
        _ = daemon.readLine { $0.hasPrefix("watching ") }
        daemon.signal(SIGABRT)
        #expect(daemon.wait() == 128 + SIGABRT)
        #expect(!CoreFiles.names(in: folder).isEmpty)
    }
}

/// The core files that this machine writes.
private enum CoreFiles {
    /// False where they go to a program or to another folder, or are not allowed: no test can
    /// look at them then.
    static let landInTheWorkingFolder: Bool = {
        guard let folder = try? TemporaryFolder(),
            let crash = try? start(["/bin/sh", "-c", "kill -ABRT $$"], in: folder)
        else { return false }
        crash.wait()
        return !names(in: folder).isEmpty
    }()

    /// Starts a program that may write cores of any size.
    static func start(
        _ words: [String],
        in folder: TemporaryFolder,
        environment: [String: String] = [:]
    ) throws -> Spawned {
        // Where a toolchain is at hand Swift's own handler would take the first signal.
        let environment = environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
        return try Spawned.start(
            "/bin/sh",
            ["-c", #"ulimit -c unlimited && exec "$@""#, "sh"] + words,
            in: folder.path,
            environment: environment
        )
    }

    static func names(in folder: TemporaryFolder) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.contains("core") }
    }
}
