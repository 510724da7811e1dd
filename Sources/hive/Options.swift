import ArgumentParser
import HiveConsole
import HiveDaemon

/// Where the files of one board are.
///
/// Flags beat the environment, and that beats the defaults.
struct PlaceOptions: ParsableArguments {
    @Option(help: "The board's file (BLACKBOARD_PATH).", completion: .file())
    var board: String?

    @Option(help: "The quarantine's file (QUARANTINE_PATH).", completion: .file())
    var quarantine: String?

    @Option(help: "The audit's file (AUDIT_PATH).", completion: .file())
    var audit: String?

    @Option(help: "The folder of what can be rebuilt (HIVE_STATE_DIR).", completion: .directory)
    var stateDir: String?

    var flags: SettingsFlags {
        var flags = SettingsFlags()
        flags.board = board
        flags.quarantine = quarantine
        flags.audit = audit
        flags.stateDirectory = stateDir
        return flags
    }

    /// The same options for a process that is started anew.
    var arguments: [String] {
        commandLine([
            ("--board", board), ("--quarantine", quarantine), ("--audit", audit),
            ("--state-dir", stateDir),
        ])
    }
}

/// By which rules a board is judged.
struct RuleOptions: ParsableArguments {
    @Option(help: "The rule book (HIVE_RULES; default: specs/rules.yaml).", completion: .file())
    var rules: String?

    @Option(help: "strict, paired or observe, in place of the rule book's mode.")
    var mode: String?

    var areGiven: Bool { rules != nil || mode != nil }

    /// The same options for a process that is started anew.
    var arguments: [String] { commandLine([("--rules", rules), ("--mode", mode)]) }
}

/// What every command that is about a board takes.
struct BoardOptions: ParsableArguments {
    @OptionGroup(title: "Where things are") var places: PlaceOptions
    @OptionGroup(title: "Rules") var rules: RuleOptions

    /// Throws where a flag or the environment makes no sense.
    func settings() throws(CommandError) -> Settings {
        try Settings.of(places, rules)
    }
}

/// What `hive mcp` takes: no rules of its own.
///
/// An agent's program starts it, and what it writes is judged by the board's rules whether a daemon
/// runs or not. For a person `hive emit` and its like take them, as for `hive up`.
struct ServerOptions: ParsableArguments {
    @OptionGroup(title: "Where things are") var places: PlaceOptions
    /// Known only to be refused with a reason.
    @OptionGroup(visibility: .hidden) private var rules: RuleOptions

    func validate() throws {
        guard rules.areGiven else { return }
        throw ValidationError(
            "what an agent writes is judged by the board's own rules: --rules and --mode are for "
                + "hive up, and for a person's commands"
        )
    }

    /// Throws where a flag or the environment makes no sense.
    func settings() throws(CommandError) -> Settings { try Settings.of(places) }
}

/// How the answer is printed.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print JSON, one object a line.")
    var json = false
}

extension Settings {
    static func of(
        _ places: PlaceOptions,
        _ rules: RuleOptions? = nil
    ) throws(CommandError) -> Settings {
        var flags = places.flags
        flags.rules = rules?.rules
        flags.mode = rules?.mode
        return try of(flags)
    }

    static func of(_ flags: SettingsFlags) throws(CommandError) -> Settings {
        do {
            let settings = try Settings(flags: flags)
            settings.secrets.keepOutOfCores()
            return settings
        } catch {
            throw CommandError(error)
        }
    }
}

private func commandLine(_ options: [(name: String, value: String?)]) -> [String] {
    // `--name=value`, so that a value may begin with a dash.
    options.compactMap { option in option.value.map { "\(option.name)=\($0)" } }
}
