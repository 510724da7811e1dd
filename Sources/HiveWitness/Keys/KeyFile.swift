import HiveSignal

// A private key at rest is one JSON object on one line:
//
//   {"hive":"key","version":1,"public":BASE64,"kdf":"scrypt","n":131072,"r":8,"p":1,
//    "salt":BASE64,"cipher":"chacha20-poly1305","secret":BASE64}
//
// `secret` is nonce, ciphertext and tag over the 32 bytes of the key; what stands before it is
// authenticated with it, byte for byte. Without a passphrase the five keys from `kdf` to `cipher`
// are not there, and `secret` is the 32 bytes themselves.
//
// There is one way to write each file, and any other is refused: a file with a byte changed is
// never taken for another key.

/// A person's private key as a file holds it: sealed by a passphrase, or lying open.
package struct KeyFile: Sendable, CustomReflectable {
    /// The public half.
    package let owner: OwnerKey
    /// Where it was read, for errors.
    package let path: String
    private let seal: KeySeal?
    private let secret: [UInt8]

    /// A larger one is none.
    static let bytesMax = 4_096
    private static let version: Int64 = 1

    /// Whether it takes a passphrase to open it.
    package var isSealed: Bool { seal != nil }

    /// Seals a key; without a passphrase it lies open.
    init(
        _ key: SecretKey,
        _ passphrase: Passphrase?,
        cost: ScryptCost,
        path: String
    ) throws(WitnessError) {
        owner = key.owner
        self.path = path
        seal = passphrase == nil ? nil : KeySeal(cost: cost)
        if let seal, let passphrase {
            let header = Self.header(owner, seal)
            secret = try seal.seal(key.seed, header: Array(header.text.utf8), passphrase)
        } else {
            secret = key.seed
        }
    }

    /// Reads what `bytes` gave.
    init(_ bytes: [UInt8], path: String) throws(WitnessError) {
        guard let value = try? JSONValue(parsing: bytes), value["hive"] == "key" else {
            throw Self.malformed(path)
        }
        guard value["version"] == .integer(Self.version) else {
            throw WitnessError(
                .malformed,
                "\(path) holds a key of a version that this hive does not know",
                hint: "use the hive that wrote it"
            )
        }
        guard let owner = Self.bytes(value["public"]).flatMap({ OwnerKey(bytes: $0) }),
            let secret = Self.bytes(value["secret"])
        else { throw Self.malformed(path) }
        self.owner = owner
        self.path = path
        self.secret = secret
        seal = value["kdf"] == nil ? nil : try Self.seal(value, path)
        guard self.bytes == bytes else { throw Self.malformed(path) }
    }

    /// The whole file.
    var bytes: [UInt8] {
        var object = Self.header(owner, seal)
        object["secret"] = Self.text(secret)
        return Array((JSONValue.object(object).text + "\n").utf8)
    }

    /// The private key; the passphrase is passed over where the key lies open.
    ///
    /// Throws `sealed` without a passphrase where one is needed, `wrongPassphrase`, and `malformed`
    /// where the key inside is another than the one outside.
    package func open(_ passphrase: Passphrase?) throws(WitnessError) -> SecretKey {
        var seed = secret
        if let seal {
            guard let passphrase else {
                throw WitnessError(
                    .sealed,
                    "the key in \(path) is sealed, and no passphrase was given",
                    hint: "type it when asked for, or pipe it in with --passphrase-stdin"
                )
            }
            let header = Array(Self.header(owner, seal).text.utf8)
            guard let opened = seal.open(secret, header: header, passphrase) else {
                throw WitnessError(
                    .wrongPassphrase,
                    "the passphrase does not open the key in \(path)",
                    hint: "try again; if you are sure of it, the file was changed: put a copy back"
                )
            }
            seed = opened
        }
        guard let key = SecretKey(seed: seed), key.owner == owner else {
            throw Self.malformed(path)
        }
        return key
    }

    package var customMirror: Mirror { Mirror(self, children: ["path": path]) }
}

extension KeyFile {
    /// What stands before the secret.
    private static func header(_ owner: OwnerKey, _ seal: KeySeal?) -> JSONObject {
        var header: JSONObject = [
            "hive": "key", "version": .integer(version), "public": text(owner.bytes),
        ]
        guard let seal else { return header }
        header["kdf"] = .string(KeySeal.derivation)
        header["n"] = .integer(Int64(seal.cost.rounds))
        header["r"] = .integer(Int64(seal.cost.blockSize))
        header["p"] = .integer(Int64(seal.cost.parallelism))
        header["salt"] = text(seal.salt)
        header["cipher"] = .string(KeySeal.cipher)
        return header
    }

    private static func seal(_ value: JSONValue, _ path: String) throws(WitnessError) -> KeySeal {
        guard let rounds = value["n"]?.integerValue.flatMap({ Int(exactly: $0) }),
            let blockSize = value["r"]?.integerValue.flatMap({ Int(exactly: $0) }),
            let parallelism = value["p"]?.integerValue.flatMap({ Int(exactly: $0) }),
            let salt = bytes(value["salt"]), salt.count == KeySeal.saltBytes
        else { throw malformed(path) }
        let cost = ScryptCost(rounds: rounds, blockSize: blockSize, parallelism: parallelism)
        guard cost.isBearable else {
            throw WitnessError(
                .malformed,
                "\(path) asks for more work than any key of hive's (n \(rounds), r \(blockSize), "
                    + "p \(parallelism))",
                hint: "somebody has changed it: put a copy back"
            )
        }
        return KeySeal(cost: cost, salt: salt)
    }

    private static func malformed(_ path: String) -> WitnessError {
        WitnessError(
            .malformed,
            "\(path) is no key as hive writes it",
            hint: "put a copy back; or move it away, and hive init makes a new key"
        )
    }

    private static func text(_ bytes: [UInt8]) -> JSONValue {
        .string(String(decoding: Base64.encode(bytes), as: UTF8.self))
    }

    private static func bytes(_ value: JSONValue?) -> [UInt8]? {
        value?.stringValue.flatMap { Base64.decode(Array($0.utf8)) }
    }
}

extension JSONObject {
    fileprivate var text: String { JSONValue.object(self).text }
}
