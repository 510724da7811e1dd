import Glibc
import HiveControl
import Testing

@Suite struct SocketPathTests {
    /// A state folder whose `hive.sock` has a path of this many bytes.
    private func state(socketBytes: Int) -> String {
        "/" + String(repeating: "s", count: socketBytes - "/".utf8.count - "/hive.sock".utf8.count)
    }

    @Test func `a path of 107 bytes stays in the state folder`() {
        let state = state(socketBytes: 107)
        let path = SocketPath.choose(stateDirectory: state, runtimeDirectory: "/run/user/1")
        #expect(path == state + "/hive.sock")
        #expect(path.utf8.count == 107)
    }

    @Test func `a path of 108 bytes goes to the runtime folder`() {
        let state = state(socketBytes: 108)
        let path = SocketPath.choose(stateDirectory: state, runtimeDirectory: "/run/user/1/")
        #expect(path.hasPrefix("/run/user/1/hive/"))
        #expect(path.hasSuffix(".sock"))
        #expect(path.utf8.count == "/run/user/1/hive/0123456789abcdef.sock".utf8.count)
        #expect(path == SocketPath.choose(stateDirectory: state, runtimeDirectory: "/run/user/1"))
    }

    @Test func `bytes count and not characters`() {
        let state = "/" + String(repeating: "é", count: 60)
        let path = SocketPath.choose(stateDirectory: state, runtimeDirectory: "/run")
        #expect(path.hasPrefix("/run/hive/"))
    }

    @Test(arguments: [nil, "", "relative", "/" + String(repeating: "r", count: 100)])
    func `without a usable runtime folder it goes to one of the user's own`(runtime: String?) {
        let path = SocketPath.choose(
            stateDirectory: state(socketBytes: 108),
            runtimeDirectory: runtime
        )
        #expect(path.hasPrefix("/tmp/hive-\(geteuid())/"))
        #expect(path.utf8.count <= SocketPath.pathBytesMax)
    }

    @Test func `the name is the FNV-1a hash of the state folder`() {
        // FNV-1a 64 of "/" and 97 times "s", computed apart.
        let state = state(socketBytes: 108)
        let path = SocketPath.choose(stateDirectory: state, runtimeDirectory: "/r")
        #expect(path == "/r/hive/61ca29a609a9c8b7.sock")
        let other = SocketPath.choose(stateDirectory: state + "t", runtimeDirectory: "/r")
        #expect(other != path)
        #expect(path == SocketPath.choose(stateDirectory: state + "//", runtimeDirectory: "/r"))
    }

    @Test func `a private folder is made 0700 and taken`() throws {
        let folder = "/tmp/hive-test-\(getpid())-private"
        defer { rmdir(folder) }
        try SocketPath.prepareFolder(of: folder + "/a.sock")
        var status = stat()
        #expect(lstat(folder, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o700)
        try SocketPath.prepareFolder(of: folder + "/a.sock")
    }

    @Test func `a private folder that others can enter is refused`() throws {
        let folder = "/tmp/hive-test-\(getpid())-open"
        defer { rmdir(folder) }
        #expect(mkdir(folder, 0o700) == 0)
        #expect(chmod(folder, 0o755) == 0)
        let error = #expect(throws: ControlError.self) {
            try SocketPath.prepareFolder(of: folder + "/a.sock")
        }
        #expect(error?.message == "\(folder) is not a folder that only you can use")
        #expect(throws: ControlError.self) {
            try ControlClient.connectIfRunning(path: folder + "/a.sock")
        }
    }

    @Test func `a link in place of the private folder is refused`() throws {
        let folder = try TemporaryFolder()
        let link = "/tmp/hive-test-\(getpid())-link"
        defer { unlink(link) }
        #expect(symlink(folder.path, link) == 0)
        #expect(throws: ControlError.self) { try SocketPath.prepareFolder(of: link + "/a.sock") }
    }
}
