import HiveSignal
import Testing

@testable import HiveWitness

@Suite struct ReceiptTests {
    private static func receipt() -> Receipt {
        var receipt = Receipt(
            kind: .green,
            isProven: true,
            tree: String(repeating: "a", count: 40),
            base: String(repeating: "b", count: 40),
            command: ["pytest", "-q", "a \"quoted\" word"],
            runner: "pytest",
            rules: String(repeating: "c", count: 64),
            pinsDigest: String(repeating: "d", count: 64),
            codeDigest: String(repeating: "e", count: 64),
            baseCodeDigest: String(repeating: "f", count: 64),
            sandbox: "bubblewrap",
            timestamp: "2026-11-21T12:00:00.000Z"
        )
        receipt.red = "r-0123456789abcdef"
        receipt.passed = ["tests/a.py::test_ä", "tests/b.py::test_\n"]
        receipt.failed = ["tests/c.py::test_c"]
        receipt.skipped = ["tests/d.py::test_d"]
        receipt.proving = ["tests/a.py::test_ä"]
        receipt.pins = ["tests/a.py": String(repeating: "1", count: 40)]
        receipt.violations = ["UNWITNESSED"]
        receipt.notes = ["a note"]
        receipt.unneeded = ["src/b.py"]
        receipt.runs = [
            Receipt.Run(
                of: "tree",
                exitCode: nil,
                passed: 2,
                failed: 1,
                skipped: 1,
                digest: String(repeating: "9", count: 64),
                seconds: 1.25
            )
        ]
        return receipt
    }

    @Test func `what is signed is read again, whole and sound`() throws {
        let key = try SecretKey()
        let signed = try SignedReceipt(Self.receipt(), by: key)
        let read = try #require(SignedReceipt(line: signed.line))
        #expect(read.receipt == Self.receipt())
        #expect(read == signed)
        #expect(read.isSound)
        #expect(read.signer == key.owner)
        #expect(read.id.hasPrefix("r-") && read.id.count == 18)
        #expect(!signed.line.contains(UInt8(ascii: "\n")), "a note holds a line each")
    }

    @Test func `no byte of it can be another`() throws {
        let signed = try SignedReceipt(Self.receipt(), by: try SecretKey())
        for index in signed.line.indices {
            var line = signed.line
            line[index] ^= 1
            let read = SignedReceipt(line: line)
            #expect(read?.isSound != true, "byte \(index)")
        }
    }

    @Test func `another's name under it does not make it theirs`() throws {
        let mine = try SecretKey()
        let theirs = try SecretKey()
        let signed = try SignedReceipt(Self.receipt(), by: mine)
        let text = String(decoding: signed.line, as: UTF8.self)
            .split(separator: mine.owner.base64).joined(separator: theirs.owner.base64)
        let read = try #require(SignedReceipt(line: Array(text.utf8)))
        #expect(read.signer == theirs.owner)
        #expect(!read.isSound)
    }

    @Test(arguments: ["", "{}", "[1]", "null", "{\"hive\":\"receipt\"}"])
    func `what is no receipt is none`(_ text: String) {
        #expect(SignedReceipt(line: Array(text.utf8)) == nil)
    }

    @Test func `every prefix of a receipt is none`() throws {
        let line = try SignedReceipt(Self.receipt(), by: try SecretKey()).line
        for count in line.indices { #expect(SignedReceipt(line: Array(line[..<count])) == nil) }
    }
}

@Suite struct ApprovalTests {
    private static func approval(_ witnesses: [OwnerKey]) -> Approval {
        Approval(
            rules: String(repeating: "c", count: 64),
            command: ["make", "test"],
            witnesses: witnesses,
            reason: "read it",
            timestamp: "2026-11-21T12:00:00.000Z"
        )
    }

    @Test func `the owner's own word is read again`() throws {
        let owner = try SecretKey()
        let approval = Self.approval([try SecretKey().owner, try SecretKey().owner])
        let file = try approval.signed(by: owner)
        #expect(Approval(file: file, owner: owner.owner) == approval)
    }

    @Test func `anybody else's word is none`() throws {
        let file = try Self.approval([try SecretKey().owner]).signed(by: try SecretKey())
        #expect(Approval(file: file, owner: try SecretKey().owner) == nil)
    }

    @Test func `no byte of it can be another`() throws {
        let owner = try SecretKey()
        let file = try Self.approval([try SecretKey().owner]).signed(by: owner)
        for index in file.indices.dropLast() {
            var bytes = file
            bytes[index] ^= 1
            #expect(Approval(file: bytes, owner: owner.owner) == nil, "byte \(index)")
        }
    }

    @Test func `a receipt is no approval, and an approval no receipt`() throws {
        let owner = try SecretKey()
        let file = try Self.approval([owner.owner]).signed(by: owner)
        #expect(SignedReceipt(line: Array(file.dropLast())) == nil)
    }
}
