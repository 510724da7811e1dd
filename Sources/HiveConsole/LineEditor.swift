import CEdit
import Glibc

// One thread owns libedit. It hands libedit its characters (EL_GETCFN), and where none is there it
// waits in poll for the terminal and for an eventfd. What comes by the eventfd (news, a resized
// window, the end) is dealt with right there, between two characters: the line is wiped, the news
// is written, and libedit draws prompt and line anew. Nothing is ever written from another thread.
//
// libedit's own signal handling (EL_SIGNAL) stays off: its handler draws, and sends what it got to
// the whole process group, which a daemon of many threads in the same process would not survive.
// The terminal sends no signals for keys either, so Ctrl-C is a character like others.

/// A line typed by a person, with editing keys, history, completion and news above it.
final class LineEditor {
    /// What a person did.
    enum Input: Equatable {
        case line(String)
        /// Ctrl-C.
        case cancelled
        /// Ctrl-D on an empty line, the terminal is gone, or the end was asked for.
        case end
    }

    /// What Tab found.
    struct Completion: Equatable {
        /// To be put in at the cursor.
        var insertion = ""
        /// To be listed, where there are several.
        var candidates: [String] = []
    }

    /// Called with the line up to the cursor.
    var complete: (String) -> Completion = { _ in Completion() }
    /// Called when the eventfd was signalled, and after `waitMilliseconds`: may call `printAbove`.
    var whenWoken: () -> Void = {}
    /// How long to wait before `whenWoken` is called in any case; nil: for ever.
    var waitMilliseconds: () -> Int64? = { nil }
    /// Drawn anew whenever the line is.
    var prompt: (Terminal) -> Line = { _ in Line() }

    let wake: Wake
    let editor: OpaquePointer
    private let history: OpaquePointer?
    private var historyFile: HistoryFile?
    private var decoder: KeyDecoder
    /// While it stands, keys make no line of libedit's, and nothing of them is shown.
    var hiddenQuestion: Line?
    /// What was typed for it and is not taken yet, byte by byte as the terminal sent it.
    private var hiddenKeys: ArraySlice<UInt8> = []
    /// Kept while libedit may read it.
    private(set) var promptText: UnsafeMutablePointer<wchar_t>?
    private var promptColumns = 0
    private var hasCancelled = false
    private var hasEnded = false
    private let isDumb: Bool

    /// Signs of the prompt that take no columns stand between two of these.
    private static let literalMark: wchar_t = 1

    /// Takes the terminal on the standard streams.
    ///
    /// - `ownsProcess`: SIGTERM and SIGHUP end the line, and Ctrl-Z stops the process.
    /// - Throws: exit code 3 where libedit cannot be had.
    init(
        wake: Wake,
        historyPath: String?,
        ownsProcess: Bool
    ) throws(CommandError) {
        let terminal = Terminal(descriptor: STDOUT_FILENO)
        // A locale that is named and not installed: its characters are still those of UTF-8.
        if setlocale(LC_CTYPE, "") == nil && terminal.hasUnicode { setlocale(LC_CTYPE, "C.UTF-8") }
        guard let editor = cedit_open("hive") else {
            throw CommandError(
                exitCode: 3,
                "cannot use the terminal",
                hint: "pipe the commands in: echo status | hive repl"
            )
        }
        self.wake = wake
        self.editor = editor
        history = history_winit()
        decoder = KeyDecoder(isUnicode: terminal.hasUnicode)
        isDumb = getenv("TERM").map { String(cString: $0) } ?? "dumb" == "dumb"
        historyFile = historyPath.map(HistoryFile.init)
        cedit_set_client_data(editor, Unmanaged.passUnretained(self).toOpaque())
        configure(ownsProcess: ownsProcess)
        loadHistory()
        cedit_watch_signals(wake.descriptor, ownsProcess ? 1 : 0)
    }

    /// The terminal is as it was found.
    deinit {
        cedit_watch_signals(-1, 0)
        if let history { history_wend(history) }
        el_end(editor)
        promptText?.deallocate()
    }

    /// One line; `prefilled` stands in it at first.
    func read(prefilled: String = "") -> Input {
        guard !hasEnded else { return .end }
        hasCancelled = false
        if cedit_take_resize() != 0 { el_resize(editor) }
        if !prefilled.isEmpty { prefilled.withWide { el_wpush(editor, $0) } }
        var count: Int32 = 0
        let text = el_wgets(editor, &count)
        if hasCancelled { return .cancelled }
        guard !hasEnded, let text, count > 0 else {
            hasEnded = true
            write("\r\n")
            return .end
        }
        var line = String(wide: UnsafeBufferPointer(start: text, count: Int(count)))
        while line.last?.isNewline == true { line.removeLast() }
        return .line(line)
    }

    /// Keeps a line for the next sessions, and for the arrow keys of this one.
    func remember(_ line: String) {
        if let history { line.withWide { _ = cedit_history_enter(history, $0) } }
        historyFile?.add(line)
    }

    /// Writes lines above the one that is edited.
    func printAbove(_ lines: [Line]) {
        let terminal = Terminal(descriptor: STDOUT_FILENO)
        let text = lines.map { $0.text(for: terminal) + "\r\n" }.joined()
        write(wipe(terminal) + text)
        redraw()
    }

