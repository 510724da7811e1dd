import Glibc

/// What of the machine is around a run, whatever the tree: the system, the toolchains, and what the
/// rules let it read.
struct Surroundings: Sendable {
    /// Where things are as a program in the sandbox sees them.
    static let tree = "/witness/tree"
    static let home = "/witness/home"
    static let report = "/witness/report"

    let toolchains: Toolchains
    let mounts: [SandboxPlan.Mount]

    /// Secrets of the system itself, which root could read.
    private static let covered = [
        "/etc/shadow", "/etc/shadow-", "/etc/gshadow", "/etc/gshadow-", "/etc/sudoers",
        "/etc/krb5.keytab", "/etc/ssh/ssh_host_rsa_key", "/etc/ssh/ssh_host_ecdsa_key",
        "/etc/ssh/ssh_host_ed25519_key", "/etc/machine-id", "/etc/environment",
    ]
    private static let coveredFolders = ["/etc/ssl/private", "/etc/sudoers.d", "/etc/wireguard"]

    /// The kernel's own switches, which are one for the whole machine: without any capability root
    /// may still write those of its files that it owns, in bubblewrap's `/proc` too.
    static let switches = [
        "/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus", "/proc/fs", "/proc/acpi",
        "/proc/scsi", "/proc/mtrr", "/proc/driver", "/proc/tty",
    ]

    /// Looks at the machine.
    ///
    /// `blank` is a folder with an empty file `file` and an empty folder `folder`, which cover what
    /// is not to be read; the `hidden` folders are never in view. Throws `missing` where the rules
    /// name a folder that is not there.
    init(
        readable: [String],
        environment: [String: String],
        hidden: [String],
        blank: String
    ) throws(WitnessError) {
        toolchains = Toolchains(environment: environment, hidden: hidden)
        var mounts: [SandboxPlan.Mount] = []
        for folder in Toolchains.systemFolders {
            if let target = Self.link(folder) {
                mounts.append(.link(to: target, at: folder))
            } else if ScratchFolder.isFolder(folder) {
                mounts.append(.readable(folder, at: folder))
            }
        }
        mounts += [.processes(at: "/proc"), .devices(at: "/dev")]
        mounts += Self.switches.filter { access($0, F_OK) == 0 }.map { .readable($0, at: $0) }
        // The outer folders first: a later mount covers what an earlier one has at its place.
        mounts += toolchains.folders.sorted().map { .readable($0, at: $0) }
        for folder in readable {
            guard folder.hasPrefix("/"), folder != "/", ScratchFolder.isFolder(folder) else {
                throw WitnessError(
                    .missing,
                    "the rules let runs read \(WitnessError.shown(folder)), which is no folder",
                    hint: "write absolute paths of folders into witness.readable, or take it out"
                )
            }
            mounts.append(.readable(folder, at: folder))
        }
        let files = Self.covered.filter { Self.exists($0) } + toolchains.covered
        mounts += files.map { .readable("\(blank)/file", at: $0) }
        mounts += Self.coveredFolders.filter(ScratchFolder.isFolder).map {
            .readable("\(blank)/folder", at: $0)
        }
        self.mounts = mounts
    }

    /// Names are looked up over the network with what is outside `/etc` on some systems.
    static let resolverFolder = "/run/systemd/resolve"

    /// The whole environment of a run: nothing of it is inherited.
    func variables(home: String, temporary: String) -> [String: String] {
        var variables = [
            "PATH": toolchains.path.joined(separator: ":"),
            "HOME": home,
            "TMPDIR": temporary,
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "USER": "hive",
            "LOGNAME": "hive",
            // Runners neither ask nor write snapshots then.
            "CI": "1",
            "CARGO_HOME": home + "/.cargo",
        ]
        variables.merge(toolchains.variables) { $1 }
        return variables
    }

    private static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// Where a symbolic link leads; nil: it is none.
    private static func link(_ path: String) -> String? {
        var target = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(path, &target, target.count)
        guard count > 0, count < target.count else { return nil }
        return String(
            validating: target[..<count].map { UInt8(bitPattern: $0) },
            as: UTF8.self
        )
    }
}
