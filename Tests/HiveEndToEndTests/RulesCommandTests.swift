import Glibc
import HiveSignal
import HiveTestKit
import Testing

/// A rule book that changes: under a daemon, and after its owner's word on it.
@Suite struct RulesCommandTests {
    private static let book = "specs/rules.yaml"

    private func finding(_ name: String, of output: HiveProgram.Output) throws -> JSONValue? {
        try JSONValue(parsing: output.standardOutput.trimmed)["checks"]?.arrayValue?
            .first { $0["name"]?.stringValue == name }
    }

    @Test func `a rule book changed under a daemon is told, and reload has it hold`() throws {
        let folder = try TemporaryFolder()
        let daemon = try DaemonUnderTest(in: folder)
        #expect(try daemon.status()["rulesStale"] == false)
        #expect(try finding("rules", of: daemon.hive("doctor", "--json"))?["status"] == "ok")

        let text = "reactions: {enabled: false}\nmode: strict\n"
        try folder.write(Array(text.utf8), to: Self.book)
        #expect(try daemon.status()["rulesStale"] == true)
        #expect(try daemon.hive("status").standardOutput.contains("hive rules reload"))
        let stale = try finding("rules", of: daemon.hive("doctor", "--json"))
        #expect(stale?["status"] == "warning")
        #expect(stale?["cure"] == "hive rules reload")
        #expect(try daemon.state()["mode"] == "paired")

        let reloaded = try daemon.hive("rules", "reload", "--json")
        #expect(try JSONValue(parsing: reloaded.standardOutput.trimmed)["changed"] == true)
        #expect(try daemon.status()["rulesStale"] == false)
        #expect(try daemon.state()["mode"] == "strict")
        let shown = try daemon.hive("rules", "show", "--json")
        let rules = try JSONValue(parsing: shown.standardOutput.trimmed)
        #expect(rules["text"] == .string(text))
        #expect(try daemon.hive("rules", "show").standardOutput.contains("mode: strict"))
        let again = try daemon.hive("rules", "reload")
        #expect(again.standardOutput.contains("nothing has changed"))
    }

    @Test func `a broken rule book changes nothing, and one made later is found`() throws {
        let folder = try TemporaryFolder()
        let daemon = try DaemonUnderTest(in: folder, reacts: true)
        try folder.makeFolder("specs")
        try folder.write(Array("mode: lax\n".utf8), to: Self.book)
        #expect(try daemon.status()["rulesStale"] == true)
        let refused = try daemon.hive("rules", "reload")
        #expect(refused.exitCode == 2, "\(refused)")
        #expect(refused.standardError.contains("rules.yaml:1: mode"))
        #expect(try daemon.state()["mode"] == "paired")
        try folder.write(Array("mode: strict\n".utf8), to: Self.book)
        #expect(try daemon.hive("rules", "reload").exitCode == 0)
        #expect(try daemon.state()["mode"] == "strict")
    }

    @Test func `without a daemon there is nothing to reload`() throws {
        let folder = try TemporaryFolder()
        let output = try HiveProgram.run(["rules", "reload"], in: folder.path)
        #expect(output.exitCode == 3)
        #expect(output.standardError.contains("no daemon is running"))
        #expect(folder.names(in: ".").isEmpty)
    }

    @Test func `doctor and pre-commit tell of rules without their owner's word`() throws {
        let project = try WitnessedProject(
            ["test/a.test.js": "// nothing yet\n"],
            test: "[node, --test]",
            toolchain: try #require(TestToolchain.swift)
        )
        #expect(try project.hive(["hook", "install"]).exitCode == 0)
        let approved = try finding("approval", of: project.hive(["doctor", "--json"]))
        #expect(approved?["status"] == "ok", "\(String(describing: approved))")

        let rules = String(decoding: project.folder.bytes(WitnessedProject.rules), as: UTF8.self)
        try project.folder.writeFiles([WitnessedProject.rules: rules + "# another byte\n"])
        let unapproved = try finding("approval", of: project.hive(["doctor", "--json"]))
        #expect(unapproved?["status"] == "warning")
        #expect(unapproved?["cure"]?.stringValue?.contains("hive override approve-rules") == true)

        try project.folder.git("add", "specs")
        let noted = try project.hive(["hook", "run", "pre-commit"])
        #expect(noted.exitCode == 0, "\(noted)")
        #expect(noted.standardError.contains("not approved as it is staged"), "\(noted)")

        try project.approve()
        try project.folder.git("add", "specs")
        let silent = try project.hive(["hook", "run", "pre-commit"])
        #expect(!silent.standardError.contains("approved"), "\(silent)")
    }
}
