import Foundation
import HiveSignal
import HiveTestKit
import Testing

/// Each way round the hooks is tried in real repositories, and `specs/cheats.md` says what became
/// of it.
@Suite struct WaysRoundTests {
    /// A project that asks for evidence, at H, and a server that is pushed to; made once.
    private static let begun = Result {
        var repository = try HookedRepository(
            [
                WayRound.code: "def add(a, b):\n    return 0\n",
                ".claude/settings.json": #"{"hooks": {"PreToolUse": "hive guard check"}}"#,
            ],
            rules: "evidence: required\n",
            hooks: false
        )
        try repository.approve()
        try repository.serve()
        try repository.say("H", port: 7)
        return try repository.archive()
    }

    private static func begun(hooks: Bool) throws -> HookedRepository {
        let repository = try HookedRepository(begun.get())
        if hooks { try repository.install() }
        return repository
    }

    @Test(arguments: WayRound.all)
    func `a way round ends at once as the table says`(way: WayRound) throws {
        let repository = try Self.begun(hooks: true)
        let before = try repository.head()
        let output = try way.act(repository)
        switch way.atOnce {
        case .hook(let hook, let words):
            #expect(output.exitCode != 0, "\(output)")
            #expect(output.standardError.contains("hive: \(hook) refuses"), "\(output)")
            #expect(output.standardError.contains(words), "\(output)")
            #expect(try repository.head() == before)
        case .nothing:
            #expect(output.exitCode == 0, "\(output)")
        }
    }

    @Test(arguments: WayRound.all.filter { $0.pushed != nil })
    func `what got round the hooks is refused where it is pushed`(way: WayRound) throws {
        let repository = try Self.begun(hooks: false)
        let server = try #require(repository.server)
        let output = try way.act(repository)
        #expect(output.exitCode == 0, "there is nothing in its way here: \(output)")
        let own = try server.git("for-each-ref")
        let push = try repository.push(way.refs)
        #expect(push.exitCode != 0, "\(push)")
        #expect(push.standardError.contains("hive: pre-receive refuses the push"), "\(push)")
        #expect(push.standardError.contains(way.pushed ?? ""), "\(push)")
        #expect(try server.git("for-each-ref") == own, "nothing came in")
    }

    @Test func `honest work that was witnessed is let in`() throws {
        let project = try CheatDesk(.green).project
        let server = try TemporaryFolder()
        try server.git("init", "--quiet", "--bare", "--initial-branch", "main")
        let base = try project.folder.git("rev-parse", "HEAD~2").trimmed
        try project.folder.git("remote", "add", "origin", server.path)
        try project.folder.git("push", "--quiet", "origin", "\(base):refs/heads/main")
        #expect(try HiveProgram.run(["hook", "install"], in: server.path).exitCode == 0)
        let without = try Spawned.run(
            "/usr/bin/git",
            ["push", "--quiet", "--no-verify", "origin", "main"],
            in: project.folder.path
        )
        #expect(without.exitCode != 0, "the receipts are not there yet")
        #expect(try project.hive(["hook", "install"]).exitCode == 0)
        let push = try Spawned.run(
            "/usr/bin/git",
            ["push", "--quiet", "origin", "main"],
            in: project.folder.path,
            environment: ["HOME": project.home.path]
        )
        #expect(push.exitCode == 0, "pre-push takes the receipts along: \(push)")
        #expect(try server.git("rev-parse", "main") == project.folder.git("rev-parse", "main"))
    }

    /// Code that no test asked for, on `main`, past the hooks of the work tree.
    private static func evil(_ repository: HookedRepository) throws {
        try repository.stage([WayRound.code: "x = 1\n"])
        try repository.folder.git("-c", "core.hooksPath=/dev/null", "commit", "-qm", "feat: evil")
    }

    @Test func `a branch's own looser rules free no other branch of the same push`() throws {
        let repository = try Self.begun(hooks: false)
        try Self.evil(repository)
        try repository.shell(
            "git checkout -q --orphan z && git rm -rfq . && mkdir docs && echo a > docs/a.md && "
                + "git add docs && git commit -qm 'docs: a'"
        )
        _ = try repository.push(["z"])
        try repository.stage(["specs/rules.yaml": "mode: observe\n"])
        try repository.folder.git("commit", "-qm", "chore: rules")
        let push = try repository.push(["main", "z"])
        #expect(push.exitCode != 0)
        #expect(push.standardError.contains("no receipt of V"), "\(push)")
        #expect(push.standardError.contains("the owner has not approved it"), "\(push)")
    }

