import HiveKernel

/// What hive does for an agent.
extension ShellEffects {
    /// What a person does: everything else of hive judges itself.
    mutating func runHive(_ all: [Argument]) {
        let told = "hive " + Self.told(all)
        let words = all.compactMap(\.text)
        let names = words.filter { !$0.hasPrefix("-") }
        let pair = names.prefix(2).joined(separator: " ")
        let personal: Set<String> = [
            "hook uninstall", "guard uninstall", "quarantine release", "quarantine restore",
            "quarantine discard",
        ]
        let isPersonal =
            personal.contains(pair) || ["override", "init", "repl"].contains(names.first)
            || (names.first == "doctor" && words.contains("--repair"))
        if isPersonal || words.count < all.count && names.isEmpty {
            return add(.personal(what: told, why: "it is a person's to decide"))
        }
        let changesRules = words.contains { word in
            Self.placeOptions.contains { word == $0 || word.hasPrefix($0 + "=") }
        }
        if changesRules && !Self.onlyReads(names, words) {
            add(.personal(what: told, why: "it puts other rules in the place of the project's"))
        }
        if let record = Self.value(of: ["--record"], in: all) { write(record) }
        // Both run a program, and git calls the second one itself.
        if let program = all.firstIndex(where: { $0.text == "--command" }) {
            let inside = Array(all[(program + 1)...])
            if !inside.isEmpty { run(inside, as: ShellCommand()) }
        } else if pair == "hook run", words.contains(where: { $0.hasPrefix("--script") }) {
            addInline(told)
        }
        if words.contains("--help") || names.first == "check" { add(.does(.read, what: told)) }
    }

    /// Which board and which rules a command goes by.
    private static let placeOptions = [
        "--rules", "--mode", "--board", "--quarantine", "--audit", "--state-dir",
    ]
    private static let hiveReaders: Set<String> = [
        "check", "state", "log", "status", "tasks", "replay", "at", "why", "blame", "bisect",
        "verify", "receipts",
    ]

    /// True for a command that looks at a board and writes nothing, by whatever rules.
    private static func onlyReads(_ names: [String], _ words: [String]) -> Bool {
        guard let name = names.first else { return true }
        switch name {
        case "doctor": return !words.contains("--rebuild")
        case "quarantine": return ["list", "show"].contains(names.dropFirst().first)
        default: return hiveReaders.contains(name)
        }
    }
}
