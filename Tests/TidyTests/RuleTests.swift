import Testing

/// Each rule against small texts that break it and that only look so.
struct RuleTests {
    private func lines(
        _ rule: (SourceFile) -> [Finding],
        _ text: String,
        path: String = "Sources/HiveKernel/A.swift"
    ) -> [Int] {
        rule(SourceFile(path: path, text)).map(\.line)
    }

    @Test func `comments, literals and code are told apart`() {
        let text = SourceText(
            #"""
            let a = "x // y" // "z"
            /* one /* two */ still
            */ let b = #"raw " \n"#
            let c = "\(d("in") + e) f"
            func `a "name" // here`() {}
            """#
        )
        let code = text.lines.map { $0.code.split(separator: " ").joined(separator: " ") }
        #expect(code[0] == "let a = \" \"")
        #expect(code[1] == "")
        #expect(code[2] == "let b = #\" \"#")
        #expect(code[3] == "let c = \" d(\" \") + e \"")
        #expect(code[4] == "func ` `() {}")
        #expect(text.lines.map { !$0.comment.isEmpty } == [true, true, true, false, false])
    }

    @Test func `a literal of several lines is no code`() {
        let quotes = "\"\"\""
        let text = "let a = \(quotes)\n  try! x \"y\"\n  \(quotes)\nb!\n"
        #expect(lines(LineRules.forcing, text) == [4])
    }

    @Test func `imports are held to the room's row`() {
        let text =
            "import Foundation\npackage import HiveSignal\n@testable import struct Glibc.stat\n"
        #expect(lines(ImportTable.findings, text) == [1, 3])
        #expect(lines(ImportTable.findings, text, path: "Tests/HiveKernelTests/A.swift") == [])
        #expect(lines(ImportTable.findings, text, path: "Sources/Attic/A.swift") == [1])
        let finding = ImportTable.findings(
            in: SourceFile(path: "Sources/hive/A.swift", "import GRDB")
        )
        #expect(
            finding.first?.description.hasPrefix("Sources/hive/A.swift:1: imports GRDB; ") == true
        )
    }

    @Test func `sleeping is found by its call`() {
        let text = """
            try await Task.sleep(for: .seconds(1))
            usleep(3)
            let asleep = isAsleep(now)
            // sleep(1)
            Thread.sleep(forTimeInterval: 1)
            let sleep = (1, 2)
            """
        #expect(lines(LineRules.sleeping, text) == [1, 2, 5])
    }

    @Test func `forcing is told from negation and inequality`() {
        let text = """
            let a = try! b()
            let c = d as! E
            if !f, g != h, i(!j) {}
            let k: Int!
            let l = m[0]! + n()!
            #if !DEBUG
            """
        #expect(lines(LineRules.forcing, text) == [1, 2, 4, 5])
    }

    @Test func `traps and notes to oneself are found, literals passed over`() {
        #expect(lines(LineRules.trapping, "fatalError()\nlet a = \"fatalError\"") == [1])
        #expect(lines(LineRules.postponing, "// TODO: a\nlet b = \"XXX\"\n// FIXMEUP") == [1])
    }

    @Test func `only the kernel may not wait`() {
        let text = "func a() async {}\nlet asynchronous = 1\nawait b()"
        #expect(lines(LineRules.waiting, text) == [1, 3])
        #expect(lines(LineRules.waiting, text, path: "Sources/HiveDaemon/A.swift") == [])
    }

    @Test func `unsafe sharing wants a reason within three lines above`() {
        let text = """
            struct A: @unchecked Sendable {}


            nonisolated(unsafe) var b = 1  // Written before the threads start.
            // Guarded by the lock.


            struct C: @unchecked Sendable {}
            struct D: @unchecked Sendable {}
            """
        #expect(lines(LineRules.unexplained, text) == [1, 9])
    }

    @Test func `only what cannot be broken may be wider than 100 columns`() {
        let wide = String(repeating: "w", count: 99)
        let text =
            "let \(wide)\nlet a = \"\(wide)\"\n// https://\(wide)\n// \(wide)\nf(\"a\", \(wide))"
        #expect(lines(LineRules.overflowing, text) == [1, 4, 5])
        let fitting = String(repeating: "é", count: 100)
        #expect(lines(LineRules.overflowing, fitting) == [])
    }

    @Test func `tabs and white space at line ends are found`() {
        #expect(lines(LineRules.blanks, "a\tb\nc \nd\r\ne") == [1, 2, 3])
    }

    @Test func `long files and functions are found, and where`() {
        let body = String(repeating: "    work()\n", count: 69)
        let long = "func a(\n    b: () -> Void = {}\n) {\n\(body)}\n"
        #expect(lines(LengthRules.longFunctions, "\n" + long) == [2])
        #expect(lines(LengthRules.longFunctions, "func a() {\n\(body.dropLast(11))}\n") == [])
        #expect(lines(LengthRules.longFunctions, "package init() {\n\(body)}\n") == [1])
        #expect(lines(LengthRules.longFunctions, "x.init {\n\(body)}\n") == [])
        let many = String(repeating: "a\n", count: 501)
        #expect(lines(LengthRules.longFiles, many) == [501])
        #expect(lines(LengthRules.longFiles, String(many.dropLast(2))) == [])
    }

    @Test func `a declaration without a body borrows none`() {
        let body = String(repeating: "    work()\n", count: 80)
        let text =
            "protocol P {\n    func a() -> Int\n    var b: Int { get }\n}\nclass C {\n\(body)}\n"
        #expect(LengthRules.functions(in: SourceText(text)) == [])
    }
}
