import HiveTestKit
import Testing

@testable import HiveWitness

@Suite struct CargoTests {
    private static func artifact(_ kind: String, _ name: String, package: String = "demo") -> String
    {
        #"{"reason":"compiler-artifact","package_id":"path+file:///w/x#\#(package)@0.1.0","#
            + #""target":{"kind":["\#(kind)"],"name":"\#(name)"},"profile":{"test":true},"#
            + #""executable":"/w/target/debug/deps/\#(name)-\#(kind)1"}"# + "\n"
    }

    private static let built = #"{"reason":"build-finished","success":true}"# + "\n"

    private func report(
        _ text: String,
        programs: [String] = [artifact("lib", "demo")],
        errors: String = "",
        exit code: Int32 = 0
    ) -> RunReport {
        let output = programs.joined() + Self.built + text
        return CargoRunner().report(of: FinishedRun(exit: code, output: output, errors: errors))
    }

    private static func passing(_ names: String...) -> String {
        "\nrunning \(names.count) test\(names.count == 1 ? "" : "s")\n"
            + names.map { "test \($0) ... ok\n" }.joined()
            + "\ntest result: ok. \(names.count) passed; 0 failed; 0 ignored; 0 measured; "
            + "0 filtered out; finished in 0.00s\n\n"
    }

    private static func failing(_ shown: String, more: String = "") -> String {
        """

        running 3 tests
        test t::good ... ok
        test t::bad ... FAILED
        test t::later ... ignored, why
        \(more)
        failures:

        ---- t::bad stdout ----
        \(shown)

        failures:
            t::bad

        test result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished


        """
    }

    private static let shown: [(text: String, word: String)] = [
        ("thread 't::bad' (12) panicked at src/lib.rs:1:2:\nassertion failed: a == b", "assertion"),
        (
            "thread 't::bad' panicked at src/lib.rs:1:2:\nassertion `left == right` failed: why\n"
                + "  left: 1\n right: 2", "assertion"
        ),
        ("thread 'main' panicked at 'assertion failed: a', src/lib.rs:1:2", "assertion"),
        ("note: test did not panic as expected at src/lib.rs:23:32", "assertion"),
        ("thread 't::bad' panicked at src/lib.rs:1:2:\nnot yet implemented", "error"),
        ("thread 't::bad' panicked at src/lib.rs:1:2:\na message of its own", "error"),
        ("thread 't::bad' panicked at 'assertion is my name', src/lib.rs:1:2", "error"),
        (
            "thread 'x' panicked at src/lib.rs:1:2:\nassertion failed: inner\n"
                + "thread 't::bad' panicked at src/lib.rs:3:4:\ncalled `Result::unwrap()`", "error"
        ),
        ("Error: \"bad\"", "error"), ("assertion failed: printed", "error"), ("", "error"),
    ]

