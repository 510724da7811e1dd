import Crypto
import HiveSignal
import Testing

@testable import HiveWitness

@Suite struct KeyFileTests {
    private let path = "/nowhere/key.json"

    /// RFC 7914 §12, the second vector's first 32 bytes.
    @Test func `scrypt is that of RFC 7914`() throws {
        let cost = ScryptCost(rounds: 1024, blockSize: 8, parallelism: 16)
        let key = try KeySeal(cost: cost, salt: Array("NaCl".utf8))
            .derived(from: Passphrase.of("password"))
        #expect(
            key.withUnsafeBytes { Hex.encode(Array($0)) }
                == "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
        )
    }

    @Test func `a sealed key is read back and opens with its passphrase only`() throws {
        let key = try SecretKey()
        let passphrase = try Passphrase.of("correct horse")
        let made = try KeyFile(key, passphrase, cost: .cheap, path: path)
        let file = try KeyFile(made.bytes, path: path)
        #expect(file.isSealed)
        #expect(file.owner == key.owner)
        #expect(try file.open(passphrase).seed == key.seed)
        for other in ["correct hors", "correct horse ", "Correct horse", "\0"] {
            let error = try #require(throws: WitnessError.self) {
                try file.open(Passphrase.of(other))
            }
            #expect(error.code == .wrongPassphrase)
            #expect(error.message == "the passphrase does not open the key in \(path)")
        }
        let error = try #require(throws: WitnessError.self) { try file.open(nil) }
        #expect(error.code == .sealed)
        #expect(error.hint.contains("--passphrase-stdin"))
    }

    @Test func `a key without a passphrase opens without one, or with any`() throws {
        let key = try SecretKey()
        let made = try KeyFile(key, nil, cost: .cheap, path: path)
        let file = try KeyFile(made.bytes, path: path)
        #expect(!file.isSealed)
        #expect(try file.open(nil).seed == key.seed)
        #expect(try file.open(Passphrase.of("whatever")).seed == key.seed)
    }

    @Test func `the standard cost takes 128 MiB, and its seal opens`() throws {
        let key = try SecretKey()
        let passphrase = try Passphrase.of("x")
        let made = try KeyFile(key, passphrase, cost: .standard, path: path)
        let value = try JSONValue(parsing: made.bytes)
        #expect(value["n"] == 131_072)
        #expect(value["r"] == 8)
        #expect(try KeyFile(made.bytes, path: path).open(passphrase).seed == key.seed)
    }

    @Test func `salt and nonce are new each time`() throws {
        let key = try SecretKey()
        let passphrase = try Passphrase.of("x")
        let files = try (0..<8).map { _ in
            try JSONValue(parsing: KeyFile(key, passphrase, cost: .cheap, path: path).bytes)
        }
        #expect(Set(files.compactMap { $0["salt"]?.stringValue }).count == 8)
        #expect(Set(files.compactMap { $0["secret"]?.stringValue?.prefix(16) }).count == 8)
    }

    @Test(arguments: [nil, "correct horse"])
    func `a file with any byte changed, or cut anywhere, is refused`(_ text: String?) throws {
        let passphrase = try text.map(Passphrase.of)
        let bytes = try KeyFile(SecretKey(), passphrase, cost: .cheap, path: path).bytes
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1 << UInt8(index % 8)
            #expect(throws: WitnessError.self, "byte \(index)") {
                try KeyFile(changed, path: path).open(passphrase)
            }
            #expect(throws: WitnessError.self) { try KeyFile(Array(bytes[..<index]), path: path) }
        }
    }

    @Test func `the parts of two sealed keys do not go together`() throws {
        let passphrase = try Passphrase.of("x")
        let files = try (0..<2).map { _ in
            try JSONValue(
                parsing: KeyFile(SecretKey(), passphrase, cost: .cheap, path: path).bytes
            ).objectValue ?? [:]
        }
        for part in ["public", "salt", "secret"] {
            var mixed = files[0]
            mixed[part] = files[1][part]
            let bytes = Array((JSONValue.object(mixed).text + "\n").utf8)
            let error = try #require(throws: WitnessError.self) {
                try KeyFile(bytes, path: path).open(passphrase)
            }
            #expect(error.code == .wrongPassphrase, "\(part)")
        }
    }

    @Test(arguments: [
        ("n", 1 << 40), ("n", 3), ("n", 0), ("n", -2), ("r", 1 << 20), ("r", 0), ("p", 17),
        ("p", 0), ("n", Int64.max), ("r", Int64.max),
    ])
    func `a file cannot ask for memory without end`(_ name: String, _ value: Int64) throws {
        let made = try KeyFile(SecretKey(), Passphrase.of("x"), cost: .cheap, path: path)
        var object = try #require(try JSONValue(parsing: made.bytes).objectValue)
        object[name] = .integer(value)
        let bytes = Array((JSONValue.object(object).text + "\n").utf8)
        let error = try #require(throws: WitnessError.self) { try KeyFile(bytes, path: path) }
        #expect(error.code == .malformed)
        #expect(error.message.contains("asks for more work"))
    }

    @Test func `a key of a later version says so`() throws {
        let bytes = Array(#"{"hive":"key","version":2,"public":"","secret":""}"#.utf8)
        let error = try #require(throws: WitnessError.self) { try KeyFile(bytes, path: path) }
        #expect(error.message.contains("a version that this hive does not know"))
    }

    /// Everything an agent of the same user can read, used in every way that needs no guess at
    /// the passphrase.
    @Test func `with every file read and no passphrase, no valid override can be made`() throws {
        let key = try SecretKey()
        let passphrase = try Passphrase.of("correct horse")
        let file = try KeyFile(key, passphrase, cost: .cheap, path: path)
        let owner = key.owner
        let genuine = try key.sign(draft(for: owner))
        let value = try JSONValue(parsing: file.bytes)
        let readable = ["public", "salt", "secret"].compactMap { name in
            value[name]?.stringValue.flatMap { Base64.decode(Array($0.utf8)) }
        }
        try #require(readable.count == 3)

        // Every 32 bytes that stand in the files, taken for the private key.
        var seeds: [[UInt8]] = [[UInt8](repeating: 0, count: 32)]
        for bytes in readable + [file.bytes, Array(owner.text.utf8), genuine] {
            let padded = bytes + [UInt8](repeating: 0, count: 32)
            for start in bytes.indices { seeds.append(Array(padded[start..<start + 32])) }
        }
        // What is sealed, opened with words that stand in the files.
        let words =
            readable + [
                Array("\0".utf8), Array(owner.fingerprint.utf8), file.bytes.prefix(1_024) + [],
                Array(Base64.encode(readable[0])),
            ]
        for word in words {
            let guess = try #require(Passphrase(word))
            #expect(throws: WitnessError.self) { try file.open(guess) }
        }
        #expect(Passphrase([]) == nil)
        #expect(throws: WitnessError.self) { try file.open(nil) }
        let forgers = seeds.compactMap { SecretKey(seed: $0) }
        #expect(forgers.count == seeds.count)
        #expect(!forgers.contains { $0.owner == owner })
        for forger in forgers.prefix(32) {
            #expect(try !isSigned(forger.sign(draft(for: owner)), by: owner))
        }
        // A signature that is good for one line, on another; and one of nothing.
        let copied = try #require(SignedOverride(line: genuine)).signature
        let other = draft(for: owner, nonce: String(repeating: "0b", count: 16))
        for signature in [copied, [UInt8](repeating: 0, count: 64), copied.reversed()] {
            #expect(try !isSigned(other.line(signature: signature), by: owner))
        }
        #expect(try isSigned(genuine, by: owner))
    }
}