    // MARK: What libedit asks for

    /// The next character: 1, or 0 at the end.
    func nextCharacter(into character: UnsafeMutablePointer<wchar_t>) -> Int32 {
        while !hasEnded {
            if let scalar = decoder.next() {
                character.pointee = wchar_t(truncatingIfNeeded: scalar.value)
                return 1
            }
            waitForSomething()
        }
        return 0
    }

    /// The next byte of what must not be seen, awaited; nil at the end.
    ///
    /// Bytes, for a passphrase is the same in every locale.
    func nextHiddenKey() -> UInt8? {
        while !hasEnded {
            if let byte = hiddenKeys.popFirst() { return byte }
            // What was typed ahead has been decoded.
            if let scalar = decoder.next() {
                hiddenKeys += Array(String(scalar).utf8)
            } else {
                waitForSomething()
            }
        }
        return nil
    }

    /// What came behind the hidden line is for libedit again.
    func endHiddenKeys() {
        decoder.take(hiddenKeys)
        hiddenKeys = []
    }

    /// Tab.
    func completeWord() -> UInt8 {
        let found = complete(textBeforeCursor)
        if !found.insertion.isEmpty {
            let inserted = found.insertion.withWide { el_winsertstr(editor, $0) }
            return inserted == 0 ? cedit_refresh_line : cedit_refresh_and_beep
        }
        guard !found.candidates.isEmpty else { return cedit_refresh_and_beep }
        let terminal = Terminal(descriptor: STDOUT_FILENO)
        printAbove(Columns.lines(found.candidates, width: terminal.width ?? 80))
        return cedit_normal
    }

    /// Ctrl-C: the line stays to be seen, and a new one begins.
    func cancelLine() -> UInt8 {
        hasCancelled = true
        let below = rows(of: textOfLine) - rows(of: textBeforeCursor)
        write((below > 0 && !isDumb ? "\u{1B}[\(below)B" : "") + "^C\r\n")
        return cedit_newline
    }

    /// Ctrl-Z: the shell has the terminal until it continues us, which SIGCONT tells.
    func suspend() -> UInt8 {
        write(wipe(Terminal(descriptor: STDOUT_FILENO)))
        cedit_prepare_terminal(editor, 0)
        kill(0, SIGTSTP)
        return cedit_normal
    }

    /// The prompt as libedit takes it.
    func promptForEditor() -> UnsafeMutablePointer<wchar_t>? {
        let terminal = Terminal(descriptor: STDOUT_FILENO)
        let line = prompt(terminal)
        promptColumns = line.columns
        let text = PromptText.marked(line.text(for: terminal))
        promptText?.deallocate()
        let scalars = text.unicodeScalars.map { wchar_t(truncatingIfNeeded: $0.value) } + [0]
        let copy = UnsafeMutablePointer<wchar_t>.allocate(capacity: scalars.count)
        copy.initialize(from: scalars, count: scalars.count)
        promptText = copy
        return copy
    }
}

// MARK: - Setting up

