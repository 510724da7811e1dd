import HiveTestKit

/// Cheats with the tests themselves.
extension Cheat {
    private static let hacked = End.refused(["REWARD_HACK"])
    private static let unproven = End.refused(["UNWITNESSED"])

    static let withTests: [Cheat] = before + between + around

    // MARK: Before the red

    private static let before = [
        Cheat(
            name: "The implementation first, then a test that passes",
            end: .refused(["REWARD_HACK", "UNWITNESSED"]),
            says: "no red receipt goes before this",
            start: .base
        ) { desk in
            try desk.attempt(
                "V: adding",
                ["src/add.js": CheatDesk.sum, "test/add.test.js": CheatDesk.addTest]
            )
        },
        Cheat(
            name: "A test that passes at once, called red",
            end: unproven,
            says: "no test fails: write one that the missing behaviour fails",
            start: .base
        ) { desk in
            let always = CheatDesk.test("assert.equal(add(1, 2), null)")
            return try desk.attempt("I: adding", ["test/add.test.js": always])
        },
        Cheat(
            name: "A red that does not load or compile",
            end: unproven,
            says: "no test fails by assertion twice",
            start: .base
        ) { desk in
            let broken = CheatDesk.addTest.replacing("src/add.js", with: "src/none.js")
            return try desk.attempt("I: adding", ["test/add.test.js": broken])
        },
        Cheat(
            name: "A red by an exception only",
            end: unproven,
            says: "no test fails by assertion twice",
            start: .base
        ) { desk in
            let thrower = CheatDesk.test("add(1, 2).toFixed()")
            return try desk.attempt("I: adding", ["test/add.test.js": thrower])
        },
        Cheat(
            name: "A red that comes and goes: a test that fails the first time only",
            end: unproven,
            says: "not the same twice: test/add.test.js > add",
            start: .base
        ) { desk in
            let flaky = """
                import fs from 'node:fs';
                const isFirst = !fs.existsSync('seen');
                fs.writeFileSync('seen', '');

                """
            let test = CheatDesk.test("assert.equal(isFirst, false)")
            return try desk.attempt("I: adding", ["test/add.test.js": flaky + test])
        },
        Cheat(
            name: "A red for one thing, and the implementation of another beside it",
            end: .told,
            says: "unneeded: src/other.js"
        ) { desk in
            try desk.attempt(
                "V: adding",
                ["src/add.js": CheatDesk.sum, "src/other.js": "export const other = () => 1;\n"]
            )
        },
        Cheat(
            name: "The implementation in the commit of the red",
            end: .told,
            says: "a red shows nothing of src/other.js",
            start: .base
        ) { desk in
            try desk.attempt(
                "I: adding",
                [
                    "test/add.test.js": CheatDesk.addTest,
                    "src/other.js": "export const other = () => 1;\n",
                ]
            )
        },
    ]

    // MARK: Between red and green

    /// The red test becomes another one, and nothing is built.
    private static func edited(_ name: String, _ test: String) -> Cheat {
        Cheat(name: name, end: hacked, says: "changed since the red") { desk in
            let idle = "export const add = (a, b) => undefined;\n"
            return try desk.attempt(
                "V: adding",
                ["src/add.js": idle, "test/add.test.js": test]
            )
        }
    }

