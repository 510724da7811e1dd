import Foundation
import HiveTestKit
import Testing

@testable import HiveWitness

@Suite struct ToolchainsTests {
    private let home: TemporaryFolder

    init() throws { home = try TemporaryFolder() }

    private func find(_ path: [String], hidden: [String] = []) -> Toolchains {
        Toolchains(
            environment: ["HOME": home.path, "PATH": path.joined(separator: ":")],
            hidden: hidden
        )
    }

    @Test func `a toolchain in the home is bound with what belongs to it`() throws {
        try home.writeFiles([
            ".nvm/versions/node/v1/bin/node": "", ".pyenv/shims/python": "", ".tool/bin/x": "",
            "bin/mine": "", ".local/bin/uv": "", ".local/share/uv/x": "", ".local/share/keys/x": "",
        ])
        let path = [
            ".nvm/versions/node/v1/bin", ".pyenv/shims", ".tool/bin", "bin", ".local/bin", "none",
        ].map(home.at)
        let found = find(path + ["/usr/bin", "relative", "/usr/bin"])
        #expect(found.path == path.dropLast() + ["/usr/bin"])
        #expect(
            Set(found.folders)
                == Set(
                    [
                        ".nvm/versions/node/v1", ".pyenv", ".tool", "bin", ".local/bin",
                        ".local/share/uv",
                    ].map(home.at)
                )
        )
        #expect(found.variables == ["PYENV_ROOT": home.at(".pyenv")])
    }

    @Test func `rustup's programs get its toolchains, and cargo's keys stay hidden`() throws {
        try home.writeFiles([
            ".cargo/bin/rustup": "#!/bin/sh\n", ".cargo/credentials.toml": "token",
            ".rustup/settings.toml": "",
        ])
        #expect(chmod(home.at(".cargo/bin/rustup"), 0o755) == 0)
        let found = find([home.at(".cargo/bin")])
        #expect(Set(found.folders) == Set([".cargo/bin", ".rustup"].map(home.at)))
        #expect(found.variables["RUSTUP_HOME"] == home.at(".rustup"))
    }

    @Test func `credentials in a toolchain's folder are covered`() throws {
        try home.writeFiles([".tool/bin/x": "", ".tool/.npmrc": "token", ".tool/etc/npmrc": "x"])
        let found = find([home.at(".tool/bin")])
        #expect(Set(found.covered) == Set([".tool/.npmrc", ".tool/etc/npmrc"].map(home.at)))
    }

    @Test func `neither the home, nor what is hidden, nor what it is in comes into view`() throws {
        try home.writeFiles([
            "project/.venv/bin/python": "", "tools/cache/x": "", "tools/bin/x": "",
        ])
        let hidden = [home.at("project"), home.at("tools/cache")]
        let path =
            ["project/.venv/bin", "tools/bin", "tools", "."].map(home.at) + [home.path, "/"]
        let found = find(path, hidden: hidden)
        // The folder around `tools/bin` has something hidden in it: only the programs are bound.
        #expect(found.path == [home.at("tools/bin")])
        #expect(found.folders == [home.at("tools/bin")])
        #expect(find([home.path]).folders.isEmpty)
        #expect(find([]).path == Toolchains.defaultPath.split(separator: ":").map(String.init))
    }

    @Test func `a link to a version leads to the version`() throws {
        try home.writeFiles(["sdk/17/bin/java": ""])
        #expect(symlink("17", home.at("sdk/current")) == 0)
        let found = find([home.at("sdk/current/bin")])
        #expect(Set(found.folders) == Set(["sdk/17", "sdk/current"].map(home.at)))
    }

    @Test(arguments: Sandboxes.walled)
    func `programs of the home run in the room, and its keys do not`(
        kind: SandboxKind
    ) async throws {
        let tools = home.at(".tool/bin")
        try home.makeFolder(".tool/bin")
        _ = try home.writeScript(
            "echo tool; cat $(dirname $0)/../.npmrc ../.npmrc \(home.at("private"))",
            to: ".tool/bin/tool"
        )
        try home.writeFiles([".tool/.npmrc": "token\n", "private": "private\n"])
        var desk = try await RoomDesk(["a": "one"], kind)
        desk.room = CleanRoom(
            repository: desk.room.repository,
            rules: desk.room.rules,
            cacheFolder: desk.outside.at("cache"),
            environment: [
                "HOME": home.path, "PATH": "\(tools):/usr/bin:/bin",
                "TMPDIR": desk.outside.at("tmp"),
            ],
            entry: Sandboxes.entry ?? []
        )
        desk.room.sandbox = kind
        #expect(try await desk.run("tool 2>/dev/null").text == "tool\n")
    }

    @Test(arguments: Sandboxes.walled)
    func `what the rules let runs read is readable and not writable`(
        kind: SandboxKind
    ) async throws {
        try home.writeFiles(["data/file": "data\n"])
        let desk = try await RoomDesk(["a": "one"], kind, readable: [home.at("data")])
        let script = "cat \(home.at("data"))/file; echo x > \(home.at("data"))/file || echo refused"
        #expect(try await desk.run(script).text == "data\nrefused\n")
        let none = try await RoomDesk(["a": "one"], kind, readable: [home.at("none")])
        #expect(await witnessError { try await none.run("true") }?.code == .missing)
    }

    private static let own = ProcessInfo.processInfo.environment
    private static let cargo = "\(own["HOME"] ?? "")/.cargo/bin/cargo"
    private static let pyenv = "\(own["HOME"] ?? "")/.pyenv/shims/python3"

    private func version(_ words: String, _ kind: SandboxKind) async throws -> RoomRun {
        var desk = try await RoomDesk(["a": "one"], kind)
        var environment = Self.own.filter { ["PATH", "HOME", "RUSTUP_HOME"].contains($0.key) }
        environment["TMPDIR"] = desk.outside.at("tmp")
        desk.room = CleanRoom(
            repository: desk.room.repository,
            rules: desk.room.rules,
            cacheFolder: desk.outside.at("cache"),
            environment: environment,
            entry: Sandboxes.entry ?? []
        )
        desk.room.sandbox = kind
        return try await desk.run(words)
    }

    @Test(
        .enabled(if: access(cargo, X_OK) == 0, "there is no cargo by rustup in the home"),
        arguments: Sandboxes.walled
    )
    func `rustup's cargo works in the room`(kind: SandboxKind) async throws {
        let run = try await version(
            "cargo new --quiet x && cd x && cargo test --offline 2>&1",
            kind
        )
        #expect(run.run.exitCode == 0, "\(run.text) \(run.errorText)")
        #expect(run.text.contains("test result: ok"))
    }

    @Test(
        .enabled(if: access(pyenv, X_OK) == 0, "there is no Python by pyenv in the home"),
        arguments: Sandboxes.walled
    )
    func `pyenv's Python works in the room`(kind: SandboxKind) async throws {
        let run = try await version("python3 -c 'print(1 + 1)'", kind)
        #expect(run.text == "2\n", "\(run.errorText)")
    }
}
