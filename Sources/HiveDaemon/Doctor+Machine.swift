import Glibc
import HiveSignal

// The machine under the board: clock, disk, inotify, and who holds lock and socket. Looking takes
// no lock and connects nowhere, so it never gets into the way of a daemon that is just starting.

extension Doctor {
    private static let clockSecondsMax: Int64 = 60
    /// 2025-01-01T00:00:00Z: no clock that is right says less, for hive is younger.
    private static let clockSecondsMin: Int64 = 1_735_689_600
    private static let freeBytesMin: Int64 = 100 << 20
    /// A daemon needs one instance and a handful of watches; below this others starve it.
    private static let inotifyInstancesMin: Int64 = 16
    private static let inotifyWatchesMin: Int64 = 1_024

    func machineFindings(status: JSONValue, _ machine: Machine) -> [Finding] {
        let daemon = status["daemon"]?["pid"]?.integerValue
        let holder = machine.lockHolder(settings.stateDirectory).map(Int64.init)
        var findings = [clock(machine)]
        findings += space
        findings.append(inotify(machine))
        findings += lock(holder, daemon: daemon)
        findings += socket(machine, holder, daemon: daemon)
        return findings
    }

    // MARK: Clock

    func clock(_ machine: Machine) -> Finding {
        let now = machine.now
        let shown = Timestamp(seconds: now.seconds).rfc3339
        guard now.seconds >= Self.clockSecondsMin else {
            return Finding(
                name: "clock",
                status: .failed,
                found: "the system's clock says \(shown)",
                cure: "sudo timedatectl set-ntp true"
            )
        }
        let traces = [
            (BoardEnd.newestTimestamp(of: settings.board)?.seconds, "the newest line's ts"),
            (BoardEnd.changeTime(of: settings.board), "the board's last change"),
        ]
        for case (let seconds?, let what) in traces {
            let ahead = seconds - now.seconds
            guard ahead > Self.clockSecondsMax else { continue }
            return Finding(
                name: "clock",
                status: .warning,
                found: "\(what) is \(ahead) s in the future: this clock or its writer's is wrong",
                cure: "date -u; to have it set: sudo timedatectl set-ntp true"
            )
        }
        return Finding(name: "clock", status: .ok, found: shown)
    }

    // MARK: Disk and watches

    private var space: [Finding] {
        var status = statvfs()
        let folder = Paths.folder(of: settings.board)
        guard statvfs(folder, &status) == 0 else { return [] }
        let free = Int64(clamping: status.f_bavail)
            .multipliedReportingOverflow(by: Int64(clamping: status.f_frsize))
        return [space(freeBytes: free.overflow ? .max : free.partialValue)]
    }

    func space(freeBytes: Int64) -> Finding {
        let folder = Paths.folder(of: settings.board)
        let mebibytes = freeBytes >> 20
        guard freeBytes >= Self.freeBytesMin else {
            return Finding(
                name: "disk",
                status: .warning,
                found: "only \(mebibytes) MiB are free at \(folder)",
                cure: "free some space; df -h \(ShellWord.quoted(folder)) shows the disk"
            )
        }
        return Finding(name: "disk", status: .ok, found: "\(mebibytes) MiB free")
    }

    func inotify(_ machine: Machine) -> Finding {
        let limits = [
            ("max_user_instances", Self.inotifyInstancesMin),
            ("max_user_watches", Self.inotifyWatchesMin),
        ]
        var found: [String] = []
        for (name, least) in limits {
            let path = "\(machine.processFolder)/sys/fs/inotify/\(name)"
            guard case .bytes(let bytes) = BoundedFile.read(path, bytesMax: 64),
                let limit = Int64(
                    String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
                )
            else { continue }
            guard limit >= least else {
                return Finding(
                    name: "inotify",
                    status: .warning,
                    found: "\(name) is \(limit): other programs may leave none to hive",
                    cure: "sudo sysctl fs.inotify.\(name)=\(least * 8)"
                )
            }
            found.append("\(name) \(limit)")
        }
        let text =
            found.isEmpty ? "its limits are not to be read here" : found.joined(separator: ", ")
        return Finding(name: "inotify", status: .ok, found: text)
    }

    // MARK: Lock and socket

    private func lock(_ holder: Int64?, daemon: Int64?) -> [Finding] {
        guard let holder, daemon == nil, holder != Int64(getpid()) else { return [] }
        return [
            Finding(
                name: "lock",
                status: .warning,
                found: "process \(holder) holds \(settings.lock), and no daemon answers",
                cure: "if it is no hive command at work (ps \(holder)), end it: kill \(holder)"
            )
        ]
    }

    private func socket(_ machine: Machine, _ holder: Int64?, daemon: Int64?) -> [Finding] {
        let path = settings.socketPath
        var status = stat()
        guard lstat(path, &status) == 0 else { return [] }
        func finding(_ result: Finding.Status, _ found: String, _ cure: String = "") -> [Finding] {
            [Finding(name: "socket", status: result, found: "\(path) \(found)", cure: cure)]
        }
        let word = ShellWord.quoted(path)
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            return finding(
                .failed,
                "is no socket, so no daemon can listen there",
                "mv \(word) \(word).old"
            )
        }
        guard status.st_uid == machine.user else {
            let isUsable = daemon != nil
            return finding(
                isUsable ? .ok : .warning,
                "belongs to user \(status.st_uid)",
                "let that user run hive up, or give this board a state folder of yours"
            )
        }
        guard daemon != nil else {
            // Whoever starts next takes its place; only a process that still holds the lock is
            // trouble, and the lock's finding says how to end it.
            let isLeft = holder == nil || holder == Int64(getpid())
            return finding(
                .ok,
                isLeft
                    ? "is left over from a daemon that is gone: hive up replaces it"
                    : "is there, and nobody answers; see lock"
            )
        }
        let mode = String(status.st_mode & 0o777, radix: 8)
        guard status.st_mode & 0o007 == 0 else {
            return finding(.warning, "has mode \(mode): anybody may reach it", "chmod 600 \(word)")
        }
        return finding(.ok, "has mode \(mode)")
    }
}

/// The last bytes of a board, for what its newest line says.
private enum BoardEnd {
    private static let bytesMax = 64 << 10

    /// The `ts` of the last line that has one.
    static func newestTimestamp(of path: String) -> Timestamp? {
        for line in bytes(of: path).split(separator: UInt8(ascii: "\n")).reversed() {
            guard let text = (try? JSONValue(parsing: Array(line)))?["ts"]?.stringValue else {
                continue
            }
            return Timestamp(rfc3339: text)
        }
        return nil
    }

    /// When the file was last written, in Unix seconds.
    static func changeTime(of path: String) -> Int64? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Int64(status.st_mtim.tv_sec)
    }

    private static func bytes(of path: String) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        let size = lseek(descriptor, 0, SEEK_END)
        var bytes = [UInt8](repeating: 0, count: bytesMax)
        let count = pread(descriptor, &bytes, bytesMax, max(0, size - off_t(bytesMax)))
        return Array(bytes.prefix(max(0, count)))
    }
}
