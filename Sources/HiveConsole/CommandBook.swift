/// What a person may type, and what help says of it.
struct CommandBook: Sendable {
    /// One command.
    struct Command: Sendable {
        var name: String
        /// Other names in full; they have no abbreviations.
        var aliases: [String] = []
        var group: Group
        /// What follows the name.
        var usage = ""
        /// One line.
        var summary: String
        var example: String
        /// More than the one line, where there is more to say.
        var detail = ""
        /// What the first word after the name may be, where that is one of a few.
        var subcommands: [String] = []
        /// What may follow a subcommand, where that is one of a few.
        var values: [String: [String]] = [:]
        /// What Tab offers after the name and its subcommand.
        var completes: Set<Completes> = []
        /// The same for the first word after the name, the second and so on, where each is another.
        var places: [Completes] = []
        /// With their dashes.
        var options: [String] = []
    }

    enum Group: String, Sendable, CaseIterable {
        case look = "Look"
        case trouble = "Trouble"
        case act = "Act"
        case here = "Here"
    }

    /// A kind of word that Tab knows candidates for.
    enum Completes: Sendable {
        case command, entry, task, scatter, signal, trace, agent, filter, phase, standing, violation
    }

    let commands: [Command]

    /// A word looked up.
    enum Match {
        case one(Command)
        /// Several commands begin so.
        case many([String])
        case none
    }

    /// The command of that name, or the only one that begins so.
    func find(_ word: String) -> Match {
        if let exact = commands.first(where: { $0.name == word || $0.aliases.contains(word) }) {
            return .one(exact)
        }
        let found = commands.filter { !word.isEmpty && $0.name.hasPrefix(word) }
        guard let first = found.first else { return .none }
        return found.count == 1 ? .one(first) : .many(found.map(\.name))
    }

    /// A subcommand by its name or a beginning that only it has.
    ///
    /// - Throws: exit code 2 for none or several.
    static func subcommand(
        _ word: String,
        of command: Command
    ) throws(CommandError) -> String {
        if command.subcommands.contains(word) { return word }
        let found = command.subcommands.filter { $0.hasPrefix(word) }
        if found.count == 1 { return found[0] }
        let names = (found.isEmpty ? command.subcommands : found).joined(separator: ", ")
        throw .usage(
            found.isEmpty ? "no \(command.name) \(word)" : "\(word) may be \(names)",
            hint: "one of " + names
        )
    }
}
