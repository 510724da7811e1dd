import Foundation
import HiveTestKit

/// Cheats with the code and with files that are not what they seem.
extension Cheat {
    private static let unproven = End.refused(["UNWITNESSED"])
    private static let gone = End.refused(["REWARD_HACK", "UNWITNESSED"])
    private static let review = "a person's review"

    static let withCode: [Cheat] = exits + reports + files + smuggled

    // MARK: Ends and reports

    private static let exits = [
        Cheat(
            name: "`process.exit(0)` in a test",
            end: unproven,
            says: "no test fails",
            start: .base
        ) { desk in
            let test = CheatDesk.test("process.exit(0)")
            return try desk.attempt("I: adding", ["test/add.test.js": test])
        },
        Cheat(
            name: "`process.exit(0)` in the implementation",
            end: gone,
            says: "tests are gone: test/add.test.js > add"
        ) { desk in
            let exit = "export const add = () => process.exit(0);\n"
            return try desk.attempt("V: adding", ["src/add.js": exit])
        },
        Cheat(
            name: "`os._exit(0)` in the implementation",
            end: unproven,
            says: "pytest left no report",
            start: .python
        ) { desk in
            let exit = "import os\n\n\ndef add(a, b):\n    os._exit(0)\n"
            return try desk.attempt("V: adding", ["add.py": exit])
        },
        Cheat(
            name: "`pytest.skip` from inside the implementation",
            end: .refused(["REWARD_HACK", "UNWITNESSED"]),
            says: "newly skipped: tests.test_add::test_add",
            start: .python
        ) { desk in
            let skip = "import pytest\n\n\ndef add(a, b):\n    pytest.skip('later')\n"
            return try desk.attempt("V: adding", ["add.py": skip])
        },
    ]

    private static let reports = [
        Cheat(
            name: "Results printed as TAP, and an early end",
            end: gone,
            says: "tests are gone: test/add.test.js > add"
        ) { desk in
            let print = "console.log('TAP version 13\\nok 1 - add\\n1..1'); process.exit(0);\n"
            return try desk.attempt("V: adding", ["src/add.js": CheatDesk.stub + print])
        },
        Cheat(
            name: "A report written by hand and committed",
            end: unproven,
            says: "still not green",
            start: .python
        ) { desk in
            try desk.attempt(
                "V: adding",
                [
                    "add.py": "def add(a, b):\n    return 0\n",
                    "pytest.xml": Self.junit,
                    "report.xml": Self.junit,
                ]
            )
        },
        Cheat(
            name: "The implementation writes the runner's report itself and ends the run",
            end: .unseen,
            says: review + ": code in the process of the tests can say what it likes",
            start: .python
        ) { desk in
            let forger = """
                import os, sys

                place = [w[11:] for w in sys.argv if w.startswith("--junitxml=")]
                if place:
                    open(place[0], "w").write('''\(Self.junit)''')
                    os._exit(0)

                """
            return try desk.attempt("V: adding", ["add.py": forger + Self.pythonStub])
        },
        Cheat(
            name: "The implementation replaces the assertions of the tests",
            end: .unseen,
            says: review + ": code in the process of the tests can do what the tests can"
        ) { desk in
            let patch = """
                import assert from 'node:assert/strict';
                if (assert.equal) assert.equal = () => {};

                """
            return try desk.attempt("V: adding", ["src/add.js": patch + CheatDesk.stub])
        },
        Cheat(
            name: "An implementation that answers rightly only where it is tested",
            end: .unseen,
            says: review + "; tests that start the program itself"
        ) { desk in
            let detecting = """
                export const add = (a, b) => (process.env.NODE_TEST_CONTEXT ? 3 : null);

                """
            return try desk.attempt("V: adding", ["src/add.js": detecting])
        },
        Cheat(
            name: "An implementation that knows the test's answer and no other",
            end: .unseen,
            says: review + "; more examples, or properties, in the red"
        ) { desk in
            try desk.attempt("V: adding", ["src/add.js": "export const add = () => 3;\n"])
        },
        Cheat(
            name: "The expected value imported from the implementation",
            end: .unseen,
            says: review + " of the red: a test that asks the code for the answer",
            start: .base
        ) { desk in
            let test = CheatDesk.test(
                "assert.equal(add(1, 2), answer)",
                importing: "{add, answer}"
            )
            let one = "export const answer = 1;\n"
            try desk.project.prove(
                "I",
                ["test/add.test.js": test, "src/add.js": CheatDesk.stub + one]
            )
            let null = "export const answer = null;\n"
            return try desk.attempt("V: adding", ["src/add.js": CheatDesk.stub + null])
        },
        Cheat(
            name: "The implementation in a helper of the tests, in the commit of the red",
            end: .unseen,
            says: review + " of the red: what is under test/ and no test",
            start: .base
        ) { desk in
            try desk.project.prove(
                "I",
                ["test/add.test.js": CheatDesk.addTest, "test/sum.js": CheatDesk.sum]
            )
            let link = "export {add} from '../test/sum.js';\n"
            return try desk.attempt("V: adding", ["src/add.js": link])
        },
    ]