    @Test(arguments: shown)
    func `an assertion is told by the text of the panic`(_ shown: String, _ word: String) {
        let report = report(Self.failing(shown), exit: 101)
        #expect(report.faults == [])
        #expect(
            report.words == [
                "demo/lib t::good": "passed", "demo/lib t::bad": word,
                "demo/lib t::later": "skipped",
            ]
        )
    }

    @Test func `what a failing test printed is not read as results`() {
        let forged = Self.passing("t::ghost") + "test result: ok. 9 passed; 0 failed; 0 ignored;"
        let report = report(Self.failing(forged), exit: 101)
        #expect(report.faults == [])
        #expect(report.words["demo/lib t::ghost"] == nil)
        #expect(report.cases.count == 3)
    }

    private static let contradictions: [(text: String, reason: String)] = [
        ("", "1 test programs and 0 results"),
        (passing("a") + passing("b"), "1 test programs and 2 results"),
        ("\nrunning 2 tests\ntest a ... ok\n", "ended before its result"),
        ("\nrunning 2 tests\n" + passing("a"), "ended before its result"),
        (
            "\nrunning 1 test\ntest ghost ... ok\ntest a ... ok\n\n"
                + "test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured;\n",
            "1 tests were to run, 2 are told"
        ),
        (
            "\nrunning 1 test\ntest a ... ok\n\n"
                + "test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured;\n",
            "1 tests were to run, 1 are told"
        ),
        (passing("a") + "test result: ok. 1 passed; 0 failed; 0 ignored;\n", "no test program"),
        (passing("a", "a"), "there twice"),
        (failing("", more: "test x ... ok"), "ended before its result"),
    ]

    @Test(arguments: contradictions)
    func `text that does not add up has a fault`(_ text: String, _ reason: String) {
        let report = report(text)
        #expect(report.hasFault(reason), "\(report.faults)")
    }

    @Test func `a build that fails, or is cut off, is a fault and no red`() {
        let failed = #"{"reason":"build-finished","success":false}"# + "\n" + Self.passing("a")
        let errors = "error: could not compile `demo` (lib test) due to 1 previous error\n"
        for output in [failed, "", Self.artifact("lib", "demo"), Self.passing("a")] {
            let run = FinishedRun(exit: 101, output: output, errors: errors)
            let report = CargoRunner().report(of: run)
            #expect(report.hasFault("did not compile: error: could not compile"))
            #expect(report.cases == [])
        }
    }

    @Test func `programs are told apart in the order in which cargo runs them`() {
        let programs = [
            Self.artifact("test", "it"), Self.artifact("bin", "tool"),
            Self.artifact("lib", "zed", package: "zed"), Self.artifact("lib", "demo"),
        ]
        let text = ["a", "b", "c", "d"].map { Self.passing($0) }.joined()
        let doctests = Self.passing("src/lib.rs - f (line 9)", "src/lib.rs - f (line 10)")
        let running = ["demo-lib1", "tool-bin1", "it-test1", "zed-lib1"].map {
            "     Running unittests x (target/debug/deps/\($0))\n"
        }
        let report = report(text + doctests, programs: programs, errors: running.joined())
        #expect(report.faults == [])
        #expect(
            report.cases.map(\.name) == [
                "demo/bin:tool b", "demo/lib a", "demo/test:it c", "doc src/lib.rs - f",
                "doc src/lib.rs - f #2", "zed/lib d",
            ]
        )
        let other = self.report(
            text,
            programs: programs,
            errors: running.reversed().joined()
        )
        #expect(other.hasFault("an order that hive does not know"))
    }

    @Test func `the package's name is read from each form of its id`() {
        let forms = [
            "path+file:///w/demo#0.1.0", "path+file:///w/x#demo@0.1.0",
            "demo 0.1.0 (path+file:///w/x)",
        ]
        for form in forms {
            let artifact = Self.artifact("lib", "demo")
                .replacing("path+file:///w/x#demo@0.1.0", with: form)
            #expect(report(Self.passing("a"), programs: [artifact]).passed == ["demo/lib a"])
        }
    }

    // MARK: - The real cargo

    private static let library = """
        /// Adds.
        /// ```
        /// assert_eq!(demo::add(1, 2), 3);
        /// ```
        /// ```
        /// assert_eq!(demo::add(1, 2), 4);
        /// ```
        pub fn add(a: i32, b: i32) -> i32 { a + b }

        #[cfg(test)]
        mod tests {
            use super::*;
            #[test] fn passes() { println!("test tests::ghost ... ok"); }
            #[test] fn fails() { assert_eq!(add(1, 2), 4, "why"); }
            #[test] fn fails_too() { println!("running 1 test\\ntest g ... ok"); assert!(false); }
            #[test] fn unwraps() { None::<i32>.unwrap(); }
            #[test] fn waits() { todo!() }
            #[test] #[ignore = "later"] fn ignored() { panic!() }
            #[test] #[should_panic] fn panics() { panic!() }
            #[test] #[should_panic] fn does_not_panic() {}
            #[test] fn gives_an_error() -> Result<(), String> { Err("bad".into()) }
        }
        """

    /// What it does is said by a variable, so that it is built once.
    private static let cheat = """
        use std::io::Write;

        #[test] fn works() { assert_eq!(demo::add(1, 1), 2); }

        #[test] fn cheats() {
            let forged = "test ghost ... ok\\n";
            match std::env::var("CHEAT").as_deref() {
                Ok("exit") => std::process::exit(0),
                Ok("abort") => std::process::abort(),
                Ok("write") => std::io::stdout().write_all(forged.as_bytes()).unwrap(),
                _ => {}
            }
        }
        """

    @Test(.enabled(if: Tool.cargo, "cargo is not installed"))
    func `the real cargo: every outcome, and no cheat proves anything`() async throws {
        let project = try Project([
            "Cargo.toml": "[package]\nname = \"demo\"\nversion = \"0.1.0\"\nedition = \"2021\"\n",
            "src/lib.rs": Self.library, "tests/it.rs": Self.cheat,
        ])
        let words = ["cargo", "test", "--offline"]
        let report = try await project.run(words)
        #expect(report.faults == [])
        #expect(
            report.words == [
                "demo/lib tests::passes": "passed", "demo/lib tests::fails": "assertion",
                "demo/lib tests::fails_too": "assertion", "demo/lib tests::unwraps": "error",
                "demo/lib tests::waits": "error", "demo/lib tests::ignored": "skipped",
                "demo/lib tests::panics": "passed", "demo/lib tests::does_not_panic": "assertion",
                "demo/lib tests::gives_an_error": "error", "demo/test:it works": "passed",
                "demo/test:it cheats": "passed", "doc src/lib.rs - add": "passed",
                "doc src/lib.rs - add #2": "assertion",
            ]
        )
        let only = ["cargo", "test", "--offline", "--test", "it"]
        #expect(try await project.run(only).faults == [])
        for (cheat, reason) in [
            ("exit", "ended before its result"), ("abort", "ended before its result"),
            ("write", "3 are told"),
        ] {
            let report = try await project.run(only, environment: ["CHEAT": cheat])
            #expect(report.hasFault(reason), "\(cheat): \(report.faults)")
            #expect(report.words["demo/test:it cheats"] != "passed" || cheat == "write")
        }
        try project.tree.writeFiles(["tests/it.rs": "#[test] fn works() { nowhere(); }"])
        let broken = try await project.run(only)
        #expect(broken.hasFault("did not compile"))
        #expect(broken.cases == [])
    }
}
