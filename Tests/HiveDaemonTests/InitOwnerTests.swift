import Glibc
import HiveTestKit
import HiveWitness
import Testing

@testable import HiveDaemon

/// `hive init`: the person's key, its public half in the project, the pin of the board.
@Suite struct InitOwnerTests {
    private let folder: TemporaryFolder
    private let home: TemporaryFolder
    private let keys: KeyFolder

    init() throws {
        folder = try TemporaryFolder()
        home = try TemporaryFolder()
        try folder.write([], to: "Cargo.toml")
        try folder.makeFolder(".git")
        try folder.write(Array("ref: refs/heads/main\n".utf8), to: ".git/HEAD")
        keys = try KeyFolder(environment: ["HOME": home.path])
    }

    private var board: String { folder.at("sandbox/obsidianblackboard.jsonl") }

    private func plan(_ keys: KeyFolder?) throws -> SetupPlan {
        let project = try ProjectSetup(folder: folder.path, environment: [:])
        var plan = try project.plan()
        try OwnerSetup(project, keys: keys).add(to: &plan)
        return plan
    }

    @discardableResult
    private func initialise(_ passphrase: Passphrase? = nil) throws -> SetupPlan {
        let plan = try plan(keys)
        try plan.carryOut(passphrase: passphrase)
        return plan
    }

    private func owner() -> OwnerKey? {
        OwnerKey(text: String(decoding: folder.bytes("specs/owner.pub"), as: UTF8.self))
    }

    @Test func `a person's first project gets key, public key and pin, all of one key`() throws {
        let plan = try initialise()
        #expect(plan.makesKey)
        #expect(plan.warnings.isEmpty)
        let paths = [
            keys.keyPath, "specs/owner.pub", keys.path + "/pins/", "specs/approval.json",
        ]
        #expect(plan.steps.suffix(4).map(\.path) == paths)
        #expect(plan.steps.allSatisfy { $0.action == .made })
        let key = try #require(try keys.key())
        #expect(!key.isSealed)
        #expect(owner() == key.owner)
        #expect(try keys.pin(forBoard: board) == key.owner)
        let approval = Approval(file: folder.bytes("specs/approval.json"), owner: key.owner)
        #expect(approval?.rules == TreeDigest.sha256(folder.bytes("specs/rules.yaml")))
        #expect(try approval?.witnesses == [keys.witnessKey().owner])
    }

    @Test func `rules that changed are not approved, and that is told`() throws {
        try initialise()
        try folder.write(Array("witness: {test: [true]}\n".utf8), to: "specs/rules.yaml")
        let again = try initialise()
        #expect(again.warnings.map(\.message).contains { $0.contains("are not approved") })
        let desk = ApprovalDesk(folder: folder.path, keys: keys)
        #expect(try desk.proposal().isApproved == false)
        try desk.approve(try desk.proposal(), reason: "read it", passphrase: nil)
        #expect(try desk.proposal().isApproved)
        #expect(try initialise().warnings.isEmpty)
    }

