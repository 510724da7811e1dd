import HiveControl
package import HiveSignal

/// What it takes to force something: the consequence told, a reason, a yes, a signature.
package struct OverrideCeremony {
    /// Somebody who can be asked; each answer is nil where they gave up.
    package struct Person {
        package var line: (_ question: String) -> String?
        /// Nothing of what is typed is shown.
        package var hidden: (_ question: String) -> [UInt8]?

        package init(
            line: @escaping (String) -> String?,
            hidden: @escaping (String) -> [UInt8]?
        ) {
            self.line = line
            self.hidden = hidden
        }
    }

    /// What was given beforehand, and need not be asked for.
    package struct Given {
        package var reason: String?
        package var isConfirmed: Bool
        package var passphrase: [UInt8]?

        package init(reason: String?, isConfirmed: Bool, passphrase: [UInt8]? = nil) {
            self.reason = reason
            self.isConfirmed = isConfirmed
            self.passphrase = passphrase
        }
    }

    private let call: OverridePlan.Call
    private let signer: OverrideSigner
    private let person: Person?
    private let tell: (String) -> Void

    /// How often a passphrase may be mistyped.
    private static let triesMax = 3
    private static let nonceBytes = 16
    /// The most that a reason may hold, as a flip's summary.
    private static let reasonBytesMax = 4_096

    /// `person` is nil where nobody can be asked; `tell` gets the consequence.
    package init(
        call: @escaping OverridePlan.Call,
        signer: OverrideSigner,
        person: Person?,
        tell: @escaping (String) -> Void
    ) {
        self.call = call
        self.signer = signer
        self.person = person
        self.tell = tell
    }

    /// Forces it; the daemon's answer.
    ///
    /// Throws exit code 1 where the person says no, or the daemon, or the passphrase is wrong; 2
    /// where something is neither given nor can be asked for.
    package func run(_ order: OverrideOrder, _ given: Given) throws(CommandError) -> JSONValue {
        if person == nil && (given.reason == nil || !given.isConfirmed) {
            throw .usage(
                "an override wants a reason and a yes, and there is no terminal to ask at",
                hint: "give --reason TEXT and --yes"
            )
        }
        if let reason = given.reason { try Self.check(reason) }
        let key = try signer.key()
        if person == nil && key.isSealed && given.passphrase == nil {
            throw .usage(
                "your key is sealed, and there is no terminal to ask for its passphrase at",
                hint: "pipe it in: hive override ACTION --passphrase-stdin"
            )
        }
        // Before anybody types a word for nothing.
        let told = try basis(for: key)
        let plan = try OverridePlan(order, call)
        tell(plan.consequence)
        let reason = try reason(given)
        try confirm(given)
        let line = try signed(plan, reason, key, told, given.passphrase)
        return try call(Method.override, ["line": .string(String(decoding: line, as: UTF8.self))])
    }

    // MARK: The person's words

    private func reason(_ given: Given) throws(CommandError) -> String {
        if let reason = given.reason { return reason }
        guard let reason = person?.line("why?") else { throw Self.declined }
        try Self.check(reason)
        return reason
    }

    private static func check(_ reason: String) throws(CommandError) {
        guard !reason.allSatisfy(\.isWhitespace) else {
            throw .usage("an override wants a reason", hint: "it stays on the board for all to see")
        }
        guard reason.utf8.count <= reasonBytesMax else {
            throw .usage(
                "the reason has \(reason.utf8.count) bytes, more than \(reasonBytesMax)",
                hint: "keep the long text in a file and name it"
            )
        }
    }

    private func confirm(_ given: Given) throws(CommandError) {
        if given.isConfirmed { return }
        let answer = person?.line("force it? (yes/no)") ?? ""
        guard ["y", "yes"].contains(answer.lowercased()) else { throw Self.declined }
    }

    private static let declined = CommandError(exitCode: 1, "nothing was forced", hint: "")

    // MARK: The signature

    /// What the line is to be signed over, now; refuses where it would be verified with another
    /// key.
    private func basis(for key: OverrideSigner.Key) throws(CommandError) -> JSONValue {
        let basis = try call(Method.overrideBasis, [:])
        guard let wanted = basis.text("key") else {
            // The fault says what to do about it.
            throw CommandError(
                exitCode: 1,
                "no override can be verified here: "
                    + (basis.text("fault") ?? "no key is pinned; hive init pins yours"),
                hint: ""
            )
        }
        guard wanted == key.fingerprint else {
            throw CommandError(
                exitCode: 1,
                "overrides of this board are verified with the key \(wanted), and yours is "
                    + key.fingerprint,
                hint: "ask whose key it is; specs/threat-model.md tells how to pin another"
            )
        }
        return basis
    }

    private func signed(
        _ plan: OverridePlan,
        _ reason: String,
        _ key: OverrideSigner.Key,
        _ told: JSONValue,
        _ given: [UInt8]?
    ) throws(CommandError) -> [UInt8] {
        for _ in 0..<(given == nil ? Self.triesMax : 1) {
            var passphrase = given
            if key.isSealed && given == nil {
                guard let typed = person?.hidden("passphrase:") else { throw Self.declined }
                passphrase = typed
            }
            // A person takes their time, and a head is good for so many lines only.
            let line = try line(plan, reason, key, told)
            if let signed = try signer.sign(line, passphrase) { return signed }
            if given == nil { tell("the passphrase does not open your key") }
        }
        throw CommandError(
            exitCode: 1,
            "the passphrase does not open your key: nothing was forced",
            hint: "hive override passphrase changes it, by the present one"
        )
    }

    private func line(
        _ plan: OverridePlan,
        _ reason: String,
        _ key: OverrideSigner.Key,
        _ told: JSONValue
    ) throws(CommandError) -> OverrideLine {
        let basis = try basis(for: key)
        // What was told, and said yes to, holds for no other board and no other generation.
        guard basis["boardId"] == told["boardId"], basis["gen"] == told["gen"] else {
            let now = basis["boardId"] == told["boardId"] ? "generation" : "board"
            throw CommandError(
                exitCode: 1,
                "this is another \(now) than the one you were asked in: nothing was forced",
                hint: "see status, and ask for it again"
            )
        }
        guard let board = basis.text("boardId"), let generation = basis.integer("gen"),
            let sequence = basis.integer("sequence"),
            let chain = basis.text("chain").flatMap({ Hex.decode($0) })
        else {
            throw CommandError(
                exitCode: 3,
                "the answer to `\(Method.overrideBasis)` lacks what is to be signed",
                hint: "is the daemon another version? see status"
            )
        }
        var random = SystemRandomNumberGenerator()
        let nonce = (0..<Self.nonceBytes).map { _ in UInt8.random(in: 0...255, using: &random) }
        let claim = OverrideClaim(
            override: plan.override,
            boardID: board,
            generation: generation,
            nonce: Hex.encode(nonce),
            head: ChainHead(sequence: sequence, chain: chain),
            key: key.fingerprint
        )
        return OverrideLine(
            claim: claim,
            timestamp: Timestamp.now().rfc3339,
            reason: reason,
            trace: plan.trace
        )
    }
}
