import Foundation
import HiveSignal
import HiveTestKit
import Testing

@testable import HiveDaemon

/// Hooks beside those that are there already.
@Suite struct HookInstallTests {
    /// Each file of a folder with its mode and bytes.
    private static func picture(of path: String) throws -> [String: [UInt8]] {
        var picture: [String: [UInt8]] = [:]
        let files = FileManager.default.enumerator(atPath: path)
        while let name = files?.nextObject() as? String {
            var status = stat()
            guard lstat("\(path)/\(name)", &status) == 0, status.st_mode & S_IFMT != S_IFDIR else {
                continue
            }
            let bytes = FileManager.default.contents(atPath: "\(path)/\(name)") ?? Data()
            picture["\(name) \(status.st_mode)"] = Array(bytes)
        }
        return picture
    }

    @Test func `install and uninstall leave the folder as it was, byte for byte`() throws {
        let repository = try HookedRepository(hooks: false)
        let hooks = repository.folder.at(".git/hooks")
        let script = "#!/bin/sh\necho earlier $(basename \"$0\")\n"
        try repository.folder.write(Array(script.utf8), to: ".git/hooks/pre-commit")
        chmod("\(hooks)/pre-commit", 0o755)
        let before = try Self.picture(of: hooks)
        try repository.install()
        #expect(try Self.picture(of: hooks) != before)
        try repository.install()
        let output = try repository.hive("hook", "uninstall")
        #expect(output.exitCode == 0, "\(output)")
        #expect(try Self.picture(of: hooks) == before)
        #expect(try repository.hive("hook", "uninstall").standardOutput.contains("no hooks"))
    }

    @Test(arguments: ["#!/bin/sh", "#!/usr/bin/env bash", "#!/bin/bash", "#!/usr/bin/python3"])
    func `a hook that was there runs first, under its own name, and can refuse`(shebang: String)
        throws
    {
        let repository = try HookedRepository(hooks: false)
        let isPython = shebang.hasSuffix("python3")
        let body =
            isPython
            ? "import os, sys\nprint('earlier')\nsys.exit(os.path.exists('stop'))\n"
            : "echo \"earlier $(basename \"$0\") $#\"\n[ ! -e stop ]\n"
        try repository.folder.write(Array("\(shebang)\n\(body)".utf8), to: ".git/hooks/pre-commit")
        chmod(repository.folder.at(".git/hooks/pre-commit"), 0o755)
        try repository.install()
        try repository.say("H", port: 7)
        let passed = try repository.commit("docs: a", ["a.md": "a\n"])
        #expect(passed.exitCode == 0, "\(passed)")
        let said = passed.standardOutput + passed.standardError
        #expect(said.contains(isPython ? "earlier" : "earlier pre-commit 0"), "\(said)")
        let refused = try repository.commit("feat: b", ["b.py": "b\n"])
        #expect(refused.exitCode == 1 && refused.standardError.contains("b.py"))
        try repository.folder.git("reset", "--quiet")
        try repository.folder.write([], to: "stop")
        #expect(try repository.commit("docs: c", ["c.md": "c\n"]).exitCode == 1)
    }

    @Test func `a pre-push hook that was there reads what git tells it, too`() throws {
        var repository = try HookedRepository(hooks: false)
        try repository.serve()
        let script = "#!/bin/sh\ncat > seen\n"
        try repository.folder.write(Array(script.utf8), to: ".git/hooks/pre-push")
        chmod(repository.folder.at(".git/hooks/pre-push"), 0o755)
        try repository.install()
        try repository.say("H", port: 7)
        try repository.stage(["a.md": "a\n", ".git/info/exclude": "seen\n"])
        #expect(try repository.commit("docs: a").exitCode == 0)
        let output = try repository.git("push", "origin", "main")
        #expect(output.exitCode == 0, "\(output)")
        let seen = String(decoding: repository.folder.bytes("seen"), as: UTF8.self)
        #expect(seen.hasPrefix("refs/heads/main \(try repository.head())"), "\(seen)")
    }

