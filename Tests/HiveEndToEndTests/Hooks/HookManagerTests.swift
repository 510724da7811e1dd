import Foundation
import HiveTestKit
import Testing

/// hive's hooks beside those of real managers of hooks, from PyPI.
@Suite struct HookManagerTests {
    /// A manager: its program, its configuration, and what its hook says.
    struct Manager: Sendable, CustomTestStringConvertible {
        var name: String
        var configuration: [String: String]

        var program: String? { VirtualEnvironment.program(name, of: "hook-managers") }
        var testDescription: String { name }

        static let all = [
            Manager(
                name: "pre-commit",
                configuration: [
                    ".pre-commit-config.yaml": """
                    repos:
                      - repo: local
                        hooks:
                          - id: say
                            name: say
                            entry: echo the manager ran
                            language: system
                            always_run: true
                            verbose: true

                    """
                ]
            ),
            Manager(
                name: "lefthook",
                configuration: [
                    "lefthook.yml":
                        "pre-commit:\n  commands:\n    say:\n      run: echo the manager ran\n"
                ]
            ),
        ].filter { $0.program != nil }
    }

    /// The scripts in the folder of hooks.
    private static func scripts(_ repository: HookedRepository) -> [String: [UInt8]] {
        let names =
            (try? FileManager.default.contentsOfDirectory(
                atPath: repository.folder.at(".git/hooks")
            )) ?? []
        let own = names.filter { !$0.hasSuffix(".sample") }
        return Dictionary(
            uniqueKeysWithValues: own.map { ($0, repository.folder.bytes(".git/hooks/\($0)")) }
        )
    }

    @Test(arguments: Manager.all)
    func `its hooks go on working, and are as they were afterwards`(manager: Manager) throws {
        let repository = try HookedRepository(hooks: false)
        try repository.folder.writeFiles(manager.configuration)
        try repository.folder.commitAll("chore: hooks")
        let program = try #require(manager.program)
        func install() throws {
            let output = try repository.shell("'\(program)' install")
            #expect(output.exitCode == 0, "\(output)")
        }
        try install()
        let before = Self.scripts(repository)
        try repository.install()
        try repository.say("H", port: 7)
        let passed = try repository.commit("docs: a", ["a.md": "a\n"])
        #expect(passed.exitCode == 0, "\(passed)")
        #expect((passed.standardOutput + passed.standardError).contains("the manager ran"))
        let refused = try repository.commit("feat: b", ["b.py": "b\n"])
        #expect(refused.exitCode == 1 && refused.standardError.contains("b.py"), "\(refused)")
        // It may be installed anew over hive's, and hive's over it.
        try install()
        try repository.install()
        #expect(try repository.git("commit", "--message", "feat: b").exitCode == 1)
        #expect(try repository.hive("hook", "uninstall").exitCode == 0)
        #expect(Self.scripts(repository) == before)
    }
}
