import HiveSignal
import HiveTestKit
import Testing

/// `hive init` as a newcomer runs it.
@Suite struct InitTests {
    private func hive(_ folder: TemporaryFolder, _ arguments: String...) throws
        -> HiveProgram.Output
    {
        try HiveProgram.run(arguments, in: folder.path)
    }

    /// The answer's lines: the steps, then what to do next.
    private func answer(_ output: HiveProgram.Output) throws -> [JSONValue] {
        try output.lines.map { try JSONValue(parsing: $0) }
    }

    private func project() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write([], to: "Cargo.toml")
        return folder
    }

    @Test func `init makes what is missing, says so, and changes nothing the second time`()
        throws
    {
        let folder = try project()
        let first = try hive(folder, "init", "--json")
        #expect(first.exitCode == 0, "\(first)")
        let steps = try answer(first)
        let paths = steps.compactMap { $0["path"]?.stringValue }
        #expect(
            paths.prefix(6) == [
                ".gitignore", "sandbox/", "specs/rules.yaml", "agents/", ".config/hive/key.json",
                "specs/owner.pub",
            ]
        )
        #expect(paths.count == 8)
        #expect(paths.last == "specs/approval.json")
        #expect(steps.dropLast().allSatisfy { $0["action"] == "made" })
        #expect(steps.last?["next"]?.arrayValue?.first == "hive up --detach")
        let rules = folder.bytes("specs/rules.yaml")
        #expect(String(decoding: rules, as: UTF8.self).contains("  test: [cargo, test]\n"))

        let ignored = folder.bytes(".gitignore")
        let second = try answer(try hive(folder, "init", "--json"))
        #expect(second.dropLast().allSatisfy { $0["action"] == "kept" })
        #expect(folder.bytes("specs/rules.yaml") == rules)
        #expect(folder.bytes(".gitignore") == ignored)
    }

    @Test func `the line that init tells to echo is accepted by the daemon`() throws {
        let folder = try project()
        let steps = try answer(try hive(folder, "init", "--json"))
        let next = steps.last?["next"]?.arrayValue?.compactMap(\.stringValue) ?? []
        let echo = try #require(next.first { $0.hasPrefix("echo ") })
        let daemon = try DaemonUnderTest(in: folder)
        let shell = try Spawned.run("/bin/sh", ["-c", echo], in: folder.path)
        #expect(shell.exitCode == 0, "\(shell)")
        let verdict = try daemon.nextVerdict()
        #expect(verdict["verdict"] == "accepted", "\(verdict.text)")
        #expect(verdict["phase"] == "H")
        #expect(daemon.stop() == 0)
    }

    @Test func `a dry run says the same and makes nothing`() throws {
        let folder = try project()
        let output = try hive(folder, "init", "--dry-run", "--json")
        #expect(output.exitCode == 0)
        let steps = try answer(output)
        #expect(steps.count == 9)
        #expect(steps.dropLast().allSatisfy { $0["action"] == "made" && $0["dryRun"] == true })
        #expect(folder.bytes(".gitignore").isEmpty)
        #expect(folder.bytes("specs/rules.yaml").isEmpty)
        #expect(folder.bytes(".config/hive/key.json").isEmpty)
    }

    @Test func `people read one line a thing, and then what to type`() throws {
        let folder = try project()
        let output = try hive(folder, "init")
        #expect(output.exitCode == 0)
        let text = output.standardOutput
        let rules = text.split(separator: "\n").first { $0.hasPrefix("made  specs/rules.yaml  ") }
        #expect(rules?.hasSuffix("  test command: cargo test (Cargo.toml)") == true)
        #expect(text.contains("is in no git repository"))
        #expect(text.contains("\nnext:\n  hive up --detach\n  echo '{"))
        #expect(text.hasSuffix("\n  hive tasks\n  hive log -f\n"))
        let elsewhere = try HiveProgram.run(["init", folder.path], in: "/")
        #expect(elsewhere.standardOutput.contains("\nnext:\n  cd \(folder.path)\n"))
    }

    @Test func `what stands in the way is exit 3 before anything is made`() throws {
        let folder = try project()
        try folder.write([], to: "specs")
        let output = try hive(folder, "init")
        #expect(output.exitCode == 3)
        #expect(output.standardOutput.isEmpty)
        #expect(output.standardError.contains("/specs is no folder"))
        #expect(folder.bytes(".gitignore").isEmpty)
        #expect(try hive(folder, "init", "no/such/folder").exitCode == 3)
        #expect(try hive(folder, "init", "").exitCode == 2)
        #expect(try hive(folder, "init", "--overwrite").exitCode == 2)
    }
}
