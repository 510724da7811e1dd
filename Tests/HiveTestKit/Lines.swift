/// Lines for tests, as agents write them.
package enum Lines {
    /// A signal that passes the gates, without LF.
    package static func signal(
        _ phase: String,
        port: Int,
        message: String = "a message",
        type: String = "signal",
        generation: Int = 87,
        extra: String = ""
    ) -> String {
        """
        {"ts":"2025-12-29T10:00:00Z","mark":1.0,"pull":"downstream","msg":"\(message)",\
        "type":"\(type)","hive":"\(phase)","gen":\(generation),"port":\(port)\(extra)}
        """
    }

    /// One whole cycle of signals in the generation's own trace.
    package static let cycle = [
        signal("H", port: 7), signal("I", port: 1), signal("V", port: 2), signal("E", port: 3),
    ]

    /// A board with every kind of dirt that real agents have made: see `specs/signal.md`.
    ///
    /// Good lines stand next to UTF-16 ones with and without NUL spill, glued objects, bad UTF-8,
    /// CRLF, blank lines, odd types and local times.
    package static let dirtyBoard: [UInt8] = {
        var bytes: [UInt8] = []
        func text(_ line: String, _ end: String = "\r\n") { bytes += Array((line + end).utf8) }
        func wide(_ line: String, _ end: [UInt8]) {
            for unit in line.utf16 { bytes += [UInt8(unit & 0xFF), UInt8(unit >> 8)] }
            bytes += end
        }
        text(signal("H", port: 0, message: "HUNT: → first"))
        text(signal("V", port: 2, message: "too early"))
        text("")
        wide(signal("H", port: 0, message: "wide"), [0x0D, 0x00, 0x0A, 0x00])
        text(signal("I", port: 1, message: "after the spill"))
        wide(signal("I", port: 6, message: "wide again"), [0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x00])
        text(signal("I", port: 6, message: "after a mangled line end"), "\n")
        text(signal("V", port: 5, message: "with an odd end"), "\r\0\n\0")
        text(signal("H", port: 7, message: "one") + signal("H", port: 7, message: "two"))
        bytes += Array(signal("V", port: 2, message: "not ").utf8)
        bytes += [0xFF, 0xFE, 0x0A]
        text(signal("V", port: 2, message: "a handoff", type: "handoff"))
        text(signal("V", port: 2).replacing("Z\"", with: " +01:00\""))
        text("   \t")
        text(signal("E", port: 4, message: "red"), "\n")
        text(signal("X", port: 7, message: "handing off"))
        text(signal("H", port: 7, message: "next", generation: 88))
        text(signal("H", port: 7, message: "next cycle", extra: #","id":"a1""#))
        text(signal("H", port: 7, message: "again", extra: #","id":"a1""#))
        wide(signal("E", port: 3, message: "wide end"), [0x0D, 0x00, 0x0A, 0x00])
        wide(signal("E", port: 3, message: "wide twice"), [0x0D, 0x00, 0x0A])
        bytes.append(0x00)
        bytes.append(0x0A)
        text(signal("E", port: 3, message: "the first cycle's own"), "\n")
        text("{}", "\n")
        return bytes
    }()
}

extension String {
    fileprivate func replacing(_ old: String, with new: String) -> String {
        split(separator: old, omittingEmptySubsequences: false).joined(separator: new)
    }
}
