import HiveProcess

// libtest's text, a section for each test program
//
//     running 2 tests
//     test tests::adds ... ok
//     test tests::fails ... FAILED
//
//     failures:
//
//     ---- tests::fails stdout ----
//     (what the failing test printed, its panic among it)
//
//     failures:
//         tests::fails
//
//     test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; …
//
// libtest keeps what tests print and shows it for failing ones only, between the two lists. There
// a test's text can look like anything, so until the counts of a result fit the section nothing
// in it is believed but the panics.

/// The sections in the output of a `cargo test`.
struct LibtestText {
    struct Test {
        var name: String
        var outcome: TestCase.Outcome
        var message = ""
    }

    struct Section {
        var planned: Int
        var tests: [Test] = []
        var counts = Counts()
        var isWhole = false
    }

    struct Counts: Equatable {
        var passed = 0
        var failed = 0
        var ignored = 0
    }

    private(set) var sections: [Section] = []
    private(set) var faults: [String] = []
    private var isOpen = false
    private var isInFailures = false
    /// The failing test whose output is being read, and what it came to.
    private var shown: String?
    private var panics: [String: Panic] = [:]

    init(_ output: ArraySlice<UInt8>) {
        for line in output.split(separator: 0x0A, omittingEmptySubsequences: false) {
            take(String(decoding: line, as: UTF8.self))
        }
        if isOpen { faultOpen() }
    }

    private mutating func take(_ line: String) {
        if isInFailures {
            takeFailure(line)
        } else if let planned = Self.planned(line) {
            if isOpen { faultOpen() }
            isOpen = true
            sections.append(Section(planned: planned))
        } else if isOpen, line == "failures:" {
            isInFailures = true
        } else if line.hasPrefix("test result: ") {
            end(line)
        } else if isOpen, let test = Self.test(line) {
            let index = sections.count - 1
            switch test.outcome {
            case .passed: sections[index].counts.passed += 1
            case .failed: sections[index].counts.failed += 1
            case .skipped: sections[index].counts.ignored += 1
            }
            sections[index].tests.append(test)
        }
    }

    private mutating func faultOpen() {
        faults.append(
            "a test program ended before its result: a crash, an abort, or a call of exit"
        )
        close()
    }

    private mutating func close() {
        isOpen = false
        isInFailures = false
        shown = nil
        let index = sections.count - 1
        for place in sections[index].tests.indices
        where sections[index].tests[place].outcome.isFailure {
            let panic = panics[sections[index].tests[place].name]
            sections[index].tests[place].outcome = .failed(panic?.kind ?? .error)
            sections[index].tests[place].message = panic?.message ?? ""
        }
        panics = [:]
    }

    private mutating func end(_ line: String) {
        guard isOpen else {
            faults.append("a result belongs to no test program: a test printed it")
            return
        }
        let section = sections[sections.count - 1]
        let isGood = line.hasPrefix("test result: ok. ")
        if Self.counts(line) != section.counts || section.tests.count != section.planned
            || isGood != (section.counts.failed == 0)
        {
            faults.append(
                "\(section.planned) tests were to run, \(section.tests.count) are told, and the "
                    + "result is: \(line)"
            )
        }
        sections[sections.count - 1].isWhole = true
        close()
    }
}

// MARK: - What failing tests show

extension LibtestText {
    /// What is known of how a test failed.
    private struct Panic {
        var kind = TestCase.Failure.error
        var message = ""
        /// True where the next line is the panic's text.
        var expectsText = false

        mutating func take(_ line: String) {
            if expectsText {
                expectsText = false
                set(text: line[...])
            } else if line.hasPrefix("thread '"), let place = line.firstRange(of: " panicked at ") {
                // Before Rust 1.73 the text stands in quotes on the same line.
                let rest = line[place.upperBound...]
                if rest.hasPrefix("'") { set(text: rest.dropFirst()) } else { expectsText = true }
            } else if line.hasPrefix("note: test did not panic as expected")
                || line.hasPrefix("note: panic did not contain expected string")
            {
                kind = .assertion
                message = line
            } else if message.isEmpty, line.hasPrefix("Error: ") {
                message = line
            }
        }

        private mutating func set(text: Substring) {
            message = String(text)
            kind = LibtestText.isAssertion(text) ? .assertion : .error
        }
    }

    /// What the macros of the standard library write.
    ///
    /// `assert!` with a message of its own leaves that message and nothing else, as `panic!` does:
    /// it cannot be told from other panics and is not taken for an assertion.
    private static func isAssertion(_ text: Substring) -> Bool {
        text.hasPrefix("assertion failed: ")
            || (text.hasPrefix("assertion `") && text.contains("` failed"))
    }

    private mutating func takeFailure(_ line: String) {
        let section = sections[sections.count - 1]
        if line.hasPrefix("test result: FAILED. "), Self.counts(line) == section.counts {
            end(line)
        } else if let name = Self.header(line) {
            shown = nil
            guard section.tests.contains(where: { $0.name == name }) else { return }
            if panics[name] != nil {
                faults.append("the output of \(name) is there twice: a test printed it")
            }
            panics[name] = Panic()
            shown = name
        } else if let shown {
            panics[shown]?.take(line)
        }
    }
}

// MARK: - Lines

extension LibtestText {
    /// How many tests a line such as `running 2 tests` announces.
    private static func planned(_ line: String) -> Int? {
        let words = line.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, words[0] == "running", words[2] == "tests" || words[2] == "test"
        else { return nil }
        return Int(words[1])
    }

    /// The test of a line such as `test tests::adds ... ok`.
    private static func test(_ line: String) -> Test? {
        guard line.hasPrefix("test "), let dots = line.ranges(of: " ... ").last,
            dots.lowerBound > line.index(line.startIndex, offsetBy: 5)
        else { return nil }
        var name = String(line[..<dots.lowerBound].dropFirst(5))
        // libtest's remark, which is missing where it shows the output.
        if name.hasSuffix(" - should panic") { name.removeLast(15) }
        let word = line[dots.upperBound...]
        switch word {
        case "ok": return Test(name: name, outcome: .passed)
        case "FAILED": return Test(name: name, outcome: .failed(.error))
        case _ where word == "ignored" || word.hasPrefix("ignored, "):
            return Test(name: name, outcome: .skipped, message: String(word))
        default: return nil
        }
    }

    /// The test whose output begins with a line such as `---- tests::fails stdout ----`.
    private static func header(_ line: String) -> String? {
        guard line.hasPrefix("---- "), line.hasSuffix(" stdout ----"), line.utf8.count > 17 else {
            return nil
        }
        return String(line.dropFirst(5).dropLast(12))
    }

    /// What a line such as `test result: ok. 3 passed; 0 failed; 1 ignored; …` counts.
    private static func counts(_ line: String) -> Counts? {
        let words = line.split { " ;.".contains($0) }
        func number(before word: Substring) -> Int? {
            words.firstIndex(of: word).flatMap { $0 > 0 ? Int(words[$0 - 1]) : nil }
        }
        guard let passed = number(before: "passed"), let failed = number(before: "failed"),
            let ignored = number(before: "ignored")
        else { return nil }
        return Counts(passed: passed, failed: failed, ignored: ignored)
    }
}
