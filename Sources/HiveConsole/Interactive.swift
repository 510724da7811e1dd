import CEdit
import Glibc
import HiveControl
import HiveSignal

/// The REPL at a terminal: the editor, the session, and the news between them.
final class Interactive {
    private let session: Session
    private let access: HiveAccess
    private let place: Repl.Place
    private let isStopped: StopFlag
    private let editor: LineEditor
    private let news: News
    private var gate = NewsGate()
    private var prompt = PromptState()
    /// In place of the state, while something else is asked.
    private var question: String?
    private var isFollowing = false

    init(
        session: Session,
        access: HiveAccess,
        place: Repl.Place,
        wake: Wake,
        isStopped: StopFlag
    ) throws(CommandError) {
        self.session = session
        self.access = access
        self.place = place
        self.isStopped = isStopped
        news = News(wake: wake)
        editor = try LineEditor(
            wake: wake,
            historyPath: HistoryFile.standardPath { name in
                getenv(name).map { String(cString: $0) }
            },
            ownsProcess: place == .ownProcess
        )
    }

    func run() throws(CommandError) {
        connectParts()
        _ = try session.link.attach()
        let status = try? session.link.call(Method.status)
        takeStatus(status)
        greet(status ?? .null)
        try followNews()
        while !isStopped.isSet {
            switch editor.read() {
            case .end: return
            case .cancelled: continue
            case .line(let line):
                guard !Words.scan(line).isEmpty else { continue }
                editor.remember(line)
                lookForDaemon()
                if session.run(line) == .leave { return }
                lookForDaemon()
                takeStatus(try? session.link.call(Method.status))
            }
        }
    }

    private func connectParts() {
        let completer = Completer(book: session.book, words: session.known)
        editor.complete = { completer.complete($0) }
        editor.whenWoken = { [unowned self] in showNews() }
        editor.waitMilliseconds = { [unowned self] in gate.untilDue(now: now) }
        editor.prompt = { [unowned self] terminal in
            guard let question else { return prompt.line(on: terminal) }
            var line = Line(question, .bold)
            line.add(terminal.hasUnicode ? " › " : " > ")
            return line
        }
        session.ask = { [unowned self] question, prefilled in
            self.question = question
            defer { self.question = nil }
            guard case .line(let line) = editor.read(prefilled: prefilled) else { return nil }
            return line
        }
        session.waitForCancel = { [unowned self] milliseconds in
            editor.waitForCancel(milliseconds: milliseconds) || isStopped.isSet
        }
        session.askHidden = { [unowned self] question in
            editor.readHidden(Line(question + " ", .bold))
        }
    }

    // MARK: The daemon

    /// From where the prompt's numbers stand, so that no line is counted twice or missed.
    private func followNews() throws(CommandError) {
        guard session.link.isAttached, !isFollowing else { return }
        try news.follow(access, after: prompt.sequence)
        isFollowing = true
    }

    /// A daemon may have come; one that went is noticed by its news.
    private func lookForDaemon() {
        guard (try? session.link.attach()) == true else { return }
        takeStatus(try? session.link.call(Method.status))
        try? followNews()
        say("attached to the daemon", .green)
    }

    private func takeStatus(_ status: JSONValue?) {
        prompt.isAttached = session.link.isAttached
        if let status { prompt.take(status: status) }
    }

    private func greet(_ status: JSONValue) {
        let terminal = Terminal(descriptor: STDOUT_FILENO)
        var first = Line("hive " + HiveVersion.text, .bold)
        if session.link.isAttached {
            let pid = status["daemon"]?.integer("pid").map { " (pid \($0))" } ?? ""
            let isHere = place == .daemonProcess
            first.add((isHere ? ", the daemon runs here" : ", attached to the daemon") + pid)
        } else {
            first.add(", no daemon is running: commands work, and there is no news", .yellow)
        }
        var lines = [first]
        if let board = status.text("board") { lines.append(Line(board, .dim)) }
        if !session.link.isAttached {
            lines.append(.advice("start one: hive up --detach", on: terminal))
        }
        let leaving =
            place == .daemonProcess ? "Ctrl-D leaves and stops the daemon" : "Ctrl-D leaves"
        lines.append(Line("help lists the commands, Tab completes, \(leaving)", .dim))
        for index in lines.indices where index != 1 { lines[index].wrapIndent = 0 }
        lines.forEach { terminal.write(line: $0) }
    }

    private func say(_ text: String, _ style: Style) {
        Terminal(descriptor: STDOUT_FILENO).write(line: Line(text, style))
    }

    // MARK: News

    private var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// Called between two keys: prints what came, and counts what is too much.
    private func showNews() {
        if isStopped.isSet { editor.end() }
        let terminal = Terminal(descriptor: STDOUT_FILENO)
        let batch = news.take()
        let before = prompt.line(on: terminal).text(for: terminal)
        prompt.take(batch)
        if batch.changesState { takeStatus(try? session.link.call(Method.status)) }
        var lines: [Line] = []
        let others = batch.lines.filter { !session.takeOwn($0.integer("sequence")) }
        if !session.isMuted {
            let now = now
            let held = gate.takeDue(now: now)
            if held > 0 { lines.append(heldBack(held, on: terminal)) }
            let shown = gate.admit(others.count, andMore: batch.unkept, now: now)
            lines += others.prefix(shown).map { Rendering.logLine($0, on: terminal) }
            lines += batch.flips.filter { !session.takeOwn(flip: $0) }.map(Rendering.flipNews)
        }
        if batch.hasEnded { lines += daemonEnded() }
        // Even without lines: the prompt tells what changed.
        let hasNewPrompt = prompt.line(on: terminal).text(for: terminal) != before
        if !lines.isEmpty || hasNewPrompt { editor.printAbove(lines) }
    }

    private func heldBack(_ count: Int64, on terminal: Terminal) -> Line {
        let noun = count == 1 ? "verdict" : "verdicts"
        return Line(
            "\(terminal.ellipsis) \(Format.count(count)) more \(noun) (signals shows them)",
            .dim
        )
    }

    private func daemonEnded() -> [Line] {
        isFollowing = false
        session.link.detach()
        prompt.isAttached = false
        if place == .daemonProcess {
            editor.end()
            return [Line("the daemon has stopped", .yellow)]
        }
        return [Line("the daemon has stopped; commands go on working", .yellow)]
    }
}
