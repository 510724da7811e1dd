import Glibc

/// What a witness costs over the test run alone: `hive witness` for red, green and refactor in a
/// repository of its own, beside the same test command run by hand.
extension Bench {
    func measureWitness(_ table: inout Table) throws {
        guard let hive = realpath(arguments.hive, nil) else {
            throw BenchError("find \(arguments.hive)", errno: errno)
        }
        defer { free(hive) }
        guard try Child("node", ["--version"]).finish(within: 10).code == 0 else {
            return table.note("witness: no node on this machine to run tests with")
        }
        let shop = try witnessedProject(String(cString: hive))
        let bare = try Measure.best(of: 3) { try shop.run("node", ["--test"], expecting: 0...1) }
        try shop.write("test/sum.test.js", Self.test(of: "sum", equals: 3))
        try shop.write("src/sum.js", "exports.sum = () => 0;\n")
        let red = try shop.witnessed("I")
        try shop.write("src/sum.js", "exports.sum = (a, b) => a + b;\n")
        let green = try shop.witnessed("V")
        try shop.write("src/sum.js", "exports.sum = (one, two) => one + two;\n")
        let refactor = try shop.witnessed("E")
        for (figure, seconds, runs) in [
            ("witness, red (2 runs of the tests)", red, "2 × and the room"),
            ("witness, green (2 runs)", green, "2 × and the room"),
            ("witness, refactor (1 run)", refactor, "1 × and the room"),
        ] {
            table.add(
                Table.Row(
                    figure: figure,
                    unit: .milliseconds,
                    hive: seconds * 1_000,
                    rival: bare.seconds * 1_000,
                    target: runs
                )
            )
        }
        table.note(
            "witness: \(Self.witnessedFiles) files, a test that takes half a second; the rival is "
                + "the test command alone"
        )
    }

    private static let witnessedFiles = 1_000

    private static func test(of name: String, equals value: Int) -> String {
        """
        const { test } = require('node:test');
        const assert = require('node:assert');
        const { \(name) } = require('../src/\(name).js');
        test('\(name)', () => assert.strictEqual(\(name)(1, 2), \(value)));

        """
    }

    private func witnessedProject(_ hive: String) throws -> BenchProject {
        let shop = try BenchProject(at: "\(folder)/witness", hive: hive)
        for part in ["src", "src/all", "test"] { mkdir("\(shop.path)/\(part)", 0o755) }
        try shop.write("package.json", "{\"name\": \"shop\", \"scripts\": {}}\n")
        // What tests do all day: half a second of it.
        try shop.write(
            "test/busy.test.js",
            "require('node:test').test('busy', () => "
                + "{ const end = Date.now() + 500; while (Date.now() < end); });\n"
        )
        for number in 0..<Self.witnessedFiles {
            try shop.write("src/all/part\(number).js", "exports.part = \(number);\n")
        }
        try shop.run(hive, ["init"])
        try shop.write("specs/rules.yaml", "witness: {test: [node, --test]}\n")
        try shop.run(hive, ["override", "approve-rules", "--reason", "bench", "--yes"])
        try shop.commit("begin")
        return shop
    }
}
