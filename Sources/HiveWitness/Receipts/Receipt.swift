package import HiveSignal

/// What hive itself saw of one exact tree.
///
/// A receipt says what was run, on what, and how it ended; `isProven` is the verdict that follows
/// from it. One that proves nothing is kept too: it contradicts whoever claims the opposite.
package struct Receipt: Sendable, Hashable {
    /// What it is about, on the board too.
    package typealias Kind = ReceiptKind

    /// One run of the test command.
    package struct Run: Sendable, Hashable {
        /// On what: `tree`, `again`, `reverted`, `red`, `base`, `old tests`, `without PATH`.
        package var of: String
        /// Nil: a signal or the time limit ended it.
        package var exitCode: Int64?
        package var passed: Int64
        package var failed: Int64
        package var skipped: Int64
        /// SHA-256 of its output, hexadecimal digits.
        package var digest: String
        package var seconds: Double

        package init(
            of: String,
            exitCode: Int64?,
            passed: Int64,
            failed: Int64,
            skipped: Int64,
            digest: String,
            seconds: Double
        ) {
            self.of = of
            self.exitCode = exitCode
            self.passed = passed
            self.failed = failed
            self.skipped = skipped
            self.digest = digest
            self.seconds = seconds
        }
    }

    package var kind: Kind
    package var isProven: Bool
    /// The tree that was witnessed, and the one that it was compared with; hexadecimal digits.
    package var tree: String
    package var base: String
    /// The receipt whose red this green ends.
    package var red: String?
    /// The test command, and the family of runners that read its report.
    package var command: [String]
    package var runner: String
    /// SHA-256 of the rule book, hexadecimal digits.
    package var rules: String
    /// Names of tests.
    package var passed: [String] = []
    package var failed: [String] = []
    package var skipped: [String] = []
    /// The tests that prove it: those that are red, that were red and are green, or that went.
    package var proving: [String] = []
    /// What holds still between red and green, by path: tests, their helpers, configuration.
    package var pins: [String: String] = [:]
    /// SHA-256 over the pinned files and over the others, of the tree and of the base.
    package var pinsDigest: String
    package var codeDigest: String
    package var baseCodeDigest: String
    package var runs: [Run] = []
    package var sandbox: String
    /// Codes such as `REWARD_HACK`; empty where it is proven.
    package var violations: [String] = []
    /// Why it is not proven, or what a reader should know; a line each.
    package var notes: [String] = []
    /// Changed files that no proving test needs, as far as the witness could tell.
    package var unneeded: [String] = []
    /// When, in RFC 3339.
    package var timestamp: String

    package init(
        kind: Kind,
        isProven: Bool,
        tree: String,
        base: String,
        command: [String],
        runner: String,
        rules: String,
        pinsDigest: String,
        codeDigest: String,
        baseCodeDigest: String,
        sandbox: String,
        timestamp: String
    ) {
        self.kind = kind
        self.isProven = isProven
        self.tree = tree
        self.base = base
        self.command = command
        self.runner = runner
        self.rules = rules
        self.pinsDigest = pinsDigest
        self.codeDigest = codeDigest
        self.baseCodeDigest = baseCodeDigest
        self.sandbox = sandbox
        self.timestamp = timestamp
    }

    /// More pinned files than that are told by their digest alone.
    package static let pinsMax = 2_000
    /// A longer line is no receipt.
    package static let bytesMax = 1 << 20
    static let purpose = "receipt 1"
}

/// A receipt with the signature that makes it count, as a note holds it.
package struct SignedReceipt: Sendable, Hashable {
    package let receipt: Receipt
    /// `r-` and the first 16 hex digits of what is signed: no two receipts share it.
    package let id: String
    /// The public key that it says has signed it.
    package let signer: OwnerKey
    /// The line of the note, without LF.
    package let line: [UInt8]
    private let signed: SignedLine

    /// Signs a receipt.
    ///
    /// - Throws: `WitnessError` where the key does not sign.
    package init(_ receipt: Receipt, by key: SecretKey) throws(WitnessError) {
        let unsigned = receipt.unsigned(signer: key.owner)
        let message = SignedLine.message(of: unsigned, for: Receipt.purpose)
        signed = SignedLine(unsigned: unsigned, signature: try key.signature(of: message))
        line = signed.line
        signer = key.owner
        self.receipt = receipt
        id = Self.id(of: message)
    }

    /// Reads a note's line; nil where it is no receipt.
    ///
    /// Whether it was signed by who it says is for `isSound` to tell.
    package init?(line: [UInt8]) {
        guard line.count <= Receipt.bytesMax, let signed = SignedLine(line: line),
            let value = try? JSONValue(parsing: line), value["hive"] == "receipt",
            let key = value["signer"]?.stringValue, let bytes = Base64.decode(Array(key.utf8)),
            let signer = OwnerKey(bytes: bytes), let receipt = Receipt(value)
        else { return nil }
        self.receipt = receipt
        self.signer = signer
        self.signed = signed
        self.line = line
        id = Self.id(of: signed.message(for: Receipt.purpose))
    }

    /// True where the key that it names has signed it, byte for byte.
    package var isSound: Bool {
        signer.verifies(signed.signature, of: signed.message(for: Receipt.purpose))
    }

    private static func id(of message: [UInt8]) -> String {
        "r-" + TreeDigest.sha256(message).prefix(16)
    }

    /// The receipt and its id, as JSON, without the signature.
    package var json: JSONValue {
        var object = (try? JSONValue(parsing: line))?.objectValue ?? [:]
        object["signature"] = nil
        object["id"] = .string(id)
        return .object(object)
    }
}
