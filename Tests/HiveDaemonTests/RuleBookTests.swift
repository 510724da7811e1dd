import Glibc
import HiveKernel
import HiveSignal
import Testing

@testable import HiveDaemon

@Suite struct RuleBookTests {
    @Test func `the shipped rule book is the built-in one, byte for byte`() throws {
        let book = try RuleBook.load(path: Self.shipped)
        #expect(book.text == RuleBook.builtInText)
        #expect(book.rules == Rules())
        #expect(book.source == Self.shipped)
    }

    @Test func `without a file the built-in rules hold`() throws {
        let book = try RuleBook.load(path: nil)
        #expect(book.source == "built-in")
        #expect(book.text == RuleBook.builtInText)
        #expect(book.rules == Rules())
        #expect(try RuleBook.parse(text: book.text, file: "f") == book.rules)
    }

    @Test(arguments: ["", "# nothing\n", "---\n", "{}", "\u{FEFF}mode: paired\n"])
    func `every key is optional`(text: String) throws {
        #expect(try RuleBook.parse(text: text, file: "f") == Rules())
    }

    @Test func `every key acts`() throws {
        let text = """
            mode: "strict"
            mask: false
            generation: {minimum: 3}
            timestamps: {future_seconds: 0, staleness_seconds: 3600}
            envelope: {required: true}
            ports:
              owners: {E: [0, 1], V: [2, 3], I: [4, 5], H: [6, 7]}
              roaming: [3]
            reactions: {enabled: false, depth: 4, minimum_mark: 0.25, half_life_seconds: null}
            budget: {tasks_per_hour: 7, tasks_open: 2, dollars_per_day: 1.5}
            workers:
              exec: {command: [claude, "-p"], seconds: 5, memory_mib: 64, output_kib: 2}
            evidence: required
            witness:
              {test: [make, test], seconds: 6, memory_mib: 65, output_kib: 3, runner: tap,
              setup: [npm, ci], readable: [/opt/data], tests: ["t/**"], pinned: [a, b]}
            paths: {guarded: [g], interfaces: [i], docs: []}
            tools:
              names: {run: [sh]}
              default: block
              phases: {H: {allow: ["*"], block: []}, E: {block: [read]}}
            socket: {group: hive-users}
            """
        let rules = try RuleBook.parse(text: text, file: "f")
        var expected = Rules()
        expected.mode = .strict
        expected.masks = false
        expected.minimumGeneration = 3
        expected.futureSecondsMax = 0
        expected.stalenessSecondsMax = 3_600
        expected.requiresEnvelope = true
        expected.phaseOfPort = [
            .evolve, .evolve, .validate, .validate, .interlock, .interlock, .hunt, .hunt,
        ]
        expected.roamingPorts = Set([3].compactMap(Port.init(rawValue:)))
        expected.reactions.isEnabled = false
        expected.reactions.depthMax = 4
        expected.reactions.minimumMark = 0.25
        expected.reactions.halfLifeSeconds = nil
        expected.budget.tasksPerHour = 7
        expected.budget.tasksOpen = 2
        expected.budget.dollarsPerDay = 1.5
        expected.exec = CommandRule(seconds: 5, outputKibibytes: 2)
        expected.exec.words = ["claude", "-p"]
        expected.exec.memoryMebibytes = 64
        expected.test = CommandRule(seconds: 6, outputKibibytes: 3)
        expected.test.words = ["make", "test"]
        expected.test.memoryMebibytes = 65
        expected.evidence = .required
        expected.witness.runner = "tap"
        expected.witness.setup = ["npm", "ci"]
        expected.witness.readable = ["/opt/data"]
        expected.witness.tests = ["t/**"]
        expected.witness.pinned = ["a", "b"]
        expected.paths.guarded = ["g"]
        expected.paths.interfaces = ["i"]
        expected.paths.docs = []
        expected.actions.tools[.run] = [PathGlob("sh")]
        expected.actions.allowsUnnamed = false
        expected.actions.phases[.hunt] = ActionRules.PhaseRule(allow: ["*"], block: [])
        expected.actions.phases[.evolve]?.block = [PathGlob("read")]
        expected.socketGroup = "hive-users"
        #expect(rules == expected)
    }

    @Test func `a section with nothing in it but known keys keeps the other defaults`() throws {
        let rules = try RuleBook.parse(text: "ports: {roaming: []}\r\nmask: FALSE\r\n", file: "f")
        #expect(rules.roamingPorts.isEmpty)
        #expect(rules.phaseOfPort == Rules().phaseOfPort)
        #expect(!rules.masks)
    }