    @Test func `a branch without rules is judged by those of the first branch`() throws {
        let repository = try Self.begun(hooks: false)
        try repository.shell(
            "git checkout -q --orphan fresh && git rm -rfq . && echo a > a.md && git add a.md && "
                + "git commit -qm 'docs: a'"
        )
        let begun = try repository.push(["HEAD:refs/heads/old"])
        #expect(begun.exitCode == 0, "\(begun)")
        try repository.shell("echo x > evil.py; git add evil.py; git commit -qm 'feat: evil'")
        let push = try repository.push(["HEAD:refs/heads/old"])
        #expect(push.exitCode != 0 && push.standardError.contains("no receipt of V"), "\(push)")
    }

    @Test func `a server whose HEAD names no branch goes by one that has rules`() throws {
        let repository = try Self.begun(hooks: false)
        let server = try #require(repository.server)
        try server.git("symbolic-ref", "HEAD", "refs/heads/nowhere")
        try Self.evil(repository)
        let fresh = try repository.push(["main:refs/heads/new"])
        #expect(fresh.exitCode != 0 && fresh.standardError.contains("no receipt of V"), "\(fresh)")
        let gone = try repository.push([":refs/heads/main"])
        #expect(gone.standardError.contains("is the branch whose rules hold here"), "\(gone)")
    }

    @Test func `a rule book that cannot be read does not come in, and its mend does`() throws {
        var repository = try HookedRepository(hooks: false)
        try repository.serve()
        try repository.stage(["specs/rules.yaml": "mode: [\n"])
        try repository.folder.git("commit", "-qm", "chore: rules")
        let push = try repository.push(["main"])
        #expect(push.exitCode != 0 && push.standardError.contains("rule book"), "\(push)")
        let server = try #require(repository.server)
        try server.git("fetch", "--quiet", repository.folder.path, "main:main")
        try repository.install()
        let mend = ["specs/rules.yaml": "reactions: {enabled: false}\n"]
        #expect(try repository.commit("chore: mend", mend).exitCode == 0)
        let mended = try repository.push(["main"])
        #expect(mended.exitCode == 0, "\(mended)")
    }

    @Test func `work and its receipts may come in one push`() throws {
        let project = try CheatDesk(.green).project
        let server = try TemporaryFolder()
        try server.git("init", "--quiet", "--bare", "--initial-branch", "main")
        let base = try project.folder.git("rev-parse", "HEAD~2").trimmed
        try project.folder.git("remote", "add", "origin", server.path)
        try project.folder.git("push", "--quiet", "origin", "\(base):refs/heads/main")
        #expect(try HiveProgram.run(["hook", "install"], in: server.path).exitCode == 0)
        try project.folder.git("push", "--quiet", "origin", "main", "refs/notes/hive")
    }

    @Test func `pre-push says what would be refused, before anything is sent`() throws {
        let repository = try Self.begun(hooks: true)
        try repository.stage([WayRound.code: "x = 1\n"])
        try repository.folder.git("-c", "core.hooksPath=/dev/null", "commit", "-qm", "feat: add")
        let push = try repository.push(["main"])
        #expect(push.exitCode != 0)
        #expect(push.standardError.contains("hive: pre-push refuses the push"), "\(push)")
        #expect(!push.standardError.contains("pre-receive"), "\(push)")
    }

    @Test func `specs/cheats.md has a row for each way round, as it ends`() throws {
        if ProcessInfo.processInfo.environment["HIVE_RENEW"] == "1" {
            try CheatTable(CheatTable.waysRound).write(WayRound.all.map(\.row))
        }
        let told = try CheatTable(CheatTable.waysRound).rows
        #expect(
            told == WayRound.all.map(\.row),
            "renew the table: HIVE_RENEW=1 swift test --filter WaysRoundTests"
        )
        #expect(Set(WayRound.all.map(\.name)).count == WayRound.all.count)
    }
}