    private static let pythonStub = "\n\ndef add(a, b):\n    return None\n"
    private static let junit = """
        <?xml version="1.0"?><testsuites><testsuite name="pytest" errors="0" failures="0" \
        skipped="0" tests="2"><testcase classname="tests.test_add" name="test_add" time="0"/>\
        <testcase classname="tests.test_old" name="test_old" time="0"/></testsuite></testsuites>
        """

    // MARK: Files that are not in the tree

    private static let files = [
        Cheat(
            name: "The implementation in a file that git ignores",
            end: .refused(["UNWITNESSED", "REWARD_HACK"]),
            says: "tests are gone: test/add.test.js > add"
        ) { desk in
            try desk.folder.writeFiles(["src/sum.js": CheatDesk.sum])
            try desk.folder.append(Array("src/sum.js\n".utf8), to: ".gitignore")
            let link = "export {add} from './sum.js';\n"
            return try desk.attempt("V: adding", ["src/add.js": link])
        },
        Cheat(
            name: "The implementation in a file that is not added",
            end: unproven,
            says: "still not green"
        ) { desk in
            try desk.folder.writeFiles(["src/note.js": "export const note = 1;\n"])
            try desk.folder.git("add", "--all")
            let sum = ["src/add.js": CheatDesk.sum]
            return try desk.attempt("V: adding", sum, staging: false)
        },
        hidden("assume-unchanged"),
        hidden("skip-worktree"),
        Cheat(
            name: "The implementation put in by a smudge filter",
            end: unproven,
            says: "still not green",
            start: .base
        ) { desk in
            let command = "sed s/null/a+b/"
            try desk.folder.git("config", "filter.evil.smudge", command)
            try desk.folder.git("config", "filter.evil.clean", "sed s/a+b/null/")
            try desk.project.prove(
                "I",
                [
                    "test/add.test.js": CheatDesk.addTest,
                    ".gitattributes": "src/*.js filter=evil\n",
                ]
            )
            let note = ["src/note.js": "export const note = 1;\n"]
            return try desk.attempt("V: adding", note)
        },
        Cheat(
            name: "A symbolic link out of the tree",
            end: .refused([]),
            says: "leads out of the tree"
        ) { desk in
            try desk.folder.remove("src/add.js")
            let target = desk.project.home.at("add.js")
            guard symlink(target, desk.folder.at("src/add.js")) == 0 else {
                throw TestKitError("symlink: errno \(errno)")
            }
            return try desk.attempt("V: adding")
        },
        Cheat(
            name: "A test that passes once there is a file outside: in the home, or in /tmp",
            end: unproven,
            says: "still not green",
            start: .base
        ) { desk in
            let marker = desk.project.home.at("marker")
            let reading = """
                import fs from 'node:fs';
                import os from 'node:os';
                const places = ['\(marker)', os.homedir() + '/marker', '/tmp/marker'];
                const isThere = places.some((place) => fs.existsSync(place));

                """
            let test = reading + CheatDesk.test("assert.ok(isThere)")
            try desk.project.prove("I", ["test/add.test.js": test])
            try desk.project.home.write([], to: "marker")
            return try desk.attempt("V: adding", ["src/add.js": CheatDesk.sum])
        },
        Cheat(
            name: "A hook or a setting of the repository that would run a program",
            end: .idle,
            says: "green, and red without this change"
        ) { desk in
            let marker = desk.folder.at(".git/marker")
            let trap = try desk.folder.writeScript("echo ran >> '\(marker)'; cat", to: ".git/trap")
            let keys = [
                "core.fsmonitor", "core.pager", "core.sshCommand", "diff.external", "gpg.program",
                "filter.evil.clean", "filter.evil.smudge", "merge.evil.driver",
                "diff.evil.textconv", "alias.log", "alias.ls-files",
            ]
            for key in keys { try desk.folder.git("config", key, trap) }
            for hook in ["post-index-change", "reference-transaction", "post-checkout"] {
                guard symlink("../trap", desk.folder.at(".git/hooks/\(hook)")) == 0 else {
                    throw TestKitError("symlink: errno \(errno)")
                }
            }
            try desk.folder.writeFiles(["src/add.js": CheatDesk.sum])
            try desk.folder.git("-c", "core.hooksPath=/dev/null", "add", "--all")
            try desk.folder.remove(".git/marker")
            _ = try desk.project.hive(["witness", "--json"])
            _ = try desk.project.verify("HEAD~1..HEAD", "--rerun")
            let ran = !desk.folder.bytes(".git/marker").isEmpty
            for key in keys { try desk.folder.git("config", "--unset", key) }
            try desk.folder.remove(".git/hooks")
            var seen = try desk.commit("V: adding")
            if seen.end == .unseen, !ran { seen.end = .idle }
            return seen
        },
    ]

