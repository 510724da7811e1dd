import Glibc
import HiveSignal
import HiveTestKit
import Testing

@testable import HiveWitness

@Suite struct KeyFolderTests {
    private let home: TemporaryFolder
    private let folder: KeyFolder
    private let board = "/srv/project/sandbox/obsidianblackboard.jsonl"

    init() throws {
        home = try TemporaryFolder()
        folder = try KeyFolder(environment: ["HOME": home.path])
    }

    private func mode(_ path: String) -> mode_t {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
    }

    @Test(arguments: [
        (["HOME": "/home/ada"], "/home/ada/.config/hive"),
        (["HOME": "/home/ada/"], "/home/ada/.config/hive"),
        (["HOME": "/home/ada", "XDG_CONFIG_HOME": "/etc/ada"], "/etc/ada/hive"),
        (["HOME": "/home/ada", "XDG_CONFIG_HOME": "etc"], "/home/ada/.config/hive"),
        (["HOME": "/home/ada", "XDG_CONFIG_HOME": ""], "/home/ada/.config/hive"),
    ])
    func `the folder is where XDG says`(_ environment: [String: String], _ path: String) throws {
        #expect(try KeyFolder(environment: environment).path == path)
    }

    @Test(arguments: [[:], ["HOME": ""], ["HOME": "home"]])
    func `without a home there is no folder`(_ environment: [String: String]) throws {
        let error = try #require(throws: WitnessError.self) {
            try KeyFolder(environment: environment)
        }
        #expect(error.code == .homeless)
        #expect(error.hint == "set HOME to your home folder")
    }

    @Test func `a key is kept for its owner's eyes only, and read back`() throws {
        #expect(try folder.key() == nil)
        let key = try SecretKey()
        try folder.keep(key, sealedBy: nil)
        #expect(mode(folder.path) == 0o700)
        #expect(mode(folder.keyPath) == 0o600)
        #expect(try folder.key()?.open(nil).owner == key.owner)
        #expect(home.names(in: ".config/hive") == ["key.json"])
    }

    @Test func `a key that is there stays unless it is to be replaced`() throws {
        let first = try SecretKey()
        try folder.keep(first, sealedBy: nil)
        let error = try #require(throws: WitnessError.self) {
            try folder.keep(SecretKey(), sealedBy: nil)
        }
        #expect(error.code == .exists)
        #expect(try folder.key()?.owner == first.owner)
        let passphrase = try Passphrase.of("x")
        try folder.keep(first, sealedBy: passphrase, replacing: true, cost: .cheap)
        #expect(try folder.key()?.isSealed == true)
        #expect(try folder.key()?.open(passphrase).owner == first.owner)
        #expect(home.names(in: ".config/hive") == ["key.json"])
    }

    @Test(arguments: [0o640, 0o604, 0o620, 0o602, 0o660, 0o666, 0o644] as [mode_t])
    func `a key that others may read or write is refused`(_ mode: mode_t) throws {
        try folder.keep(SecretKey(), sealedBy: nil)
        chmod(folder.keyPath, mode)
        let error = try #require(throws: WitnessError.self) { try folder.key() }
        #expect(error.code == .exposed)
        #expect(error.message == "others than its owner may use \(folder.keyPath)")
        #expect(error.hint.hasPrefix("chmod go-rwx '\(folder.keyPath)'"))
    }

    @Test func `a folder that others may write holds neither key nor pin`() throws {
        let key = try SecretKey()
        try folder.keep(key, sealedBy: nil)
        try folder.setPin(key.owner, forBoard: board)
        chmod(folder.path, 0o720)
        #expect(throws: WitnessError.self) { try folder.key() }
        #expect(throws: WitnessError.self) { try folder.pin(forBoard: board) }
        #expect(throws: WitnessError.self) { try folder.setPin(key.owner, forBoard: board) }
        chmod(folder.path, 0o755)
        #expect(try folder.pin(forBoard: board) == key.owner)
        chmod(folder.path + "/pins", 0o777)
        #expect(throws: WitnessError.self) { try folder.pin(forBoard: board) }
    }

    @Test func `a pin is one board's, and the last one holds`() throws {
        #expect(try folder.pin(forBoard: board) == nil)
        let keys = try [SecretKey().owner, SecretKey().owner]
        try folder.setPin(keys[0], forBoard: board)
        try folder.setPin(keys[1], forBoard: board)
        #expect(try folder.pin(forBoard: board) == keys[1])
        #expect(try folder.pin(forBoard: board + "2") == nil)
        #expect(mode(folder.pinPath(forBoard: board)) == 0o600)
    }

    @Test(arguments: [0o620, 0o602, 0o666] as [mode_t])
    func `a pin that others may write is refused`(_ mode: mode_t) throws {
        try folder.setPin(SecretKey().owner, forBoard: board)
        chmod(folder.pinPath(forBoard: board), mode)
        let error = try #require(throws: WitnessError.self) { try folder.pin(forBoard: board) }
        #expect(error.code == .exposed)
        #expect(error.message.contains("may write"))
        chmod(folder.pinPath(forBoard: board), 0o644)
        #expect(try folder.pin(forBoard: board) != nil)
    }

    @Test func `a pin that is no key, a link or a FIFO is refused, not taken for none`() throws {
        try folder.setPin(SecretKey().owner, forBoard: board)
        let path = folder.pinPath(forBoard: board)
        let name = String(path.dropFirst(home.path.utf8.count + 1))
        try home.write(Array("ssh-ed25519 AAAA\n".utf8), to: name)
        chmod(path, 0o600)
        #expect(throws: WitnessError.self) { try folder.pin(forBoard: board) }
        try home.remove(name)
        symlink("/dev/null", path)
        #expect(throws: WitnessError.self) { try folder.pin(forBoard: board) }
        try home.remove(name)
        mkfifo(path, 0o600)
        #expect(throws: WitnessError.self) { try folder.pin(forBoard: board) }
    }
}
