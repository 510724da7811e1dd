import Glibc
import HiveControl
import HiveSignal

/// The commands of the REPL: a line in, an answer printed, an exit code out.
///
/// One thread uses it.
final class Session {
    let book = CommandBook.standard
    let link: Link
    let signer: OverrideSigner
    /// Asks the person for a line that is prefilled; nil where nobody can be asked, or gave up.
    var ask: ((_ prompt: String, _ prefilled: String) -> String?)?
    /// Asks for what is not shown while it is typed, and kept nowhere.
    var askHidden: ((_ prompt: String) -> [UInt8]?)?
    /// Waits so many milliseconds while something works; true where the person pressed Ctrl-C.
    ///
    /// Nil where nobody can.
    var waitForCancel: ((_ milliseconds: Int) -> Bool)?
    /// Whether lines are printed as they are judged.
    private(set) var isMuted: Bool
    /// Lines that this session wrote: their verdict was printed once.
    private(set) var ownSequences: Set<Int64> = []
    /// The generations that this session ended.
    private var ownFlips: Set<Int64> = []
    /// 0, 1 the rules said no, 2 usage, 3 the machine failed: the last command's.
    private(set) var exitCode: Int32 = 0
    /// How the standard output looks now: a window may change its size.
    private(set) var terminal = Terminal(descriptor: STDOUT_FILENO)
    private var out = StandardOutput()

    init(link: Link, signer: OverrideSigner, isMuted: Bool = false) {
        self.link = link
        self.signer = signer
        self.isMuted = isMuted
    }

    /// What comes after a line.
    enum Next { case goOn, leave }

    /// Runs one line; a blank one does nothing.
    func run(_ line: String) -> Next {
        terminal = Terminal(descriptor: STDOUT_FILENO)
        do throws(CommandError) {
            var words = try Words.split(line)
            // What help and advice say for a shell works here too.
            if words.count > 1, words[0] == "hive" { words.removeFirst() }
            guard let name = words.first else { return .goOn }
            exitCode = 0
            let next = try run(try command(name), Array(words.dropFirst()))
            try out.finish()
            return next
        } catch {
            out.flush()
            exitCode = error.exitCode
            report(error)
            return .goOn
        }
    }

    private func command(_ name: String) throws(CommandError) -> CommandBook.Command {
        switch book.find(name) {
        case .one(let command): return command
        case .many(let names):
            throw .usage("\(name) may be \(names.joined(separator: ", "))", hint: "type more of it")
        case .none: throw .usage("no command \(name)", hint: "help lists them")
        }
    }

    private func run(
        _ command: CommandBook.Command,
        _ words: [String]
    ) throws(CommandError) -> Next {
        switch command.name {
        case "quit": return .leave
        case "help": try help(words)
        case "clear": if terminal.width != nil { out.write("\u{1B}[H\u{1B}[2J".utf8) }
        case "mute": isMuted = true
        case "tail": try unmute()
        case "status": show(Rendering.status(try link.call(Method.status), on: terminal))
        case "state": try state(words)
        case "phase": try phase(words)
        case "check": try check(words)
        case "signals": try signals(words)
        case "search": try search(words)
        case "show": try showAnything(words)
        case "why": try why(words)
        case "at": try at(words)
        case "tasks": try tasks(words)
        case "scatter": try scatter(words)
        case "gather": try gather(words)
        case "agents": try agents()
        case "ports": try ports()
        case "budget": try budget()
        case "quarantine": try quarantine(command, words)
        case "replay": try replay(words)
        case "bisect": try bisect(words)
        case "doctor": try doctor()
        case "emit": try emit(words)
        case "override": try override(command, words)
        case "rules": try rules(command, words)
        case "flip": try flip(words)
        default: throw .usage("no command \(command.name)", hint: "help lists them")
        }
        return .goOn
    }

    // MARK: What commands print

    func show(_ lines: [Line]) { for line in lines { out.line(line.text(for: terminal)) } }

    /// Asks the person, who has seen by then all that was to be shown.
    func asked(_ question: String, by ask: (String, String) -> String?) -> String? {
        out.flush()
        return ask(question, "")
    }

    /// A remark that is no answer: not for pipes.
    func remark(_ text: String) {
        let terminal = terminal.width == nil ? Terminal.errors : terminal
        out.flush()
        terminal.write(line: .prose(text, .dim))
    }

    /// The rules say no: printed already, and the exit code.
    func refuse() { exitCode = 1 }

    func remember(ownSequence: Int64?) {
        if let ownSequence { ownSequences.insert(ownSequence) }
    }

    /// News of what this session wrote itself is none.
    func takeOwn(_ sequence: Int64?) -> Bool {
        sequence.map { ownSequences.remove($0) != nil } ?? false
    }

    func remember(ownFlip result: JSONValue?) {
        guard let result, result.flag("flipped"), let ended = result.integer("gen") else { return }
        ownFlips.insert(ended)
    }

    func takeOwn(flip: JSONValue) -> Bool {
        flip.integer("gen").map { ownFlips.remove($0) != nil } ?? false
    }

    private func report(_ error: CommandError) {
        if terminal.width == nil { return error.report() }
        error.lines(on: terminal).forEach { terminal.write(line: $0) }
    }

    private func unmute() throws(CommandError) {
        isMuted = false
        if link.isAttached { return }
        throw CommandError(
            exitCode: 3,
            "no daemon is running, so no line will be judged",
            hint: "start one: hive up --detach"
        )
    }

    // MARK: help

    private func help(_ words: [String]) throws(CommandError) {
        try Arguments(words).atMost(1)
        guard let name = words.first else { return show(helpLines()) }
        let command = try command(name)
        var usage = Line(command.name, .bold)
        if !command.usage.isEmpty { usage.add(" " + command.usage) }
        usage.wrapIndent = 4
        var lines = [usage, Line.prose("  " + command.summary, indent: 2)]
        if !command.detail.isEmpty { lines.append(.prose("  " + command.detail, indent: 2)) }
        if !command.aliases.isEmpty {
            lines.append(Line("  also: " + command.aliases.joined(separator: ", ")))
        }
        var example = Line("  e.g.  ", .dim)
        example.add(command.example)
        show(lines + [example])
    }

    private func helpLines() -> [Line] {
        let width = book.commands.map(\.name.count).max() ?? 0
        let isNarrow = (terminal.width ?? .max) < 60
        var lines: [Line] = []
        for group in CommandBook.Group.allCases {
            lines.append(Line(group.rawValue, .dim))
            for command in book.commands where command.group == group {
                var line = Line("  ")
                line.add(command.name, .bold)
                // A narrow window shows the words below, where they may wrap.
                if isNarrow {
                    lines += [line, .prose("    " + command.summary, indent: 4)]
                    continue
                }
                line.pad(toColumns: 2 + width + 2)
                line.add(command.summary)
                line.isCut = true
                lines.append(line)
            }
        }
        let advice = "help COMMAND tells more; a beginning will do where only one command has it"
        return lines + [.advice(advice, on: terminal)]
    }
}
