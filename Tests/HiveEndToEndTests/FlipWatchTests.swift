import Glibc
import HiveSignal
import HiveTestKit
import Testing

/// Who keeps the old file open wakes the daemon too: nobody has to ask it anything.
@Suite struct FlipWatchTests {
    private func line(_ generation: Int, _ message: String) -> [UInt8] {
        Array((Lines.signal("H", port: 7, message: message, generation: generation) + "\n").utf8)
    }

    @Test func `a late line alone wakes the daemon, and so does the next on the board`() throws {
        let daemon = try DaemonUnderTest(in: TemporaryFolder())
        let folder = daemon.folder
        let path = folder.at(DaemonTests.board)
        let old = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
        defer { close(old) }
        #expect(try daemon.hive("flip", "--json", "nothing to say").exitCode == 0)
        for (number, message) in ["late", "later"].enumerated() {
            let bytes = line(87, message)
            #expect(write(old, bytes, bytes.count) == bytes.count)
            let verdict = try daemon.nextVerdict()
            #expect(verdict["msg"] == .string(message))
            #expect(verdict["sequence"] == .integer(Int64(number) + 1))
        }
        try folder.append(line(88, "fresh"), to: DaemonTests.board)
        #expect(try daemon.nextVerdict()["msg"] == "fresh")
        #expect(daemon.stop() == 0)
    }
}
