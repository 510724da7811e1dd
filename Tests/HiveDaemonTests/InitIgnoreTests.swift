import HiveTestKit
import Testing

@testable import HiveDaemon

/// The lines that keep hive's files out of a repository.
@Suite struct InitIgnoreTests {
    private static let all = [
        "/sandbox/obsidianblackboard.jsonl", "/sandbox/quarantine.jsonl",
        "/sandbox/pyre_audit.jsonl", "/sandbox/archive/", "/sandbox/.hive/",
    ]

    private func block(_ environment: [String: String] = [:]) throws -> IgnoreBlock {
        let settings = try Settings(
            flags: SettingsFlags(),
            environment: environment,
            workingDirectory: "/project"
        )
        return IgnoreBlock(settings: settings, folder: "/project")
    }

    @Test func `each of hive's files has a line of its own`() throws {
        let addition = try block().addition(to: "")
        #expect(addition == ([IgnoreBlock.title] + Self.all).joined(separator: "\n") + "\n")
    }

    @Test func `what stands elsewhere has its own line, or none outside of the folder`() throws {
        let inside = try block(["BLACKBOARD_PATH": "a b/x*.jsonl"])
        #expect(inside.missing(in: "").first == #"/a\ b/x\*.jsonl"#)
        #expect(inside.missing(in: "").contains(#"/a\ b/.hive/"#))
        let outside = try block(["BLACKBOARD_PATH": "/elsewhere/board.jsonl"])
        #expect(outside.addition(to: "").isEmpty)
    }

    @Test(arguments: [
        "/sandbox/", "sandbox/", "sandbox", "/sandbox", "/sandbox/*", "sandbox/**",
        "x\r\n/sandbox/ \r\n",
    ])
    func `a line that covers the folder is enough`(text: String) throws {
        #expect(try block().addition(to: text).isEmpty)
    }

    @Test(arguments: ["#/sandbox/", "!/sandbox/", "/sandbox2/", "sand", "/a/sandbox/", "a/sandbox"])
    func `a line that covers something else is not`(text: String) throws {
        #expect(try block().missing(in: text) == Self.all)
    }

    @Test func `what the user has stays, an open last line is ended first`() throws {
        let block = try block()
        #expect(block.addition(to: "target").hasPrefix("\n\n\(IgnoreBlock.title)\n/sandbox/"))
        #expect(block.addition(to: "target\n").hasPrefix("\n\(IgnoreBlock.title)\n/sandbox/"))
        let some = "sandbox/archive\nquarantine.jsonl\n.hive/\n"
        #expect(block.missing(in: some) == [Self.all[0], Self.all[2]])
    }

    @Test func `a block cut anywhere is completed, and a whole one stays`() throws {
        let block = try block()
        let user = "/target\r\n*.log"
        let whole = user + block.addition(to: user)
        for length in user.utf8.count...whole.utf8.count {
            let cut = String(decoding: Array(whole.utf8).prefix(length), as: UTF8.self)
            let mended = cut + block.addition(to: cut)
            #expect(mended.hasPrefix(user))
            #expect(mended.hasSuffix("\n") || mended == cut)
            #expect(block.missing(in: mended).isEmpty)
            #expect(block.addition(to: mended).isEmpty)
        }
        #expect(block.addition(to: whole).isEmpty)
    }
}
