import HiveTestKit
import Testing

/// A tiny project in one language, and what becomes of it on the honest path.
///
/// It begins with two stubs, `add` and `sub`, and with `old`, which works and has a test.
struct WitnessLanguage: Sendable, CustomTestStringConvertible {
    var name: String
    var toolchain: TestToolchain?
    /// The test command, as the rule book has it.
    var test: String
    var base: [String: String]
    /// A test that the stub of `add` fails.
    var red: [String: String]
    /// `add`, so that it passes.
    var green: [String: String]
    /// The same in other words, and one test more.
    var refactor: [String: String]
    /// `old` and its test are gone: these files are.
    var removed: [String]
    var withoutOld: [String: String] = [:]
    /// A test for `sub`, and `sub`.
    var next: (red: [String: String], green: [String: String])

    var testDescription: String { name }
}

extension WitnessLanguage {
    static let node = WitnessLanguage(
        name: "node",
        toolchain: .node,
        test: "[node, --test]",
        base: [
            "package.json": #"{"type":"module"}"#,
            "src/add.js": "export const add = (a, b) => null;\n",
            "src/sub.js": "export const sub = (a, b) => null;\n",
            "src/old.js": "export const old = () => 1;\n",
            "test/old.test.js": nodeTest("old", "old()", "1"),
        ],
        red: ["test/add.test.js": nodeTest("add", "add(1, 2)", "3")],
        green: ["src/add.js": "export const add = (a, b) => a + b;\n"],
        refactor: [
            "src/add.js": "export function add(a, b) {\n  return b + a;\n}\n",
            "test/more.test.js": nodeTest("add", "add(2, 2)", "4", title: "more"),
        ],
        removed: ["src/old.js", "test/old.test.js"],
        next: (
            red: ["test/sub.test.js": nodeTest("sub", "sub(3, 2)", "1")],
            green: ["src/sub.js": "export const sub = (a, b) => a - b;\n"]
        )
    )

    static func nodeTest(
        _ function: String,
        _ call: String,
        _ value: String,
        title: String? = nil
    ) -> String {
        """
        import test from 'node:test';
        import assert from 'node:assert/strict';
        import {\(function)} from '../src/\(function).js';
        test('\(title ?? function)', () => assert.equal(\(call), \(value)));

        """
    }

    static let pytest = WitnessLanguage(
        name: "pytest",
        toolchain: .pytest,
        test: "[python3, -m, pytest, -q]",
        base: [
            "pyproject.toml": "[tool.pytest.ini_options]\npythonpath = [\".\"]\n",
            "add.py": "def add(a, b):\n    return None\n",
            "sub.py": "def sub(a, b):\n    return None\n",
            "old.py": "def old():\n    return 1\n",
            "tests/test_old.py": pythonTest("old", "old()", "1"),
        ],
        red: ["tests/test_add.py": pythonTest("add", "add(1, 2)", "3")],
        green: ["add.py": "def add(a, b):\n    return a + b\n"],
        refactor: [
            "add.py": "def add(a, b):\n    total = a + b\n    return total\n",
            "tests/test_more.py": pythonTest("add", "add(2, 2)", "4"),
        ],
        removed: ["old.py", "tests/test_old.py"],
        next: (
            red: ["tests/test_sub.py": pythonTest("sub", "sub(3, 2)", "1")],
            green: ["sub.py": "def sub(a, b):\n    return a - b\n"]
        )
    )

    static func pythonTest(_ function: String, _ call: String, _ value: String) -> String {
        "from \(function) import \(function)\n\n\ndef test_\(function)():\n"
            + "    assert \(call) == \(value)\n"
    }

