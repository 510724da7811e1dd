/// `cargo test`: cargo's JSON messages about the build, then libtest's text of each test program.
///
/// libtest has a JSON format, too, but not on a stable toolchain; RUSTC_BOOTSTRAP=1 would unlock it
/// and with it change how crates build that look for a nightly compiler. And it goes the same way,
/// over the standard output that tests can write to, so nothing is won: the text says how many
/// tests will run, each one's outcome, and the counts again at the end, and cargo's messages how
/// many programs there are.
///
/// What gets through: a test that writes the rest of its program's text past libtest's capture,
/// with counts that fit, and ends the process with 0.
struct CargoRunner: TestRunner {
    static let name = "cargo"

    var name: String { Self.name }

    func takes(_ words: [String]) -> Bool {
        guard words.first?.lastPathPart == "cargo" else { return false }
        let command = words.dropFirst().first { !$0.hasPrefix("+") }
        return command == "test" || command == "t"
    }

    /// All programs, even where one fails, and none of libtest's options that change its text.
    func invocation(of words: [String], reportingTo folder: String) -> RunnerInvocation {
        let own = words.prefix { $0 != "--" }.filter { $0 != "--no-fail-fast" && $0 != "-q" }
        let place = own.place(of: ["cargo"]).flatMap { start in
            own[start...].firstIndex { $0 == "test" || $0 == "t" }
        }
        let options = ["--no-fail-fast", "--message-format=json-render-diagnostics"]
        let rest = Array(words.dropFirst(words.prefix { $0 != "--" }.count)).without(
            options: ["--format", "--color"],
            flags: ["--nocapture", "--no-capture", "--show-output", "-q", "--quiet"]
        )
        return RunnerInvocation(
            words: own.inserting(options, behind: place) + rest,
            environment: [
                "CARGO_TERM_COLOR": "never", "CARGO_TERM_QUIET": "false", "RUST_BACKTRACE": "0",
                "RUST_TEST_NOCAPTURE": "0",
            ]
        )
    }

    func report(of run: FinishedRun) -> RunReport {
        var draft = ReportDraft(runner: name)
        let build = CargoBuild(run.output)
        guard build.isFinished else {
            draft.fault("the tests did not compile: \(ReportDraft.lastWords(of: run))")
            return draft.finished(run)
        }
        let text = LibtestText(run.output[build.end...])
        text.faults.forEach { draft.fault($0) }
        compare(text.sections, with: build.programs, in: &draft)
        checkOrder(of: build.programs, errors: run.errors, in: &draft)
        for (index, section) in text.sections.enumerated() {
            add(
                section,
                from: index < build.programs.count ? build.programs[index] : nil,
                to: &draft
            )
        }
        return draft.finished(run)
    }
}

// MARK: - Sections

extension CargoRunner {
    /// Each program gives one section, in cargo's order; doctests of a library one behind those.
    private func compare(
        _ sections: [LibtestText.Section],
        with programs: [CargoBuild.Program],
        in draft: inout ReportDraft
    ) {
        let extra = sections.dropFirst(programs.count)
        let strange = extra.contains { section in
            section.tests.contains { !Self.isDoctest($0.name) }
        }
        guard sections.count < programs.count || strange else { return }
        draft.fault(
            "there are \(programs.count) test programs and \(sections.count) results of such: one "
                + "ended early, has no harness, or printed a result of its own"
        )
    }

    private static func isDoctest(_ name: String) -> Bool {
        name.contains(" - ") && name.contains("(line ")
    }

    /// Compares with what cargo says on its standard error, as far as that was kept.
    private func checkOrder(
        of programs: [CargoBuild.Program],
        errors: [UInt8],
        in draft: inout ReportDraft
    ) {
        let told = errors.split(separator: 0x0A).compactMap { line -> Substring? in
            let text = String(decoding: line, as: UTF8.self)
            let words = text.split(separator: " ")
            guard words.first == "Running", let last = words.last, last.hasPrefix("("),
                last.hasSuffix(")")
            else { return nil }
            return String(last.dropFirst().dropLast()).lastPathPart
        }
        guard told != programs.suffix(told.count).map({ $0.executable.lastPathPart }) else {
            return
        }
        draft.fault("cargo ran its test programs in an order that hive does not know")
    }

    private func add(
        _ section: LibtestText.Section,
        from program: CargoBuild.Program?,
        to draft: inout ReportDraft
    ) {
        let prefix = program?.label ?? "doc"
        var seen: [String: Int] = [:]
        for test in section.tests.sorted(by: Self.isBefore) {
            var name = test.name
            if program == nil {
                // The line moves with every edit above it; the order does not.
                name = Self.withoutLine(name)
                seen[name, default: 0] += 1
                if let count = seen[name], count > 1 { name += " #\(count)" }
            }
            draft.add("\(prefix) \(name)", test.outcome, message: test.message)
        }
    }

    /// By the line in the name, else by the name.
    private static func isBefore(_ one: LibtestText.Test, _ other: LibtestText.Test) -> Bool {
        (line(of: one.name) ?? 0, one.name) < (line(of: other.name) ?? 0, other.name)
    }

    private static func line(of name: String) -> Int? {
        name.ranges(of: "(line ").last.flatMap {
            Int(name[$0.upperBound...].prefix(while: \.isNumber))
        }
    }

    /// `src/lib.rs - add (line 8) - compile fail` without ` (line 8)`.
    private static func withoutLine(_ name: String) -> String {
        guard let place = name.ranges(of: " (line ").last,
            let end = name[place.upperBound...].firstIndex(of: ")")
        else { return name }
        return String(name[..<place.lowerBound] + name[name.index(after: end)...])
    }
}
