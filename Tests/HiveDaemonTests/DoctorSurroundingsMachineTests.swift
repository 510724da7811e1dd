import Glibc
import HiveSignal
import HiveTestKit
import Testing

@testable import HiveDaemon

/// What the doctor finds on the machine: clock, disk, inotify, lock and socket.
@Suite struct DoctorSurroundingsMachineTests {
    private static let now: Int64 = 1_800_000_000
    private static let running: JSONValue = ["daemon": ["pid": 4711]]

    private let folder: TemporaryFolder
    private let doctor: Doctor
    private var machine: Doctor.Machine

    init() throws {
        folder = try TemporaryFolder()
        doctor = Doctor(
            settings: try Settings(
                flags: SettingsFlags(),
                environment: [:],
                workingDirectory: folder.path
            )
        )
        machine = Doctor.Machine(
            now: Timestamp(seconds: Self.now),
            searchPath: "",
            processFolder: folder.at("proc"),
            run: { _ in nil }
        )
        try folder.makeFolder("sandbox/.hive")
        try folder.makeFolder("proc/sys/fs/inotify")
    }

    private func finding(_ name: String, _ status: JSONValue = .null) -> Doctor.Finding? {
        doctor.machineFindings(status: status, machine).first { $0.name == name }
    }

    // MARK: Clock

    private func writeBoard(_ lines: [String], changed: Int64) throws {
        let text = lines.map { $0 + "\n" }.joined()
        try folder.write(Array(text.utf8), to: "sandbox/obsidianblackboard.jsonl")
        var times = [
            timespec(tv_sec: Int(changed), tv_nsec: 0), timespec(tv_sec: Int(changed), tv_nsec: 0),
        ]
        #expect(utimensat(AT_FDCWD, doctor.settings.board, &times, 0) == 0)
    }

    private func line(_ seconds: Int64) -> String {
        #"{"ts":"\#(Timestamp(seconds: seconds).rfc3339)","msg":"x"}"#
    }

    @Test func `a clock that agrees with the board is fine`() throws {
        #expect(finding("clock")?.status == .ok, "there is no board yet")
        try writeBoard([line(Self.now + 60)], changed: Self.now + 60)
        #expect(finding("clock")?.status == .ok)
    }

    @Test func `a board from the future is a warning`() throws {
        try writeBoard([line(Self.now)], changed: Self.now + 61)
        #expect(finding("clock")?.status == .warning)
        #expect(finding("clock")?.found.hasPrefix("the board's last change is 61 s in") == true)

        let masked = #"{"quarantined":"q-1"}    "#
        try writeBoard([line(Self.now + 3_600), masked, "not JSON"], changed: Self.now)
        #expect(finding("clock")?.found.hasPrefix("the newest line's ts is 3600 s in") == true)
        #expect(finding("clock")?.cure.contains("timedatectl") == true)
    }

    @Test func `a clock before 2025 has failed`() throws {
        var machine = machine
        machine.now = Timestamp(seconds: 1_735_689_599)
        #expect(doctor.clock(machine).status == .failed)
        #expect(doctor.clock(machine).found.contains("2024-12-31T23:59:59"))
        machine.now = Timestamp(seconds: 1_735_689_600)
        #expect(doctor.clock(machine).status == .ok)
    }

    // MARK: Disk and watches

    @Test func `less than 100 MiB is a warning`() {
        #expect(doctor.space(freeBytes: 100 << 20).status == .ok)
        let little = doctor.space(freeBytes: (100 << 20) - 1)
        #expect(little.status == .warning)
        #expect(little.found == "only 99 MiB are free at \(folder.at("sandbox"))")
        #expect(little.cure.contains("df -h \(folder.at("sandbox"))"))
        #expect(finding("disk") != nil)
    }

    @Test func `inotify limits are shown, low ones are a warning, hidden ones are fine`() throws {
        #expect(finding("inotify")?.status == .ok)
        try folder.write(Array("128\n".utf8), to: "proc/sys/fs/inotify/max_user_instances")
        try folder.write(Array("8192\n".utf8), to: "proc/sys/fs/inotify/max_user_watches")
        #expect(finding("inotify")?.found == "max_user_instances 128, max_user_watches 8192")
        try folder.write(Array("2\n".utf8), to: "proc/sys/fs/inotify/max_user_instances")
        #expect(finding("inotify")?.status == .warning)
        #expect(finding("inotify")?.cure == "sudo sysctl fs.inotify.max_user_instances=128")
    }

    // MARK: Lock and socket

    @Test mutating func `a lock that nobody answers for names its holder`() throws {
        #expect(finding("lock") == nil)
        let stateFolder = doctor.settings.stateDirectory
        machine.lockHolder = { $0 == stateFolder ? 4711 : nil }
        let lock = try #require(finding("lock"))
        #expect(lock.status == .warning)
        #expect(lock.found.hasPrefix("process 4711 holds \(doctor.settings.lock)"))
        #expect(lock.cure.contains("kill 4711"))
        try leaveSocket()
        #expect(finding("socket")?.found.hasSuffix("nobody answers; see lock") == true)
        #expect(finding("lock", Self.running) == nil, "a daemon answers")
    }

    @Test func `a lock file that nobody holds is fine`() throws {
        try folder.write(Array("4711\n".utf8), to: "sandbox/.hive/lock")
        #expect(finding("lock") == nil)
    }

    /// A socket at the path, left behind as a killed daemon leaves it.
    private func leaveSocket(mode: mode_t = 0o600) throws {
        let path = doctor.settings.socketPath
        #expect(mknod(path, S_IFSOCK | mode, 0) == 0, "errno \(errno)")
        #expect(chmod(path, mode) == 0)
    }

    @Test func `a stale socket is harmless`() throws {
        #expect(finding("socket") == nil)
        try leaveSocket()
        #expect(finding("socket")?.status == .ok)
        #expect(finding("socket")?.found.hasSuffix("hive up replaces it") == true)
    }

    @Test func `a live socket tells its mode, and one for all is a warning`() throws {
        try leaveSocket(mode: 0o660)
        #expect(finding("socket", Self.running)?.status == .ok)
        #expect(finding("socket", Self.running)?.found.hasSuffix("has mode 660") == true)
        #expect(chmod(doctor.settings.socketPath, 0o666) == 0)
        let open = try #require(finding("socket", Self.running))
        #expect(open.status == .warning)
        #expect(open.cure == "chmod 600 \(doctor.settings.socketPath)")
    }

    @Test func `a socket of another user is a warning`() throws {
        try leaveSocket()
        var machine = machine
        machine.user = geteuid() + 1
        let found = doctor.machineFindings(status: .null, machine)
        let socket = try #require(found.first { $0.name == "socket" })
        #expect(socket.status == .warning)
        #expect(socket.found.hasSuffix("belongs to user \(geteuid())"))
    }

    @Test func `a file in the socket's place has failed`() throws {
        try folder.write([], to: "sandbox/.hive/hive.sock")
        let socket = try #require(finding("socket"))
        #expect(socket.status == .failed)
        let path = doctor.settings.socketPath
        #expect(socket.cure == "mv \(path) \(path).old")
    }
}