    static let cargo = WitnessLanguage(
        name: "cargo",
        toolchain: .cargo,
        test: "[cargo, test, --offline]",
        base: [
            "Cargo.toml": "[package]\nname = \"calc\"\nversion = \"0.1.0\"\nedition = \"2021\"\n",
            "Cargo.lock": "version = 3\n\n[[package]]\nname = \"calc\"\nversion = \"0.1.0\"\n",
            "src/lib.rs": "pub mod add;\npub mod old;\npub mod sub;\n",
            "src/add.rs": "pub fn add(_: i32, _: i32) -> i32 {\n    0\n}\n",
            "src/sub.rs": "pub fn sub(_: i32, _: i32) -> i32 {\n    0\n}\n",
            "src/old.rs": "pub fn old() -> i32 {\n    1\n}\n",
            "tests/old.rs": rustTest("old", "old()", "1"),
        ],
        red: ["tests/add.rs": rustTest("add", "add(1, 2)", "3")],
        green: ["src/add.rs": "pub fn add(a: i32, b: i32) -> i32 {\n    a + b\n}\n"],
        refactor: [
            "src/add.rs": "pub fn add(a: i32, b: i32) -> i32 {\n    b + a\n}\n",
            "tests/more.rs": rustTest("add", "add(2, 2)", "4"),
        ],
        removed: ["src/old.rs", "tests/old.rs"],
        withoutOld: ["src/lib.rs": "pub mod add;\npub mod sub;\n"],
        next: (
            red: ["tests/sub.rs": rustTest("sub", "sub(3, 2)", "1")],
            green: ["src/sub.rs": "pub fn sub(a: i32, b: i32) -> i32 {\n    a - b\n}\n"]
        )
    )

    static func rustTest(_ function: String, _ call: String, _ value: String) -> String {
        "#[test]\nfn \(function)() {\n    assert_eq!(calc::\(function)::\(call), \(value));\n}\n"
    }

    static let go = WitnessLanguage(
        name: "go",
        toolchain: .go,
        test: "[go, test, ./...]",
        base: [
            "go.mod": "module calc\n\ngo 1.18\n",
            "add.go": "package calc\n\nfunc add(a, b int) int { return 0 }\n",
            "sub.go": "package calc\n\nfunc sub(a, b int) int { return 0 }\n",
            "old.go": "package calc\n\nfunc old() int { return 1 }\n",
            "old_test.go": goTest("Old", "old()", "1"),
        ],
        red: ["add_test.go": goTest("Add", "add(1, 2)", "3")],
        green: ["add.go": "package calc\n\nfunc add(a, b int) int { return a + b }\n"],
        refactor: [
            "add.go": "package calc\n\nfunc add(a, b int) int { return b + a }\n",
            "more_test.go": goTest("More", "add(2, 2)", "4"),
        ],
        removed: ["old.go", "old_test.go"],
        next: (
            red: ["sub_test.go": goTest("Sub", "sub(3, 2)", "1")],
            green: ["sub.go": "package calc\n\nfunc sub(a, b int) int { return a - b }\n"]
        )
    )

    static func goTest(_ name: String, _ call: String, _ value: String) -> String {
        """
        package calc

        import "testing"

        func Test\(name)(t *testing.T) {
            if got := \(call); got != \(value) {
                t.Errorf("%v", got)
            }
        }

        """
    }

    static let swift = WitnessLanguage(
        name: "swift",
        toolchain: .swift,
        test: "[swift, test]",
        base: [
            "Package.swift": """
            // swift-tools-version: 6.0
            import PackageDescription
            let package = Package(name: "calc", targets: [
                .target(name: "Calc"),
                .testTarget(name: "CalcTests", dependencies: ["Calc"]),
            ])

            """,
            "Sources/Calc/Add.swift": swiftFunction("add", "0"),
            "Sources/Calc/Sub.swift": swiftFunction("sub", "0"),
            "Sources/Calc/Old.swift": swiftFunction("old", "1"),
            "Tests/CalcTests/OldTests.swift": swiftTest("old", "old(0, 0)", "1"),
        ],
        red: ["Tests/CalcTests/AddTests.swift": swiftTest("add", "add(1, 2)", "3")],
        green: ["Sources/Calc/Add.swift": swiftFunction("add", "a + b")],
        refactor: [
            "Sources/Calc/Add.swift": swiftFunction("add", "b + a"),
            "Tests/CalcTests/MoreTests.swift": swiftTest("more", "add(2, 2)", "4"),
        ],
        removed: ["Sources/Calc/Old.swift", "Tests/CalcTests/OldTests.swift"],
        next: (
            red: ["Tests/CalcTests/SubTests.swift": swiftTest("sub", "sub(3, 2)", "1")],
            green: ["Sources/Calc/Sub.swift": swiftFunction("sub", "a - b")]
        )
    )

    static func swiftFunction(_ name: String, _ body: String) -> String {
        "public func \(name)(_ a: Int, _ b: Int) -> Int { \(body) }\n"
    }

    static func swiftTest(_ name: String, _ call: String, _ value: String) -> String {
        "import Calc\nimport Testing\n\n"
            + "@Test func \(name)Works() {\n    #expect(\(call) == \(value))\n}\n"
    }
}
