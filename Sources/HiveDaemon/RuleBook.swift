package import HiveKernel
import HiveSignal
import Yams

// The rule book is read in two steps. Yams turns the text into a tree of nodes with line marks and
// decides nothing else: its resolver is switched off, so `no` stays the word "no" and no scalar
// becomes a date or a float behind our back. `RuleValue` then gives each node the one meaning that
// its key allows, and names file, line and key where it cannot.

/// The rules of a board, with the exact text they came from.
package struct RuleBook: Sendable, Hashable {
    package var rules: Rules
    /// The file's exact text: what the audit line of a change of rules holds.
    package var text: String
    /// The file's path, or `built-in`.
    package var source: String

    package init(rules: Rules, text: String, source: String) {
        self.rules = rules
        self.text = text
        self.source = source
    }

    /// The defaults, as they hold without any file.
    package static let builtIn = RuleBook(rules: Rules(), text: builtInText, source: "built-in")

    /// Reads a rule book; `file` is the name that errors give.
    ///
    /// Every key is optional, and an empty text gives the defaults. Anchors, aliases, tags, merge
    /// keys and a second document are refused: a rule book says each thing once, in plain words.
    ///
    /// - Throws: exit code 2, `FILE:LINE: KEY: found …; expected …`.
    package static func parse(text: String, file: String) throws(HiveError) -> Rules {
        if let line = YAMLAnchor.firstLine(in: text) {
            throw YAMLAnchor.refusal(file: file, line: line)
        }
        let root: Node?
        do {
            root = try Yams.compose(yaml: text, .basic, .default, .utf8)
        } catch {
            throw notYAML(error, file: file)
        }
        guard let root else { return Rules() }
        let book = RuleValue(node: root, key: "", file: file)
        return book.isNull ? Rules() : try rules(from: book)
    }
}

// MARK: - What the keys mean

extension RuleBook {
    /// A generation this high is a typing error.
    private static let generationMax: Int64 = 1_000_000_000
    private static let dayInSeconds: Int64 = 86_400
    /// Ten years: beyond it a limit on age is none.
    private static let stalenessSecondsMax = dayInSeconds * 3_653

    private static func rules(from root: RuleValue) throws(HiveError) -> Rules {
        var rules = Rules()
        let book = try root.mapping(of: [
            "mode", "mask", "generation", "timestamps", "envelope", "ports", "reactions",
            "budget", "workers", "evidence", "witness", "paths", "tools", "flip", "socket",
        ])
        if let mode = book["mode"] {
            rules.mode = try mode.word(among: Mode.allCases)
        }
        if let mask = book["mask"] {
            rules.masks = try mask.boolean()
        }
        let generation = try book["generation"]?.mapping(of: ["minimum"])
        if let minimum = generation?["minimum"] {
            rules.minimumGeneration = try minimum.integer(in: 0...generationMax)
        }
        let timestamps = try book["timestamps"]?.mapping(of: [
            "future_seconds", "staleness_seconds",
        ])
        if let future = timestamps?["future_seconds"] {
            rules.futureSecondsMax = try future.integer(in: 0...dayInSeconds)
        }
        if let staleness = timestamps?["staleness_seconds"] {
            rules.stalenessSecondsMax = try staleness.integerOrNull(in: 1...stalenessSecondsMax)
        }
        let envelope = try book["envelope"]?.mapping(of: ["required"])
        if let required = envelope?["required"] {
            rules.requiresEnvelope = try required.boolean()
        }
        let ports = try book["ports"]?.mapping(of: ["owners", "roaming"])
        if let owners = ports?["owners"] {
            rules.phaseOfPort = try phases(from: owners)
        }
        if let roaming = ports?["roaming"] {
            rules.roamingPorts = Set(try roaming.ports())
        }
        rules.reactions = try reactions(from: book["reactions"])
        rules.budget = try budget(from: book["budget"])
        if let linger = try book["flip"]?.mapping(of: ["linger"])["linger"] {
            rules.flipLingerSeconds = try linger.integer(in: 0...yearInSeconds)
        }
        let workers = try book["workers"]?.mapping(of: ["exec", "model"])
        try read(workers?["exec"], named: "command", into: &rules.exec)
        rules.model = try model(from: workers?["model"])
        if let evidence = book["evidence"] {
            rules.evidence = try evidence.word(among: Evidence.allCases)
        }
        try readWitness(book["witness"], into: &rules)
        rules.paths = try paths(from: book["paths"])
        rules.actions = try actions(from: book["tools"])
        let socket = try book["socket"]?.mapping(of: ["group"])
        if let group = socket?["group"] {
            rules.socketGroup = try group.groupNameOrNull()
        }
        return rules
    }

    /// The phase of each port: all eight exactly once, and no phase without a port, for a phase
    /// that nobody may speak in could never be passed.
    private static func phases(from owners: RuleValue) throws(HiveError) -> [Phase] {
        let lists = try owners.mapping(of: Phase.cycle.map(\.letter))
        var owned: [Port: Phase] = [:]
        for phase in Phase.cycle {
            guard let list = lists[phase.letter] else {
                throw owners.refusal(
                    found: "no ports for \(phase.letter)",
                    expected: "a list of ports for each of H, I, V and E"
                )
            }
            let ports = try list.ports()
            guard !ports.isEmpty else {
                throw list.refusal(found: "no port", expected: "at least one port")
            }
            for port in ports {
                guard owned.updateValue(phase, forKey: port) == nil else {
                    throw list.refusal(
                        found: "port \(port.rawValue) a second time",
                        expected: "each of the ports 0 to 7 under exactly one phase"
                    )
                }
            }
        }
        var phases: [Phase] = []
        for port in Port.all {
            guard let phase = owned[port] else {
                throw owners.refusal(
                    found: "no phase for port \(port.rawValue)",
                    expected: "each of the ports 0 to 7 under exactly one phase"
                )
            }
            phases.append(phase)
        }
        return phases
    }
}

// MARK: - What is no rule book at all

extension RuleBook {
    static func notYAML(
        _ error: any Error,
        file: String,
        document: RuleValue.Document = .rules
    ) -> HiveError {
        let hint = document.hint
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return .usage("\(file):\(mark.line): not a YAML document: \(problem)", hint: hint)
        case .reader(let problem, let offset, _, let yaml):
            let line = yaml.prefix(offset ?? 0).count(where: \.isNewline) + 1
            return .usage("\(file):\(line): not a YAML document: \(problem)", hint: hint)
        case .duplicatedKeysInMapping(let keys, let context):
            let key = keys.first ?? ""
            let line = RepeatedKey.line(of: key, in: context.text, after: context.mark)
            return .usage(
                "\(file):\(line): \(RuleValue.quoted(key)): "
                    + "found the key twice; expected it once",
                hint: hint
            )
        default:
            return .usage("\(file): not a YAML document: \(error)", hint: hint)
        }
    }
}