extension LineEditor {
    private func configure(ownsProcess: Bool) {
        cedit_set_prompt(editor, promptCallback, Self.literalMark)
        "emacs".withWide { _ = cedit_set_editor(editor, $0) }
        cedit_set_reader(editor, readCallback)
        // While a command runs, keys wait for the next line as they are: unseen, and Ctrl-D too.
        for (modes, change) in [
            ("-d", "-isig"), ("-x", "-isig"), ("-x", "-icanon"), ("-x", "-echo"),
        ] {
            modes.withWide { modes in
                change.withWide { _ = cedit_set_terminal_mode(editor, modes, $0) }
            }
        }
        cedit_add_functions(editor, completeCallback, cancelCallback, suspendCallback)
        let keys = [
            ("^I", "hive-complete"), ("^C", "hive-cancel"), ("^R", "em-inc-search-prev"),
            ("^W", "ed-delete-prev-word"), (#"\e[H"#, "ed-move-to-beg"),
            (#"\eOH"#, "ed-move-to-beg"), (#"\e[F"#, "ed-move-to-end"),
            (#"\eOF"#, "ed-move-to-end"), (#"\e[3~"#, "ed-delete-next-char"),
            (#"\e[1;5C"#, "em-next-word"), (#"\e[1;5D"#, "ed-prev-word"),
        ]
        for (key, function) in keys { bind(key, function) }
        if ownsProcess { bind("^Z", "hive-suspend") }
        if let history {
            cedit_history_set_size(history, Int32(HistoryFile.linesMax))
            cedit_history_set_unique(history, 1)
            cedit_set_history(editor, history)
        }
    }

    private func loadHistory() {
        guard let history, let lines = historyFile?.load() else { return }
        for line in lines { line.withWide { _ = cedit_history_enter(history, $0) } }
    }

    private func bind(_ key: String, _ function: String) {
        key.withWide { key in function.withWide { _ = cedit_bind(editor, key, $0) } }
    }
}

// MARK: - The terminal

extension LineEditor {
    private static let readBytes = 4096

    /// Waits for keys, the eventfd or the time that was asked for.
    private func waitForSomething() {
        var files = [
            pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
            pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        let milliseconds = waitMilliseconds().map { Int32(clamping: $0) } ?? -1
        let ready = poll(&files, nfds_t(files.count), milliseconds)
        if files[1].revents != 0 {
            wake.drain()
            if cedit_should_end() != 0 { hasEnded = true }
            if cedit_take_continued() != 0 { takeTerminalBack() }
            if cedit_take_resize() != 0 { redrawResized() }
        }
        if ready == 0 || files[1].revents != 0 { whenWoken() }
        guard files[0].revents != 0 else { return }
        var bytes = [UInt8](repeating: 0, count: Self.readBytes)
        let count = Glibc.read(STDIN_FILENO, &bytes, bytes.count)
        if count > 0 && hiddenQuestion != nil {
            hiddenKeys += bytes[..<count]
        } else if count > 0 {
            decoder.take(bytes[..<count])
        } else if count == 0 || errno != EINTR {
            hasEnded = true
        }
    }

    /// Waits while a command works; keys but Ctrl-C are kept for the next line.
    ///
    /// - Returns: True where Ctrl-C was pressed, the terminal is gone, or the end was asked for.
    func waitForCancel(milliseconds: Int) -> Bool {
        // The eventfd is left alone: what it tells of is for the next line.
        var keys = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        guard cedit_should_end() == 0 else { return true }
        guard poll(&keys, 1, Int32(clamping: milliseconds)) > 0 else {
            return cedit_should_end() != 0
        }
        var bytes = [UInt8](repeating: 0, count: Self.readBytes)
        let count = Glibc.read(STDIN_FILENO, &bytes, bytes.count)
        guard count > 0 else {
            hasEnded = count == 0 || errno != EINTR
            return hasEnded
        }
        let typed = bytes[..<count]
        guard let place = typed.lastIndex(of: Self.cancelKey) else {
            decoder.take(typed)
            return false
        }
        decoder.take(typed[(place + 1)...])
        return true
    }

    /// Ctrl-C, as a terminal sends it that makes no signals of keys.
    private static let cancelKey: UInt8 = 0x03

    /// Ends `read`, from within `whenWoken`.
    func end() { hasEnded = true }

    /// The shell has changed the terminal's modes meanwhile, and libedit does not know.
    private func takeTerminalBack() {
        cedit_prepare_terminal(editor, 0)
        cedit_prepare_terminal(editor, 1)
        redraw()
    }

    private func redrawResized() {
        // Most terminals have wrapped the line anew, at the width that holds now.
        write(wipe(Terminal(descriptor: STDOUT_FILENO)))
        el_resize(editor)
        redraw()
    }

    private func redraw() {
        if let hiddenQuestion {
            write(hiddenQuestion.text(for: Terminal(descriptor: STDOUT_FILENO)))
        } else {
            cedit_redraw(editor)
        }
    }

    private var textOfLine: String {
        guard let line = el_wline(editor)?.pointee, let start = line.buffer else { return "" }
        return String(wide: UnsafeBufferPointer(start: start, count: line.lastchar - start))
    }

    private var textBeforeCursor: String {
        guard let line = el_wline(editor)?.pointee, let start = line.buffer else { return "" }
        return String(wide: UnsafeBufferPointer(start: start, count: line.cursor - start))
    }

    /// What takes prompt and line off the screen, with the cursor where the prompt began.
    private func wipe(_ terminal: Terminal) -> String {
        if isDumb { return "\r\n" }
        if hiddenQuestion != nil { return "\r\u{1B}[J" }
        let up = rows(of: textBeforeCursor, width: terminal.width)
        return (up > 0 ? "\u{1B}[\(up)A" : "") + "\r\u{1B}[J"
    }

    /// How many rows below the prompt's beginning the cursor is after this text.
    private func rows(of text: String, width: Int? = nil) -> Int {
        let width = width ?? Terminal(descriptor: STDOUT_FILENO).width ?? 80
        return Columns.rows(of: text, after: promptColumns, width: width)
    }

    func write(_ text: String) {
        Terminal(descriptor: STDOUT_FILENO).write(text)
    }
}

// MARK: - Callbacks

private func owner(_ editor: OpaquePointer?) -> LineEditor? {
    guard let editor, let data = cedit_client_data(editor) else { return nil }
    return Unmanaged<LineEditor>.fromOpaque(data).takeUnretainedValue()
}

private let promptCallback: cedit_prompt_function = { owner($0)?.promptForEditor() }

private let readCallback: cedit_read_function = { editor, character in
    guard let character else { return 0 }
    return owner(editor)?.nextCharacter(into: character) ?? 0
}

private let completeCallback: cedit_editor_function = { editor, _ in
    owner(editor)?.completeWord() ?? cedit_normal
}

private let cancelCallback: cedit_editor_function = { editor, _ in
    owner(editor)?.cancelLine() ?? cedit_normal
}

private let suspendCallback: cedit_editor_function = { editor, _ in
    owner(editor)?.suspend() ?? cedit_normal
}
