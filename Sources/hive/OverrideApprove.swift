import ArgumentParser
import Glibc
import HiveConsole
import HiveDaemon
import HiveSignal
import HiveWitness

struct OverrideApprove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve-rules",
        abstract: "Approve the rule book with its test command, and this machine as a witness.",
        discussion: "Your key signs specs/approval.json: commit it. Receipts count only under "
            + "rules whose every byte was approved so."
    )

    @Option(help: "Why (asked for where it is not given).") var reason: String?
    @Flag(help: "Do not ask whether it is meant.") var yes = false
    @Flag(help: "Take the passphrase from standard input's first line.")
    var passphraseStdin = false
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let piped = try passphraseStdin ? Passphrase(PassphraseInput().next()) : nil
        let desk: ApprovalDesk
        let proposal: ApprovalDesk.Proposal
        do throws(HiveError) {
            desk = try await ApprovalDesk.ofProject(try Settings(flags: SettingsFlags()))
            proposal = try desk.proposal()
        } catch {
            throw CommandError(error)
        }
        show(proposal)
        let person = passphraseStdin ? nil : ControllingTerminal.ofInput()
        let reason = try reason ?? ask(person, "why:")
        if !yes {
            let answer = try ask(person, "approve? (yes/no)")
            guard answer == "yes" else {
                throw CommandError(exitCode: 1, "nothing is approved", hint: "")
            }
        }
        let path = try approve(desk, proposal, reason, piped, person)
        let out = StandardOutput()
        if output.json {
            let answer: JSONValue = [
                "approval": .string(path), "rules": .string(proposal.digest),
                "test": .array((proposal.command ?? []).map { .string($0) }),
                "owner": .string(proposal.owner.fingerprint),
                "witnesses": .array(proposal.witnesses.map { .string($0.fingerprint) }),
            ]
            out.line(answer.text)
        } else {
            out.line(Line("approved; commit it: git add specs && git commit"))
        }
        try out.finish()
    }

    private func show(_ proposal: ApprovalDesk.Proposal) {
        guard !output.json else { return }
        var table = Table()
        let none = "none: nothing can be proven"
        table.add("test command", proposal.command?.joined(separator: " ") ?? none, .bold)
        if let setup = proposal.setup {
            table.add("set-up, online", setup.joined(separator: " "))
        }
        table.add("evidence", proposal.evidence)
        table.add("rule book", "SHA-256 \(proposal.digest.prefix(16))…")
        let witnesses = proposal.witnesses.map(\.fingerprint).joined(separator: ", ")
        table.add("witnesses", witnesses)
        table.lines.forEach { Terminal.errors.write(line: $0) }
    }

    private func ask(
        _ person: ControllingTerminal?,
        _ question: String
    ) throws(CommandError) -> String {
        guard let person else {
            throw CommandError(
                exitCode: 2,
                "an approval wants a reason and a yes, and there is no terminal to ask at",
                hint: "give --reason TEXT and --yes"
            )
        }
        guard let answer = person.line(question), !answer.isEmpty else {
            throw CommandError(exitCode: 1, "nothing is approved", hint: "")
        }
        return answer
    }

    private func approve(
        _ desk: ApprovalDesk,
        _ proposal: ApprovalDesk.Proposal,
        _ reason: String,
        _ piped: Passphrase?,
        _ person: ControllingTerminal?
    ) throws(CommandError) -> String {
        var passphrase = piped
        if proposal.isSealed, piped == nil {
            guard let typed = person?.hidden("passphrase:") else {
                throw CommandError(
                    exitCode: 2,
                    "your key is sealed, and there is no terminal to ask for its passphrase at",
                    hint: "pipe it in: hive override approve-rules --passphrase-stdin"
                )
            }
            passphrase = Passphrase(typed)
        }
        do throws(HiveError) {
            return try desk.approve(proposal, reason: reason, passphrase: passphrase)
        } catch {
            throw CommandError(error)
        }
    }
}

extension ControllingTerminal {
    /// The terminal, where standard input is one.
    fileprivate static func ofInput() -> ControllingTerminal? {
        isatty(STDIN_FILENO) == 1 ? ControllingTerminal() : nil
    }
}
