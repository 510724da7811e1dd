import Glibc
import HiveProcess

/// Finds out, once for a process, which sandbox the machine lets hive have.
actor SandboxProbe {
    static let shared = SandboxProbe()

    private static let secondsMax = 30.0
    private static let outputBytesMax = 4_096

    private var kinds: [[String]: SandboxKind] = [:]

    func kind(entry: [String]) async -> SandboxKind {
        if let known = kinds[entry] { return known }
        var found = SandboxKind.unsandboxed
        for kind in [SandboxKind.bubblewrap, .namespaces]
        where await Self.works(kind, entry: entry) {
            found = kind
            break
        }
        kinds[entry] = found
        return found
    }

    /// Where bubblewrap is; not by `PATH`, on which somebody could put another.
    static var bubblewrap: String? {
        [
            "/usr/bin/bwrap", "/bin/bwrap", "/usr/local/bin/bwrap",
            "/run/current-system/sw/bin/bwrap",
        ]
        .first { access($0, X_OK) == 0 }
    }

    /// Runs `true` in one.
    static func works(_ kind: SandboxKind, entry: [String]) async -> Bool {
        var plan = SandboxPlan()
        for folder in Toolchains.systemFolders where ScratchFolder.isFolder(folder) {
            plan.mounts.append(.readable(folder, at: folder))
        }
        plan.mounts += [.processes(at: "/proc"), .devices(at: "/dev")]
        plan.mounts.append(.readable("/proc/sys", at: "/proc/sys"))
        guard let words = wrapper(kind, plan, entry: entry) else { return false }
        let command = Command(
            words: ["/usr/bin/env", "-i", "PATH=\(Toolchains.defaultPath)"] + words + ["true"],
            folder: "/",
            limits: Command.Limits(seconds: secondsMax, outputBytes: outputBytesMax)
        )
        guard let result = try? await CommandRunner.run(command) else { return false }
        return result.ending == .exited(0)
    }

    /// The words in front of a program's; nil where there is no such sandbox.
    static func wrapper(_ kind: SandboxKind, _ plan: SandboxPlan, entry: [String]) -> [String]? {
        switch kind {
        case .bubblewrap: bubblewrap.map(plan.bubblewrap)
        case .namespaces: entry.isEmpty ? nil : plan.namespaces(entry)
        case .unsandboxed: []
        }
    }
}
