package import HiveSignal
package import HiveWitness

/// What `hive init` finds in a folder and makes there: looked at first, then carried out.
///
/// Everything that can be seen to fail fails before the first file is made. What is there stays as
/// it is, so an init that was cut short is finished by the next one.
package struct SetupPlan: Sendable {
    /// One thing of a project that hive uses.
    package struct Step: Sendable, Hashable {
        package enum Action: String, Sendable, Hashable {
            /// It was not there.
            case made
            /// It was there and stays as it is.
            case kept
            /// Lines or files were added to what was there.
            case extended
        }

        /// From the project's folder where it stands inside, else absolute; a folder ends in `/`.
        package var path: String
        package var action: Action
        /// Why, or what is in it; may be empty.
        package var note: String

        package var json: JSONValue {
            [
                "path": .string(path),
                "action": .string(action.rawValue),
                "note": .string(note),
            ]
        }
    }

    /// Something that works but may not be meant.
    package struct Warning: Sendable, Hashable {
        package var message: String
        /// What to do about it; empty where there is nothing.
        package var cure: String

        package var text: String { cure.isEmpty ? message : "\(message): \(cure)" }
    }

    /// A change to the disk; paths are absolute.
    enum Work: Sendable, Hashable {
        case makeFolder(String)
        case makeFile(String, text: String)
        case append(String, text: String)
        /// A new private key.
        case makeKey(KeyFolder)
        /// The public half of the key in the folder, in a file of its own.
        case publishKey(KeyFolder, path: String)
        /// The key in the folder is the one that overrides of the board need.
        case pinKey(KeyFolder, board: String)
        /// The person's word on the rules.
        case approveRules(ApprovalDesk)
    }

    /// True where a private key is to be made: it may be sealed by a passphrase.
    package var makesKey: Bool {
        work.contains { if case .makeKey = $0 { true } else { false } }
    }

    package internal(set) var steps: [Step] = []
    package internal(set) var warnings: [Warning] = []
    private(set) var work: [Work] = []

    mutating func add(
        _ path: String,
        _ action: Step.Action,
        note: String = "",
        work: [Work] = []
    ) {
        steps.append(Step(path: path, action: action, note: note))
        self.work += work
    }

    package mutating func warn(_ message: String, cure: String) {
        warnings.append(Warning(message: message, cure: cure))
    }

    /// Makes what is missing; a private key is sealed where there is a passphrase.
    ///
    /// Throws exit code 3; what was made until then stays and is kept by the next init.
    package func carryOut(passphrase: Passphrase? = nil) throws(HiveError) {
        for work in work {
            switch work {
            case .makeFolder(let path):
                try Folders.make(path, mode: 0o755)
            case .makeFile(let path, let text):
                // False: somebody made it since we looked, and theirs stays.
                _ = try FreshFile.make(path, text)
            case .append(let path, let text):
                try FreshFile.append(text, to: path)
            case .makeKey(let keys):
                try HiveError.wrap { try Self.makeKey(keys, passphrase) }
            case .publishKey(let keys, let path):
                guard let owner = try HiveError.wrap({ try keys.key()?.owner }) else { continue }
                _ = try FreshFile.make(path, owner.text)
            case .pinKey(let keys, let board):
                try HiveError.wrap {
                    guard let owner = try keys.key()?.owner else { return }
                    try keys.setPin(owner, forBoard: board)
                }
            case .approveRules(let desk):
                let proposal = try desk.proposal()
                try desk.approve(proposal, reason: "hive init", passphrase: passphrase)
            }
        }
    }

    private static func makeKey(
        _ keys: KeyFolder,
        _ passphrase: Passphrase?
    ) throws(WitnessError) {
        do {
            try keys.keep(try SecretKey(), sealedBy: passphrase)
        } catch  where error.code == .exists {
            // Another init was faster: its key is the person's.
        }
    }
}
