import Foundation
import HiveProcess
import HiveTestKit
import Testing

@testable import HiveWitness

@Suite struct CleanRoomTests {
    @Test(
        .enabled(if: Sandboxes.hasBubblewrap, "bubblewrap is not installed, or not allowed to work")
    )
    func `bubblewrap is found where it works`() async {
        #expect(await CleanRoom.probe() == .bubblewrap)
        #expect(await CleanRoom.probe(entry: Sandboxes.entry ?? []) == .bubblewrap)
    }

    @Test(.enabled(if: Sandboxes.hasNamespaces, "no C compiler, or namespaces are not allowed"))
    func `hive's own namespaces work`() async throws {
        let entry = try #require(Sandboxes.entry)
        #expect(await SandboxProbe.works(.namespaces, entry: entry))
        // A program that enters nothing is no sandbox.
        #expect(await !SandboxProbe.works(.namespaces, entry: ["/bin/false"]))
        #expect(await !SandboxProbe.works(.namespaces, entry: []))
    }

    @Test(arguments: Sandboxes.all)
    func `the tree is there, exact, and nothing of the folder is`(kind: SandboxKind) async throws {
        let desk = try await RoomDesk(["a": "one", "d/b": "two", ".gitignore": "*.o"], kind)
        try desk.folder.writeFiles(["a": "changed", "new": "", "x.o": ""])
        let run = try await desk.run("cat a d/b; ls -A . ..; ls -A $1; git status 2>&1 | head -1")
        #expect(run.text.hasPrefix("onetwo.:\n.gitignore\na\nd\n"))
        #expect(run.text.contains("fatal: not a git repository"))
        #expect(run.run.exitCode == 0)
        #expect(run.ending == .exited(0))
        #expect(run.run.reports.isEmpty)
        #expect(desk.leftovers.isEmpty)
    }

