import HiveProcess

/// A piece of text that marks a skipped test, a disabled check or a stub.
struct Mark: Sendable {
    /// Where a mark means what it says.
    enum Scope: Sendable {
        /// In any file but prose.
        case anywhere
        /// In test files; elsewhere the same words mean something else.
        case tests
        /// In scripts, build files, hooks and CI.
        case scripts
    }

    /// As findings show it.
    let name: String
    let scope: Scope
    /// Extensions of the files it is looked for in; empty for all.
    let extensions: Set<String>
    /// Lower case, for marks that people write in any case.
    let foldsCase: Bool
    private let needle: [UInt8]

    init(
        _ name: String,
        in extensions: Set<String> = [],
        scope: Scope = .anywhere,
        foldsCase: Bool = false
    ) {
        self.name = name
        self.scope = scope
        self.extensions = extensions
        self.foldsCase = foldsCase
        needle = Array(name.utf8)
    }

    /// True where the mark stands in the line as a word of its own: `exit(` is no `xit(`.
    ///
    /// - `lower`: the same line in lower case.
    func isIn(_ line: [UInt8], lower: [UInt8]) -> Bool {
        (foldsCase ? lower : line).withUnsafeBytes { text in
            var from = 0
            while let start = text.firstOffset(of: needle, from: from) {
                let end = start + needle.count
                let isJoined = { (left: Int, right: Int) in
                    left >= 0 && right < text.count && ASCII.isWord(text[left])
                        && ASCII.isWord(text[right])
                }
                // Before `fit(` a dot makes it a method: `model.fit(`.
                let isMethod =
                    start > 0 && text[start - 1] == UInt8(ascii: ".") && ASCII.isLetter(text[start])
                    && scope == .tests
                if !isJoined(start - 1, start) && !isJoined(end - 1, end) && !isMethod {
                    return true
                }
                from = start + 1
            }
            return false
        }
    }
}

/// The marks that the scan of a change looks for.
enum Marks {
    private static let script: Set<String> = [
        "js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts", "vue", "svelte",
    ]
    private static let jvm: Set<String> = ["java", "kt", "kts", "scala", "groovy"]
    private static let native: Set<String> = ["c", "cc", "cpp", "cxx", "h", "hh", "hpp", "hxx"]

    static let skippedTests: [Mark] =
        [
            // Swift
            Mark(".disabled", in: ["swift"], scope: .tests),
            Mark("XCTSkip", in: ["swift"]), Mark("XCTSkipIf", in: ["swift"]),
            Mark("XCTSkipUnless", in: ["swift"]),
            // Python
            Mark("mark.skip", in: ["py"]), Mark("mark.skipif", in: ["py"]),
            Mark("mark.xfail", in: ["py"]), Mark("pytest.skip", in: ["py"]),
            Mark("unittest.skip", in: ["py"]), Mark("skipIf", in: ["py"]),
            Mark("skipUnless", in: ["py"]), Mark("skipTest", in: ["py"]),
            Mark("expectedFailure", in: ["py"]),
            // Go
            Mark("t.Skip", in: ["go"]), Mark("t.Skipf", in: ["go"]),
            Mark("t.SkipNow", in: ["go"]), Mark("b.Skip", in: ["go"]),
            Mark("go:build ignore", in: ["go"]),
            // Rust
            Mark("#[ignore", in: ["rs"]),
            // Java, Kotlin, Scala
            Mark("@Disabled", in: jvm), Mark("@Ignore", in: jvm),
            Mark("assumeTrue(false", in: jvm), Mark("@Test(enabled = false", in: jvm),
            // C, C++
            Mark("GTEST_SKIP", in: native), Mark("BOOST_TEST_DONT", in: native),
            Mark("doctest::skip", in: native), Mark("[!mayfail]", in: native),
            // Ruby
            Mark("xit", in: ["rb"], scope: .tests), Mark("xdescribe", in: ["rb"], scope: .tests),
            Mark("xcontext", in: ["rb"], scope: .tests), Mark("fit", in: ["rb"], scope: .tests),
            Mark("fdescribe", in: ["rb"], scope: .tests),
            Mark("fcontext", in: ["rb"], scope: .tests),
            Mark("pending", in: ["rb"], scope: .tests), Mark("skip", in: ["rb"], scope: .tests),
            // PHP
            Mark("markTestSkipped", in: ["php"]), Mark("markTestIncomplete", in: ["php"]),
            Mark("->skip(", in: ["php"], scope: .tests),
            Mark("->only(", in: ["php"], scope: .tests),
            // C#
            Mark("[Ignore", in: ["cs"]), Mark("[Fact(Skip", in: ["cs"]),
            Mark("[Theory(Skip", in: ["cs"]), Mark("Assert.Ignore", in: ["cs"]),
            Mark("Assert.Inconclusive", in: ["cs"]), Mark("[Explicit", in: ["cs"]),
        ] + scriptMarks

    /// JavaScript and TypeScript: jest, vitest, mocha, jasmine, node's own.
    private static let scriptMarks: [Mark] =
        ["it", "test", "describe", "context", "suite"].flatMap { block in
            ["skip", "only", "todo", "failing", "fixme"].map {
                Mark("\(block).\($0)", in: script)
            }
        }
        + ["xit(", "xdescribe(", "xtest(", "fit(", "fdescribe(", "t.skip(", "t.todo("].map {
            Mark($0, in: script, scope: .tests)
        }
        + ["skip: true", "only: true", "todo: true"].map {
            Mark($0, in: script, scope: .tests)
        }

    static let disabledChecks: [Mark] =
        [
            "eslint-disable", "tslint:disable", "biome-ignore", "@ts-ignore", "@ts-nocheck",
            "@ts-expect-error", "istanbul ignore", "c8 ignore", "v8 ignore", "type: ignore",
            "pyright: ignore", "pylint: disable", "mypy: ignore-errors", "pragma: no cover",
            "noqa", "nosec", "nosemgrep", "nolint", "swiftlint:disable", "swift-format-ignore",
            "#pragma warning disable", "#pragma gcc diagnostic ignored",
            "#pragma clang diagnostic ignored", "@suppresswarnings", "rubocop:disable",
            "phpcs:ignore", "phpcs:disable", "@phpstan-ignore", "@psalm-suppress",
            "shellcheck disable", "coverage:ignore", "#[allow(", "#![allow(", "--no-verify",
            "-dskiptests", "--passwithnotests",
        ].map { Mark($0, foldsCase: true) }
        + ["@Suppress("].map { Mark($0, in: jvm) }
        + [
            "|| true", "|| :", "set +e", "continue-on-error: true", "allow_failure: true",
        ].map { Mark($0, scope: .scripts) }

    static let stubs: [Mark] =
        ["TODO", "FIXME", "XXX", "HACK", "NotImplementedError", "NotImplementedException"].map {
            Mark($0)
        }
        + [
            Mark("raise NotImplemented", in: ["py"]), Mark("unimplemented!(", in: ["rs"]),
            Mark("todo!(", in: ["rs"]), Mark("TODO(", in: ["kt"]),
        ]
        + ["not implemented", "unimplemented", "not yet implemented"].map {
            Mark($0, foldsCase: true)
        }

    /// True for a line of a test that asserts something.
    static func isAssertion(_ lower: [UInt8]) -> Bool {
        // Names such as `assertEquals` and `XCTAssertTrue` go on behind the word: hence no `Mark`.
        assertionWords.contains { lower.contains($0) }
    }

    private static let assertionWords = [
        "assert", "expect", "#require", "require.", "should", "t.error", "t.fatal", "t.fail",
    ].map { Array($0.utf8) }
}
