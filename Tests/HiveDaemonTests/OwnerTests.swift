import HiveControl
import HiveLedger
import HiveSignal
import HiveTestKit
import Testing

@testable import HiveDaemon

/// What only the daemon's own user may do, whoever may use the socket (SPEC §8).
@Suite struct OwnerTests {
    private static let stranger = PeerCredentials(uid: 4_294_967_294, gid: 1, pid: 1)

    private static let forbidden: [(method: String, params: JSONValue)] = [
        (Method.override, ["line": "{}"]), (Method.flip, ["summary": "done"]),
        (Method.quarantineRelease, ["id": "q-1"]), (Method.quarantineRestore, ["id": "q-1"]),
        (Method.rulesReload, [:]), (Method.rulesMode, ["mode": "observe"]),
        (Method.doctor, ["repair": true]), (Method.stop, [:]),
    ]

    private static let allowed: [(method: String, params: JSONValue)] = [
        (Method.status, [:]), (Method.state, [:]), (Method.flip, ["dryRun": true]),
        (Method.overrideBasis, [:]), (Method.rules, [:]), (Method.doctor, [:]),
        (Method.standing, ["agent": "a"]),
        (Method.emit, ["lines": [.string(Lines.signal("H", port: 0))]]),
        (Method.validate, ["line": .string(Lines.signal("I", port: 1))]),
        (Method.quarantineAdd, ["line": .string(Lines.signal("I", port: 1)), "reason": "no"]),
    ]

    @Test func `a stranger in the socket's group looks and emits, and steers nothing`() async throws
    {
        let folder = try TemporaryFolder()
        try folder.makeQuietRules()
        let settings = try Settings(
            flags: SettingsFlags(),
            environment: [:],
            workingDirectory: folder.path
        )
        let daemon = Daemon(settings: settings, logger: ControlServerTests.quietLogger)
        try await daemon.board.start()
        do {
            try daemon.openLedger()
            for (method, params) in Self.forbidden {
                let error = await #expect(throws: ControlError.self, "\(method)") {
                    try await Self.call(daemon, method, params).get()
                }
                #expect(error?.code == .rulesSayNo, "\(method)")
                #expect(error?.message == "only the user who runs the daemon may do this")
            }
            for (method, params) in Self.allowed {
                await #expect(throws: Never.self, "\(method)") {
                    try await Self.call(daemon, method, params).get()
                }
            }
            let generation = try await daemon.board.perform { $0.fold.position.generation }
            #expect(generation == 87)
        } catch {
            await daemon.board.stop()
            throw error
        }
        await daemon.board.stop()
    }

    private static func call(
        _ daemon: Daemon,
        _ method: String,
        _ params: JSONValue
    ) async throws -> Result<JSONValue, ControlError> {
        let request = ControlRequest(id: 1, method: method, params: params)
        let sink = ControlSink { _ throws(ControlError) in }
        let response = await daemon.handle(request, stranger, sink)
        return try #require(response).result
    }
}