    @Test(arguments: RuleBookMistake.all)
    func `a mistake names file, line and key`(mistake: RuleBookMistake) throws {
        let error = try #require(throws: HiveError.self) {
            try RuleBook.parse(text: mistake.text, file: "rules.yaml")
        }
        #expect(error.exitCode == 2)
        #expect(error.message == "rules.yaml:" + mistake.message)
        #expect(!error.hint.isEmpty)
    }

    @Test(arguments: [
        "mode: [", "mode: \"strict", "\tmode: strict", "a: b: c", "mode: strict\n]", "@", "%X",
        "mode: *all", "mode: strict\n---\nmode: paired", "\"\n", "? [", "mode: strict\nmask",
        "mode: \u{7}", "&", "*", "!", "|", ">", "- - - -", "{", "}", ",", ":", "?", "-",
    ])
    func `what is no rule book is refused`(text: String) throws {
        let error = try #require(throws: HiveError.self) {
            try RuleBook.parse(text: text, file: "f")
        }
        #expect(error.exitCode == 2)
        let line = error.message.split(separator: ":").dropFirst().first.flatMap { Int($0) }
        #expect(try (1...3).contains(#require(line)))
    }

    @Test func `a bomb of aliases is refused before it unfolds`() throws {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...40 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(aliases)]\n"
        }
        let error = try #require(throws: HiveError.self) {
            try RuleBook.parse(text: text, file: "f")
        }
        #expect(error.message.hasPrefix("f:1: found an anchor"))
    }

    @Test(arguments: ["[", "{", "- ", "? ", "[[{a: "])
    func `nesting without end is refused`(unit: String) throws {
        let text = String(repeating: unit, count: 100_000)
        let error = try #require(throws: HiveError.self) {
            try RuleBook.parse(text: text, file: "f")
        }
        #expect(error.exitCode == 2)
    }

    @Test func `any cut of the shipped book is read or refused, never fatal`() {
        let bytes = Array(RuleBook.builtInText.utf8)
        for length in bytes.indices {
            let text = String(decoding: bytes[..<length], as: UTF8.self)
            do throws(HiveError) {
                _ = try RuleBook.parse(text: text, file: "f")
            } catch {
                #expect(error.exitCode == 2)
                #expect(error.message.hasPrefix("f:"))
            }
        }
    }

    @Test func `bytes changed at random are read or refused, never fatal`() {
        let seed = getenv("HIVE_SEED").flatMap { UInt64(String(cString: $0)) } ?? 0x5EED
        var state = seed
        let alphabet = Array("&*!|>'\"%@`#[]{},:?-~ \n\t\rnull0123456789é\u{0}".unicodeScalars)
        for round in 0..<2_000 {
            var scalars = Array(RuleBook.builtInText.unicodeScalars)
            for _ in 0..<4 {
                // Numerical Recipes' generator: enough to spread the edits, and it replays.
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let place = Int((state >> 33) % UInt64(scalars.count))
                scalars[place] = alphabet[Int((state >> 20) % UInt64(alphabet.count))]
            }
            var text = String.UnicodeScalarView()
            text.append(contentsOf: scalars)
            do throws(HiveError) {
                _ = try RuleBook.parse(text: String(text), file: "f")
            } catch {
                #expect(error.exitCode == 2, "HIVE_SEED=\(seed), round \(round)")
                #expect(error.message.hasPrefix("f:"), "HIVE_SEED=\(seed), round \(round)")
            }
        }
    }
}

// MARK: - Files

extension RuleBookTests {
    @Test func `a file that is not there cannot be read`() throws {
        let folder = try SettingsFolder()
        let error = try #require(throws: HiveError.self) {
            try RuleBook.load(path: folder.path + "/none.yaml")
        }
        #expect(error.exitCode == 3)
        #expect(
            error.message
                == "cannot read the rule book \(folder.path)/none.yaml: No such file or directory"
        )
        #expect(error.hint.contains("--rules"))
    }

    @Test func `a folder is no rule book`() throws {
        let folder = try SettingsFolder()
        let error = try #require(throws: HiveError.self) { try RuleBook.load(path: folder.path) }
        #expect(error.exitCode == 3)
        #expect(error.message == "cannot read the rule book \(folder.path): Is a directory")
    }

    @Test func `a file of a mebibyte is read, a byte more is not`() throws {
        let folder = try SettingsFolder()
        let comment = "#" + String(repeating: "x", count: RuleBook.bytesMax - 1)
        let path = try folder.write(Array(comment.utf8), to: "rules.yaml")
        #expect(try RuleBook.load(path: path).rules == Rules())
        _ = try folder.write(Array((comment + "x").utf8), to: "rules.yaml")
        let error = try #require(throws: HiveError.self) { try RuleBook.load(path: path) }
        #expect(error.exitCode == 2)
        #expect(error.message == "\(path): the rule book is larger than 1048576 bytes")
    }

    @Test func `a rule book in UTF-16 says so`() throws {
        let folder = try SettingsFolder()
        let path = try folder.write([0xFF, 0xFE, 0x6D, 0x00], to: "rules.yaml")
        let error = try #require(throws: HiveError.self) { try RuleBook.load(path: path) }
        #expect(error.exitCode == 2)
        #expect(error.message == "\(path): the rule book is not UTF-8")
    }

    /// The repository's `specs/rules.yaml`.
    private static let shipped: String = {
        let folders = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        return "/\(folders)/specs/rules.yaml"
    }()
}
