import Glibc
import HiveKernel
import Testing

@testable import HiveDaemon

@Suite struct SettingsTests {
    @Test func `without anything everything stands in the sandbox`() throws {
        let settings = try Settings(
            flags: SettingsFlags(),
            environment: [:],
            workingDirectory: "/place"
        )
        #expect(settings.board == "/place/sandbox/obsidianblackboard.jsonl")
        #expect(settings.quarantine == "/place/sandbox/quarantine.jsonl")
        #expect(settings.audit == "/place/sandbox/pyre_audit.jsonl")
        #expect(settings.archive == "/place/sandbox/archive")
        #expect(settings.stateDirectory == "/place/sandbox/.hive")
        #expect(settings.ledger == "/place/sandbox/.hive/ledger.sqlite")
        #expect(settings.lock == "/place/sandbox/.hive/lock")
        #expect(settings.rulesPath == nil)
        #expect(!settings.rulesAreExplicit)
        #expect(settings.currentGeneration == nil)
        #expect(settings.modeOverride == nil)
        #expect(settings.runtimeDirectory == nil)
        #expect(settings.warnings.isEmpty)
    }

    @Test func `the files of a board elsewhere stand beside it`() throws {
        let settings = try settings(["BLACKBOARD_PATH": "/data//./b/board.jsonl"])
        #expect(settings.board == "/data/b/board.jsonl")
        #expect(settings.quarantine == "/data/b/quarantine.jsonl")
        #expect(settings.audit == "/data/b/pyre_audit.jsonl")
        #expect(settings.archive == "/data/b/archive")
        #expect(settings.stateDirectory == "/data/b/.hive")
    }

    @Test func `a board at the root has its files at the root`() throws {
        let settings = try settings(["BLACKBOARD_PATH": "/board.jsonl"])
        #expect(settings.quarantine == "/quarantine.jsonl")
        #expect(settings.stateDirectory == "/.hive")
    }

    @Test func `every variable is read`() throws {
        let settings = try settings([
            "BLACKBOARD_PATH": "b.jsonl", "QUARANTINE_PATH": "/q.jsonl", "AUDIT_PATH": "a.jsonl",
            "HIVE_STATE_DIR": "../state", "HIVE_RULES": "r.yaml", "CURRENT_GEN": "91",
            "XDG_RUNTIME_DIR": "/run/user/1000/",
        ])
        #expect(settings.board == "/place/b.jsonl")
        #expect(settings.quarantine == "/q.jsonl")
        #expect(settings.audit == "/place/a.jsonl")
        #expect(settings.stateDirectory == "/place/../state")
        #expect(settings.rulesPath == "/place/r.yaml")
        #expect(settings.rulesAreExplicit)
        #expect(settings.currentGeneration == 91)
        #expect(settings.runtimeDirectory == "/run/user/1000")
    }

    @Test func `flags beat the environment, the environment beats the file`() throws {
        let folder = try SettingsFolder()
        _ = try folder.write(
            Array("BLACKBOARD_PATH=/f/b\nAUDIT_PATH=/f/a\nQUARANTINE_PATH=/f/q\n".utf8),
            to: ".env"
        )
        var flags = SettingsFlags()
        flags.board = "flag.jsonl"
        flags.mode = "observe"
        let settings = try Settings(
            flags: flags,
            environment: ["BLACKBOARD_PATH": "/e/b", "AUDIT_PATH": "/e/a"],
            workingDirectory: folder.path
        )
        #expect(settings.board == folder.path + "/flag.jsonl")
        #expect(settings.audit == "/e/a")
        #expect(settings.quarantine == "/f/q")
        #expect(settings.modeOverride == .observe)
    }

    @Test func `every flag is read`() throws {
        var flags = SettingsFlags()
        flags.board = "/1"
        flags.quarantine = "/2"
        flags.audit = "/3"
        flags.stateDirectory = "/4"
        flags.rules = "/5"
        let settings = try Settings(flags: flags, environment: [:], workingDirectory: "/place")
        #expect(settings.board == "/1")
        #expect(settings.quarantine == "/2")
        #expect(settings.audit == "/3")
        #expect(settings.stateDirectory == "/4")
        #expect(settings.rulesPath == "/5")
        #expect(settings.rulesAreExplicit)
    }

    @Test func `an empty variable is none`() throws {
        let settings = try settings(["BLACKBOARD_PATH": "", "CURRENT_GEN": ""])
        #expect(settings.board == "/place/sandbox/obsidianblackboard.jsonl")
        #expect(settings.currentGeneration == nil)
        #expect(settings.warnings.isEmpty)
    }

    @Test func `the rule book of the project is found without being asked for`() throws {
        let folder = try SettingsFolder()
        try folder.makeFolder("specs")
        let path = try folder.write([], to: "specs/rules.yaml")
        let settings = try Settings(
            flags: SettingsFlags(),
            environment: [:],
            workingDirectory: folder.path
        )
        #expect(settings.rulesPath == path)
        #expect(!settings.rulesAreExplicit)
    }

    @Test(arguments: ["8x", "-1", "87.0", " 87", "99999999999999999999"])
    func `a generation that is none is passed over with a warning`(text: String) throws {
        let settings = try settings(["CURRENT_GEN": text])
        #expect(settings.currentGeneration == nil)
        #expect(
            settings.warnings
                == ["CURRENT_GEN in the environment is no generation (0, 1, …); ignored"]
        )
    }

    @Test func `a relative runtime folder is passed over with a warning`() throws {
        let settings = try settings(["XDG_RUNTIME_DIR": "run"])
        #expect(settings.runtimeDirectory == nil)
        #expect(settings.warnings == ["XDG_RUNTIME_DIR is not an absolute path; ignored"])
    }

    @Test func `an unknown mode is a mistake of the caller`() throws {
        var flags = SettingsFlags()
        flags.mode = "loose"
        let error = try #require(throws: HiveError.self) {
            try Settings(flags: flags, environment: [:], workingDirectory: "/place")
        }
        #expect(error.exitCode == 2)
        #expect(
            error.message == "--mode: found \"loose\"; expected strict, paired or observe"
        )
    }

    @Test func `an empty path is a mistake of the caller`() throws {
        var flags = SettingsFlags()
        flags.stateDirectory = ""
        let error = try #require(throws: HiveError.self) {
            try Settings(flags: flags, environment: [:], workingDirectory: "/place")
        }
        #expect(error.exitCode == 2)
        #expect(error.message == "--state-dir: found no path; expected one")
    }

    @Test func `two files on one path are refused`() throws {
        let error = try #require(throws: HiveError.self) {
            try settings(["BLACKBOARD_PATH": "/b", "QUARANTINE_PATH": "/./b"])
        }
        #expect(error.exitCode == 2)
        #expect(error.message == "the board and the quarantine have one path: /b")
    }

    @Test func `the process's own environment and folder are the defaults`() throws {
        let settings = try Settings(flags: SettingsFlags())
        #expect(settings.board.hasPrefix("/"))
        let home = getenv("HOME").map { String(cString: $0) } ?? ""
        #expect(!Settings.processEnvironment().values.contains(home))
    }

    private func settings(_ environment: [String: String]) throws(HiveError) -> Settings {
        try Settings(
            flags: SettingsFlags(),
            environment: environment,
            workingDirectory: "/place"
        )
    }
}
