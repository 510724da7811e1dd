import HiveControl
import HiveSignal

/// Forcing what the rules forbid.
extension Session {
    /// What is not given is asked for; the passphrase always is.
    func override(_ command: CommandBook.Command, _ words: [String]) throws(CommandError) {
        let arguments = try Arguments(words, options: ["reason", "trace"], flags: ["yes"])
        guard let word = arguments.plain.first else {
            throw .usage("nothing is named that is to be forced", hint: command.usage)
        }
        let action = try CommandBook.subcommand(word, of: command)
        let order = try OverrideOrder(
            action,
            Array(arguments.plain.dropFirst()),
            trace: arguments["trace"]
        )
        var person: OverrideCeremony.Person?
        if let ask, let askHidden {
            person = OverrideCeremony.Person(line: { ask($0, "") }, hidden: askHidden)
        }
        let link = link
        let ceremony = OverrideCeremony(
            call: { (method, params) throws(CommandError) in try link.call(method, params) },
            signer: signer,
            person: person,
            tell: { [self] in remark($0) }
        )
        let given = OverrideCeremony.Given(
            reason: arguments["reason"],
            isConfirmed: arguments.has("yes")
        )
        let result = try ceremony.run(order, given)
        remember(ownSequence: result.integer("sequence"))
        remember(ownSequence: result["released"]?.integer("sequence"))
        remember(ownFlip: result["flip"])
        show(Rendering.override(result, on: terminal))
        if !Rendering.isForced(result) { refuse() }
    }
}
