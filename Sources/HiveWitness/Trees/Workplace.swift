package import HiveProcess

/// How a run was kept from the machine around it; the raw value is what receipts say.
package enum SandboxKind: String, Sendable, Hashable {
    case bubblewrap
    /// Namespaces, by hive itself.
    case namespaces
    /// Nothing was there to do it: a receipt that says so.
    case unsandboxed
}

/// What prepares a tree and how far its runs may go: the `witness` part of the rule book.
package struct RoomRules: Sendable, Hashable {
    /// Fetches dependencies, with the network; nil: nothing to fetch.
    package var setup: [String]?
    /// The files whose blobs tell one set-up from another, as globs.
    package var lockFiles: [String]
    /// Folders outside the tree that runs may read, beside the system's and the toolchains on
    /// `PATH`; absolute.
    package var readable: [String]
    package var limits: Command.Limits

    package init(
        setup: [String]? = nil,
        lockFiles: [String] = [],
        readable: [String] = [],
        limits: Command.Limits
    ) {
        self.setup = setup
        self.lockFiles = lockFiles
        self.readable = readable
        self.limits = limits
    }
}

/// What a run in the clean room left.
package struct RoomRun: Sendable, Hashable {
    package var ending: CommandResult.Ending
    package var run: FinishedRun
    /// SHA-256 of all that was kept of its output and errors, in hexadecimal digits.
    package var digest: String
    package var seconds: Double

    package init(
        ending: CommandResult.Ending,
        run: FinishedRun,
        digest: String,
        seconds: Double
    ) {
        self.ending = ending
        self.run = run
        self.digest = digest
        self.seconds = seconds
    }
}

/// A tree that was checked out for runs, and is gone when they are over.
package protocol Workplace: Sendable {
    var sandbox: SandboxKind { get }

    /// Runs words in the tree, without network, with an empty folder for reports.
    ///
    /// `invocation` is given the report folder's path as the program sees it. Throws where it
    /// cannot be started, or leaves more reports than the bounds allow.
    func run(
        _ invocation: @Sendable (_ reportFolder: String) -> RunnerInvocation
    ) async throws(WitnessError) -> RoomRun
}