    @Test func `a sealed key approves nothing by itself`() throws {
        let passphrase = try #require(Passphrase(Array("correct horse".utf8)))
        try initialise(passphrase)
        #expect(!folder.bytes("specs/approval.json").isEmpty, "the passphrase was just typed")
        try folder.remove("specs/approval.json")
        let again = try initialise()
        #expect(again.warnings.map(\.cure).contains { $0.contains("approve-rules") })
        let desk = ApprovalDesk(folder: folder.path, keys: keys)
        let proposal = try desk.proposal()
        let wrong = Passphrase(Array("wrong".utf8))
        let error = #expect(throws: HiveError.self) {
            try desk.approve(proposal, reason: "x", passphrase: wrong)
        }
        #expect(error?.exitCode == 1)
    }

    @Test func `a second init changes nothing`() throws {
        try initialise()
        let names = [".config/hive/key.json", "specs/owner.pub"]
        let before = [home.bytes(names[0]), folder.bytes(names[1])]
        let again = try initialise()
        #expect(!again.makesKey)
        #expect(again.steps.allSatisfy { $0.action == .kept })
        #expect(again.warnings.isEmpty)
        #expect([home.bytes(names[0]), folder.bytes(names[1])] == before)
        #expect(again.steps[4].note.contains("hive override passphrase"))
    }

    @Test func `one key serves a person's every project`() throws {
        try initialise()
        let key = try keys.key()?.owner
        let other = try InitOwnerTests()
        let project = try ProjectSetup(folder: other.folder.path, environment: [:])
        var plan = try project.plan()
        try OwnerSetup(project, keys: keys).add(to: &plan)
        try plan.carryOut()
        #expect(!plan.makesKey)
        #expect(other.owner() == key)
        #expect(try keys.pin(forBoard: other.board) == key)
    }

    @Test func `a passphrase seals the key that is made`() throws {
        let passphrase = try #require(Passphrase(Array("correct horse".utf8)))
        try initialise(passphrase)
        let key = try #require(try keys.key())
        #expect(key.isSealed)
        #expect(try key.open(passphrase).owner == owner())
        #expect(try initialise().steps[4].note == "your key, sealed by a passphrase")
    }

    @Test func `another's owner_pub stays, is warned of, and one's own key is pinned`() throws {
        let text = try SecretKey().owner.text
        try folder.makeFolder("specs")
        try folder.write(Array(text.utf8), to: "specs/owner.pub")
        let plan = try initialise()
        #expect(folder.bytes("specs/owner.pub") == Array(text.utf8))
        let warning = try #require(plan.warnings.first)
        #expect(warning.message.hasPrefix("specs/owner.pub is another's key, "))
        #expect(try keys.pin(forBoard: board) == keys.key()?.owner)
        let again = try initialise()
        #expect(again.warnings.first?.message.contains("; yours is ") == true)
    }

    @Test func `an owner_pub that is no key stays, and is warned of`() throws {
        try folder.makeFolder("specs")
        try folder.write(Array("ssh-ed25519 AAAA\n".utf8), to: "specs/owner.pub")
        let plan = try initialise()
        #expect(plan.warnings.map(\.message) == ["specs/owner.pub is no public key of hive's"])
        #expect(folder.bytes("specs/owner.pub") == Array("ssh-ed25519 AAAA\n".utf8))
    }

    @Test func `a pin of another's stays, and is warned of`() throws {
        let other = try SecretKey().owner
        try keys.setPin(other, forBoard: board)
        let plan = try initialise()
        #expect(try keys.pin(forBoard: board) == other)
        #expect(
            plan.warnings.map(\.message) == [
                "overrides of this board need another's key, \(other.fingerprint)"
            ]
        )
    }

    @Test func `a board behind a link is pinned by where it really is`() throws {
        try folder.makeFolder("elsewhere")
        #expect(symlink("elsewhere", folder.at("sandbox")) == 0)
        try initialise()
        let real = folder.at("elsewhere/obsidianblackboard.jsonl")
        #expect(try keys.pin(forBoard: real) != nil)
        #expect(try keys.pin(forBoard: board) == nil)
    }

    @Test func `without a home no key is made, and all else is`() throws {
        let plan = try plan(nil)
        try plan.carryOut()
        #expect(!plan.makesKey)
        #expect(plan.steps.count == 4)
        #expect(plan.warnings.first?.cure.hasPrefix("set HOME") == true)
        #expect(owner() == nil)
    }

    @Test func `a key inside the project is warned of`() throws {
        let inside = try KeyFolder(environment: ["HOME": folder.path])
        let plan = try plan(inside)
        #expect(plan.warnings.map(\.message).contains { $0.hasPrefix("your key lies inside") })
    }

    @Test func `a key that others may read stops everything before it begins`() throws {
        try initialise()
        try folder.remove("specs")
        chmod(keys.keyPath, 0o644)
        let error = try #require(throws: HiveError.self) { try initialise() }
        #expect(error.exitCode == 3)
        #expect(error.message.contains("others than its owner may use"))
        #expect(folder.bytes("specs/rules.yaml").isEmpty)
    }

    @Test func `a key that appears meanwhile stays, and is the one that is published`() throws {
        let plan = try plan(keys)
        let key = try SecretKey()
        try keys.keep(key, sealedBy: nil)
        try plan.carryOut()
        #expect(try keys.key()?.owner == key.owner)
        #expect(owner() == key.owner)
        #expect(try keys.pin(forBoard: board) == key.owner)
    }
}
