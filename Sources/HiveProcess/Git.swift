// Asking git, and nothing but git
//
// A repository can make git run programs: by its configuration, its attributes, its hooks. The
// tools read repositories that anybody may have written, so each way is closed:
//
// - hooks and the file system monitor: `core.hooksPath`, `core.fsmonitor`
// - external diffs and textconv: `--no-ext-diff --no-textconv`, and plumbing in place of porcelain
// - filters (clean, smudge, process), which git runs on files that differ from the index: every
//   driver that the configuration names is emptied. A file that a filter changes on its way in,
//   as Git LFS does, may then count as changed
// - transports, by which a partial clone fetches what it lacks: `GIT_ALLOW_PROTOCOL`
// - submodules, which have a configuration of their own: only the commit they are at is looked at
// - replace refs and the commit graph, by which one object passes for another
// - pagers, prompts and signatures: there is no terminal, and nothing here shows a signature
//
// Variables by which a caller (a hook, say) points git at another repository are taken away.
// Nothing is written: optional locks are off.

/// The `git` program on one folder.
package struct Git: Sendable {
    package static let secondsMax = 20.0
    package static let outputBytesMax = 4 << 20
    package static let memoryBytesMax: Int64 = 1 << 30
    /// Larger files are neither searched nor scanned; git takes them for binary.
    package static let fileBytesMax = 4 << 20
    /// More filter drivers than any repository needs.
    package static let filterDriversMax = 64

    /// Absolute; anywhere in the repository.
    package let folder: String
    /// Names of the filter drivers to switch off; none has a `=`, where git would end the name.
    package var filterDrivers: [String] = []
    /// Variables of this one's own, such as `GIT_INDEX_FILE`; their names are git's.
    package var environment: [String: String] = [:]
    /// True: it takes what time others leave it; false where somebody waits for the answer.
    package var isInBackground = true
    /// Settings of this one's own, each `name=value` as `git -c` takes it.
    package var configuration: [String] = []
    /// How long a command may take, and how much it may say.
    package var limits = Command.Limits(
        seconds: secondsMax,
        outputBytes: outputBytesMax,
        memoryBytes: memoryBytesMax
    )

    package init(folder: String, filterDrivers: [String] = []) {
        self.folder = folder
        self.filterDrivers = filterDrivers
    }

    /// What git said.
    package struct Output: Sendable {
        package var code: Int32
        package var bytes: [UInt8]
        /// True: there was more than `outputBytesMax`; the last record may be torn.
        package var isCut: Bool
        /// What it wrote to its standard error, readable, one line.
        package var complaint: String

        /// The fields between NULs; a torn last one is left out.
        package var fields: [ArraySlice<UInt8>] {
            var fields = bytes.split(separator: 0, omittingEmptySubsequences: false)
            // What follows the last NUL is nothing, or torn.
            if !fields.isEmpty { fields.removeLast() }
            return fields
        }

        /// All of it as text, without the line break at its end.
        package var text: String {
            let text = String(decoding: bytes, as: UTF8.self)
            return text.hasSuffix("\n") ? String(text.dropLast()) : text
        }
    }

    /// Runs `git` with these words, whose first is its command.
    ///
    /// - `input`: what it may read.
    /// - `accepting`: the exit codes that are an answer.
    /// - Throws: `WorkerError` for any other exit code, a time-out, or a machine that fails.
    package func run(
        _ words: [String],
        input: [UInt8] = [],
        accepting: Set<Int32> = [0]
    ) async throws(WorkerError) -> Output {
        let result = try await CommandRunner.run(command(words, input: input))
        let name = "git \(words.first ?? "")"
        let complaint = PlainText.cut(
            PlainText.oneLine(
                String(
                    decoding: result.errors.split(separator: UInt8(ascii: "\n")).first ?? [],
                    as: UTF8.self
                )
            ),
            toBytes: PlainText.lineBytesMax
        )
        let code: Int32
        switch result.ending {
        case .exited(let exitCode): code = exitCode
        case .signalled where result.isOutputCut: code = 0
        case .signalled(let number):
            throw WorkerError(
                message: "\(name) was ended by signal \(number)",
                hint:
                    "it has \(Self.memoryBytesMax >> 20) MiB of memory; is the machine short of it?"
            )
        case .timedOut:
            throw WorkerError(
                message: "\(name) took longer than \(Int(limits.seconds)) s",
                hint: "try it by hand in \(shownFolder); git gc may help"
            )
        }
        guard accepting.contains(code) || result.isOutputCut else {
            throw WorkerError(
                message: "\(name) failed with exit code \(code)",
                hint: "try it by hand in \(shownFolder); git fsck may tell more"
            )
        }
        return Output(
            code: code,
            bytes: result.output,
            isCut: result.isOutputCut,
            complaint: complaint
        )
    }

    /// `git` with these words, kept from everything but reading the repository at hand.
    package func command(_ words: [String], input: [UInt8] = []) -> Command {
        Command(
            words: Self.wrapper + ownVariables + ["git"] + Self.options + filterOptions
                + configuration.flatMap { ["-c", $0] } + words,
            folder: folder,
            environment: Self.environment,
            isInBackground: isInBackground,
            input: input,
            limits: limits
        )
    }

    private var shownFolder: String {
        PlainText.cut(PlainText.oneLine(folder), toBytes: PlainText.lineBytesMax)
    }

    /// The exit code of `env` where there is no `git`.
    package static let missingCode: Int32 = 127

    /// For `env`, which would take away what came with the environment.
    private var ownVariables: [String] {
        environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    }

    /// `env` takes variables away, which a `Command` cannot, and becomes git.
    private static let wrapper =
        ["env"]
        + [
            "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_NAMESPACE",
            "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_PREFIX",
            "GIT_CONFIG_PARAMETERS", "GIT_EXTERNAL_DIFF", "GIT_LITERAL_PATHSPECS",
            "GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS",
            "GIT_REPLACE_REF_BASE", "GIT_GRAFT_FILE", "GIT_SHALLOW_FILE", "GIT_ATTR_SOURCE",
            "GIT_DEFAULT_HASH",
        ].flatMap { ["-u", $0] }

    private static let options =
        ["--no-pager"]
        + [
            "core.fsmonitor=false", "core.hooksPath=/dev/null", "core.quotePath=false",
            "core.bigFileThreshold=\(fileBytesMax)", "log.showSignature=false",
            "submodule.recurse=false", "color.ui=false", "core.commitGraph=false",
        ].flatMap { ["-c", $0] }

    /// Empties the filter drivers; what is empty is not run.
    private var filterOptions: [String] {
        filterDrivers.flatMap { driver in
            ["clean=", "smudge=", "process=", "required=false"].flatMap {
                ["-c", "filter.\(driver).\($0)"]
            }
        }
    }

    private static let environment = [
        "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1",
        // A protocol that there is not: none is allowed, whatever the configuration says.
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_CONFIG_COUNT": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "LC_ALL": "C", "LANGUAGE": "",
    ]
}