    @Test func `core.hooksPath inside the repository is used, one outside is refused`() throws {
        let repository = try HookedRepository(hooks: false)
        try repository.folder.git("config", "core.hooksPath", ".own hooks")
        try repository.install()
        #expect(FileManager.default.fileExists(atPath: repository.folder.at(".own hooks/pre-push")))
        try repository.folder.git("config", "core.hooksPath", "/tmp/elsewhere")
        let output = try repository.hive("hook", "install")
        #expect(output.exitCode == 1)
        #expect(output.standardError.contains("git config core.hooksPath .git/hooks"))
    }

    @Test func `a script of husky's, which tells its work from its name, goes on working`() throws {
        let repository = try HookedRepository(hooks: false)
        // As husky 9 lays it out.
        let helper = """
            #!/usr/bin/env sh
            n=$(basename "$0")
            s=$(dirname "$(dirname "$0")")/$n
            [ ! -f "$s" ] && exit 0
            sh -e "$s" "$@"
            exit $?

            """
        try repository.folder.writeFiles([
            ".husky/_/h": helper,
            ".husky/_/pre-commit": "#!/usr/bin/env sh\n. \"$(dirname \"$0\")/h\"",
            ".husky/pre-commit": "echo husky ran\n",
            ".husky/_/.gitignore": "*",
        ])
        chmod(repository.folder.at(".husky/_/pre-commit"), 0o755)
        try repository.folder.commitAll("chore: husky")
        try repository.folder.git("config", "core.hooksPath", ".husky/_")
        let before = try Self.picture(of: repository.folder.at(".husky"))
        try repository.install()
        try repository.say("H", port: 7)
        let output = try repository.commit("docs: a", ["a.md": "a\n"])
        #expect(output.exitCode == 0, "\(output)")
        #expect((output.standardOutput + output.standardError).contains("husky ran"), "\(output)")
        // It writes its scripts anew on every install of packages.
        try repository.hive("hook", "uninstall")
        #expect(try Self.picture(of: repository.folder.at(".husky")) == before)
    }

    @Test func `a long hook comes back whole, with hive's script gone or not`() throws {
        let repository = try HookedRepository(hooks: false)
        let hook = ".git/hooks/pre-commit"
        let script = Array(("#!/bin/sh\n" + String(repeating: "# x\n", count: 20_000)).utf8)
        for isGone in [false, true] {
            try repository.folder.write(script, to: hook)
            try repository.install()
            if isGone { unlink(repository.folder.at(hook)) }
            #expect(try repository.hive("hook", "uninstall").exitCode == 0)
            #expect(repository.folder.bytes(hook) == script)
        }
    }

    @Test func `a repository with files can be a server, too`() throws {
        let server = try HookedRepository(hooks: false)
        #expect(try server.hive("hook", "install", "--server").exitCode == 0)
        try server.folder.git("config", "receive.denyCurrentBranch", "updateInstead")
        let clone = try TemporaryFolder()
        try clone.git("clone", "--quiet", server.folder.path, ".")
        try clone.writeFiles(["a.md": "a\n"])
        try clone.commitAll("docs: a")
        #expect(try server.git("push", "origin", "HEAD", in: clone.path).exitCode == 0)
        try clone.writeFiles(["b.md": "b\n"])
        try clone.commitAll("docs: b [skip ci]")
        #expect(try server.git("push", "origin", "HEAD", in: clone.path).exitCode != 0)
    }

    @Test func `a script that another tool wrote over hive's is left, and said`() throws {
        let repository = try HookedRepository(hooks: false)
        let hook = ".git/hooks/pre-commit"
        try repository.folder.write(Array("#!/bin/sh\n# old\n".utf8), to: hook)
        try repository.install()
        try repository.folder.write(Array("#!/bin/sh\n# new\n".utf8), to: hook)
        #expect(try repository.hive("hook", "install").exitCode == 1)
        let output = try repository.hive("hook", "uninstall")
        #expect(output.standardOutput.contains("keep one of the two"), "\(output)")
        #expect(repository.folder.bytes(hook) == Array("#!/bin/sh\n# new\n".utf8))
    }

    @Test(arguments: HookName.allCases)
    func `hooks/ has the same scripts, for who copies them`(name: HookName) throws {
        let root = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        let path = "\(root)/hooks/\(name.rawValue)"
        let bytes = try #require(FileManager.default.contents(atPath: path))
        #expect(String(decoding: bytes, as: UTF8.self) == HookScript.text(name, program: "hive"))
        #expect(access(path, X_OK) == 0)
    }
}