    @Test(arguments: Sandboxes.all)
    func `a run has its own few variables`(kind: SandboxKind) async throws {
        let desk = try await RoomDesk(["a": "one"], kind)
        let run = try await desk.room.withTree(try await desk.tree()) {
            place throws(WitnessError) in
            try await place.run { _ in
                RunnerInvocation(words: ["env"], environment: ["ADDED": "by the runner"])
            }
        }
        let names = run.text.split(separator: "\n").compactMap { $0.split(separator: "=").first }
        #expect(
            Set(names).subtracting(["PWD"]) == [
                "PATH", "HOME", "TMPDIR", "LANG", "TZ", "USER", "LOGNAME", "CI", "CARGO_HOME",
                "ADDED",
            ]
        )
        #expect(!run.text.contains(desk.outside.at("home")))
    }

    @Test(arguments: Sandboxes.walled)
    func `neither the home nor the repository is in view`(kind: SandboxKind) async throws {
        let desk = try await RoomDesk(["a": "one"], kind)
        try desk.outside.writeFiles(["home/marker": "private", "home/.ssh/id": "key"])
        try desk.folder.writeFiles(["untracked": "private"])
        let run = try await desk.run(
            """
            cat \(desk.outside.at("home/marker")) \(desk.outside.at("home/.ssh/id"))
            cat \(desk.folder.at("untracked")) \(desk.folder.at(".git/HEAD"))
            cat ~/marker; cat /etc/shadow; ls -A ~ | wc -l; ls /root /home
            """
        )
        #expect(run.text == "0\n")
        #expect(run.errorText.contains("No such file or directory"))
    }

    @Test(arguments: Sandboxes.walled)
    func `nothing outside can be written`(kind: SandboxKind) async throws {
        let desk = try await RoomDesk(["a": "one"], kind)
        let run = try await desk.run(
            """
            for place in / /usr /etc /witness /opt /dev/null/x /proc/sys/kernel; do
                touch $place/hive-was-here 2>/dev/null && echo wrote $place
            done
            mkdir -p \(desk.outside.path) 2>/dev/null && touch \(desk.outside.at("mark"))
            # Opened, and nothing written: the machine's own is at stake where that succeeds.
            for file in sys/kernel/core_pattern sys/vm/swappiness sysrq-trigger; do
                (exec 3>/proc/$file) && echo opened $file
            done
            mount -t tmpfs x /usr && echo mounted; unshare -m true && echo unshared
            touch ~/own $TMPDIR/own $1/own ./own /dev/shm/own && echo own
            """
        )
        #expect(run.text == "own\n")
        #expect(!desk.outside.names(in: ".").contains("mark"))
        #expect(Array(run.run.reports.keys) == ["own"])
    }

    @Test(arguments: Sandboxes.walled)
    func `a listener of the machine's is out of reach`(kind: SandboxKind) async throws {
        let listener = try Listener()
        let desk = try await RoomDesk(["a": "one"], kind)
        let script = "exec 3<>/dev/tcp/127.0.0.1/\(listener.port) && echo reached"
        #expect(try await desk.run(script).text.isEmpty)
        // The same words do reach it where there are no walls.
        var open = desk
        open.room.sandbox = .unsandboxed
        #expect(try await open.run(script).text == "reached\n")
    }

    @Test(arguments: Sandboxes.walled)
    func `a program's own listener works`(kind: SandboxKind) async throws {
        let desk = try await RoomDesk(["a": "one"], kind)
        let run = try await desk.run(
            "exec 3<>/dev/tcp/127.0.0.1/9; cat /sys/class/net/lo/operstate"
        )
        // Refused, and not unreachable: the loopback device is up.
        #expect(run.errorText.contains("Connection refused"))
    }

    @Test(arguments: Sandboxes.walled)
    func `whoever leaves the session or breeds is gone with the run`(
        kind: SandboxKind
    ) async throws {
        let desk = try await RoomDesk(["a": "one"], kind)
        try await desk.room.withTree(try await desk.tree()) { place throws(WitnessError) in
            let run = try await place.shell(
                """
                mkfifo pipe
                stay='exec 3<>pipe; trap "" TERM HUP INT; touch up$0; while :; do :; done'
                breed='for i in 1 2 3; do (setsid bash -c "$1" $0$i &) ; done'
                for i in 1 2 3; do setsid nohup bash -c "$breed" $i "$stay" & done
                until [ $(ls up* 2>/dev/null | wc -l) = 9 ]; do :; done
                echo all up
                """
            )
            #expect(run.text == "all up\n")
            // Without anybody who has it open for reading, a pipe cannot be opened for writing. The
            // kernel ends the last of a namespace by itself, and tells when the last reader goes.
            let tree = (place as? RoomWorkplace)?.treeFolder ?? ""
            let pipe = open("\(tree)/pipe", O_WRONLY | O_NONBLOCK | O_CLOEXEC)
            if pipe < 0 {
                #expect(errno == ENXIO)
            } else {
                var reader = pollfd(fd: pipe, events: 0, revents: 0)
                #expect(poll(&reader, 1, 300_000) == 1)
                #expect(reader.revents & Int16(POLLERR) != 0)
                close(pipe)
            }
        }
    }

    @Test(arguments: Sandboxes.all)
    func `time, output and memory have limits`(kind: SandboxKind) async throws {
        var limits = Command.Limits(seconds: 1, outputBytes: 1_000)
        let late = try await RoomDesk(["a": "one"], kind, limits: limits)
            .run("trap '' TERM; while :; do :; done")
        #expect(late.ending == .timedOut)
        #expect(late.run.exitCode == nil)
        limits.seconds = 120
        let loud = try await RoomDesk(["a": "one"], kind, limits: limits)
            .run("trap 'exit 0' TERM PIPE; yes")
        #expect(loud.run.output.count == 1_000)
        #expect(loud.run.exitCode == nil)
        limits.memoryBytes = 64 << 20
        let large = try await RoomDesk(["a": "one"], kind, limits: limits)
            .run("head -c 200000000 /dev/zero | tail -n 1 | wc -c; (ulimit -d; ulimit -c)")
        #expect(large.text == "0\n65536\n0\n")
    }

    @Test(arguments: Sandboxes.all)
    func `runs share the build and not the reports`(kind: SandboxKind) async throws {
        let desk = try await RoomDesk(["a": "one"], kind)
        try await desk.room.withTree(try await desk.tree()) { place throws(WitnessError) in
            #expect(place.sandbox == kind)
            let first = try await place.shell(
                "echo built > out; mkdir $1/sub; echo 1 > $1/a.xml; echo 2 > $1/sub/b; echo said"
            )
            #expect(first.run.reports == ["a.xml": "1\n".bytes, "sub/b": "2\n".bytes])
            #expect(first.text == "said\n")
            // SHA-256 of `said` and a line feed.
            #expect(
                first.digest == "14f3cba70f4dd8e17f76f6897ac4a8993aab0ce265ea401f8d4ea440272db9c6"
            )
            let second = try await place.shell("cat out; ls -A $1; echo no >&2; exit 3")
            #expect(second.text == "built\n")
            #expect(second.errorText == "no\n")
            #expect(second.run.exitCode == 3)
            #expect(second.run.reports.isEmpty)
            #expect(second.digest != first.digest)
        }
    }

    @Test(arguments: Sandboxes.all)
    func `a program that is not there is an error and no result`(kind: SandboxKind) async throws {
        let desk = try await RoomDesk(["a": "one"], kind)
        let error = await witnessError {
            try await desk.room.withTree(try await desk.tree()) { place throws(WitnessError) in
                try await place.run { _ in RunnerInvocation(words: ["no-such-program"]) }
            }
        }
        #expect(error?.message.hasPrefix("no-such-program did not start in the clean room") == true)
        #expect(desk.leftovers.isEmpty)
    }
}

/// A listener on the machine's own loopback device.
private final class Listener {
    let port: UInt16
    private let handle: Int32

    init() throws {
        let handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let answer = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(handle, generic, length) == 0 && listen(handle, 8) == 0
                    && getsockname(handle, generic, &length) == 0
            }
        }
        guard answer else {
            close(handle)
            throw TestKitError("no listener: errno \(errno)")
        }
        self.handle = handle
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit { close(handle) }
}