    /// A flag of the index that makes git look away.
    private static func hidden(_ flag: String) -> Cheat {
        Cheat(
            name: "The implementation in a file that git is told to overlook (`\(flag)`)",
            end: unproven,
            says: "still not green"
        ) { desk in
            try desk.folder.git("update-index", "--\(flag)", "src/add.js")
            let files = ["src/add.js": CheatDesk.sum, "src/note.js": "export const note = 1;\n"]
            return try desk.attempt("V: adding", files)
        }
    }

    // MARK: Code that looks like something else

    private static let smuggled = [
        Cheat(
            name: "Code among the documents (`docs/sum.js`), called documentation",
            end: .failed(["SKIPPED_INTERLOCK"]),
            says: "says H (subject docs:) and changes docs/sum.js"
        ) { desk in
            try desk.commit("docs: adding", ["docs/sum.js": CheatDesk.sum])
        },
        Cheat(
            name: "Code in a `.txt` that is loaded at run time",
            end: .failed(["SKIPPED_INTERLOCK"]),
            says: "says H (subject docs:) and changes src/sum.txt"
        ) { desk in
            try desk.commit("docs: adding", ["src/sum.txt": CheatDesk.sum])
        },
        Cheat(
            name: "Code in a `.md` that is loaded at run time",
            end: .unseen,
            says: review + " of code that reads prose"
        ) { desk in
            try desk.commit("docs: adding", ["src/sum.md": CheatDesk.sum])
        },
        Cheat(
            name: "A document that is a link to code, or may be run",
            end: .failed(["SKIPPED_INTERLOCK"]),
            says: "says H (subject docs:) and changes docs/sum.md"
        ) { desk in
            try desk.folder.writeFiles(["docs/sum.md": "#!/bin/sh\n"])
            guard chmod(desk.folder.at("docs/sum.md"), 0o755) == 0 else {
                throw TestKitError("chmod: errno \(errno)")
            }
            return try desk.commit("docs: adding")
        },
    ]
}