    private static let between = [
        edited(
            "The red test weakened before the green",
            CheatDesk.test("assert.notEqual(add(1, 2), 4)")
        ),
        edited(
            "Its assertion made constant",
            CheatDesk.test("assert.equal(3, 3)")
        ),
        edited(
            "The red test skipped",
            CheatDesk.addTest.replacing("test('add'", with: "test.skip('add'")
        ),
        edited(
            "The red test marked as still to do",
            CheatDesk.addTest.replacing("test('add', ", with: "test('add', {todo: true}, ")
        ),
        edited(
            "The red test retried until it passes",
            CheatDesk.test("for (;;) { try { assert.equal(add(1, 2), 3); } catch {} break; }")
        ),
        Cheat(
            name: "The red test marked as flaky, for a plug-in that runs it again",
            end: hacked,
            says: "changed since the red",
            start: .python
        ) { desk in
            let test =
                "import pytest\n\nfrom add import add\n\n\n"
                + "@pytest.mark.flaky(reruns=3)\ndef test_add():\n    assert add(1, 2) == 3\n"
            return try desk.attempt("V: adding", ["tests/test_add.py": test])
        },
        Cheat(
            name: "A unit test among Rust's code, weakened together with it",
            end: .told,
            says: "not held still, as it stands among the code",
            start: .rust,
            isSlow: true
        ) { desk in
            func module(_ body: String, _ value: String) -> String {
                "pub fn add(a: i32, b: i32) -> i32 {\n    \(body)\n}\n\n#[test]\nfn adds() {\n"
                    + "    assert_eq!(add(1, 2), \(value));\n}\n"
            }
            try desk.project.prove(
                "I",
                ["src/add.rs": module("a - b", "3"), "tests/note.rs": "// a note\n"]
            )
            return try desk.attempt("V: adding", ["src/add.rs": module("a * b", "2")])
        },
        Cheat(
            name: "The red test deleted before the green",
            end: hacked,
            says: "changed since the red"
        ) { desk in
            try desk.folder.remove("test/add.test.js")
            return try desk.attempt("V: adding", ["src/add.js": CheatDesk.sum])
        },
        Cheat(
            name: "The red test weakened in a commit between that claims nothing",
            end: .refused(["REWARD_HACK", "UNWITNESSED"]),
            says: "no red receipt goes before this"
        ) { desk in
            let weak = CheatDesk.test("assert.ok(true)")
            _ = try desk.commit("chore: tidy", ["test/add.test.js": weak])
            return try desk.attempt("V: adding", ["src/add.js": CheatDesk.sum])
        },
        Cheat(
            name: "That commit, by itself",
            end: .failed([]),
            says: "no receipt of I for its tree"
        ) { desk in
            let weak = CheatDesk.test("assert.ok(true)")
            return try desk.commit("chore: tidy", ["test/add.test.js": weak])
        },
        Cheat(
            name: "A golden file or a snapshot rewritten to what the code says",
            end: hacked,
            says: "changed since the red",
            start: .base
        ) { desk in
            let test = CheatDesk.test(
                "assert.equal(String(add(1, 2)), fs.readFileSync('test/add.golden', 'utf8'))"
            )
            try desk.project.prove(
                "I",
                [
                    "test/add.test.js": "import fs from 'node:fs';\n" + test,
                    "test/add.golden": "3",
                ]
            )
            let wrong = "export const add = (a, b) => a;\n"
            return try desk.attempt(
                "V: adding",
                ["src/add.js": wrong, "test/add.golden": "1"]
            )
        },
        Cheat(
            name: "Nothing but a weakened test, called a refactor",
            end: .told,
            says: "changes tests that were there: test/add.test.js",
            start: .green
        ) { desk in
            let weak = CheatDesk.test("assert.ok(add(1, 2))")
            return try desk.attempt("E: clearer", ["test/add.test.js": weak])
        },
    ]

    // MARK: Around them

    private static let around = [
        Cheat(
            name: "An older test weakened, skipped or deleted in the commit of a red",
            end: .told,
            says: "changes tests that were there: test/old.test.js",
            start: .base
        ) { desk in
            let weak = WitnessLanguage.nodeTest("old", "1", "1")
            return try desk.attempt(
                "I: adding",
                ["test/add.test.js": CheatDesk.addTest, "test/old.test.js": weak]
            )
        },
        Cheat(
            name: "A test of living code deleted in a refactor",
            end: hacked,
            says: "tests of living code may not go",
            start: .green
        ) { desk in
            try desk.folder.remove("test/add.test.js")
            return try desk.attempt("E: clearer", ["src/sub.js": "export const sub = 0;\n"])
        },
        Cheat(
            name: "A test skipped in a refactor",
            end: hacked,
            says: "newly skipped: test/add.test.js > add",
            start: .green
        ) { desk in
            let skipped = CheatDesk.addTest.replacing("test('add'", with: "test.skip('add'")
            return try desk.attempt("E: clearer", ["test/add.test.js": skipped])
        },
        Cheat(
            name: "Behaviour changed with its test, called a refactor",
            end: hacked,
            says: "the tests as they were do not pass on this code",
            start: .green
        ) { desk in
            try desk.attempt(
                "E: clearer",
                [
                    "src/add.js": "export const add = (a, b) => a - b;\n",
                    "test/add.test.js": WitnessLanguage.nodeTest("add", "add(1, 2)", "-1"),
                ]
            )
        },
        Cheat(
            name: "A green called a refactor, so that nothing is run without the change",
            end: hacked,
            says: "what failed before passes now"
        ) { desk in
            try desk.attempt("E: clearer", ["src/add.js": CheatDesk.sum])
        },
        Cheat(
            name: "A feature with its tests in one commit, called a refactor",
            end: .told,
            says: "new tests do not pass on the code as it was: test/sub.test.js > sub",
            start: .green
        ) { desk in
            try desk.attempt(
                "E: clearer",
                [
                    "src/sub.js": "export const sub = (a, b) => a - b;\n",
                    "test/sub.test.js": WitnessLanguage.nodeTest("sub", "sub(3, 2)", "1"),
                ]
            )
        },
        Cheat(
            name: "A red that is used again for code that no test asked for",
            end: hacked,
            says: "a red that is spent proves nothing",
            start: .green
        ) { desk in
            try desk.attempt(
                "V: more",
                ["src/sub.js": "export const sub = (a, b) => a - b;\n"]
            )
        },
    ]
}
