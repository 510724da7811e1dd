import Glibc
import HiveSignal
import Testing

@testable import HiveConsole

/// What is said of the rules: moves, bisect, the budget and the rule book itself.
@Suite struct RenderingRulesTests {
    private static let pipe = Terminal(descriptor: -1)

    private func text(_ lines: [Line], on terminal: Terminal = pipe) -> [String] {
        lines.map { uncoloured($0.text(for: terminal)) }
    }

    private static func port(_ number: Int64, _ violations: [String]) -> JSONValue {
        [
            "port": .integer(number), "verdict": violations.isEmpty ? "accepted" : "quarantined",
            "violations": .array(violations.map { .string($0) }), "warnings": [], "cycle": 1,
        ]
    }

    /// A trace at H, asked about V: ports 2 and 5 lack the red, the others the phase too.
    private static let standing: JSONValue = [
        "traceId": "4bf9", "cycle": 1, "phase": "H", "reached": ["H"],
        "moves": [
            [
                "to": "V",
                "ports": .array(
                    (0..<8 as Range<Int64>).map { number in
                        let missing = ["SKIPPED_INTERLOCK", "REWARD_HACK"]
                        let owns = number == 2 || number == 5
                        return port(number, owns ? missing : missing + ["PORT_OUT_OF_PHASE"])
                    }
                ),
            ],
            ["to": "H", "ports": .array([port(0, []), port(7, [])])],
        ],
    ]

    // MARK: Moves

    @Test func `check sets each verdict beside its ports`() {
        let result: JSONValue = ["mode": "paired", "from": Self.standing, "trace": nil]
        let expected = [
            "V where a cycle stands at H, paired",
            "ports        verdict",
            "0 1 3 4 6 7  SKIPPED_INTERLOCK REWARD_HACK PORT_OUT_OF_PHASE",
            "2 5          SKIPPED_INTERLOCK REWARD_HACK",
        ]
        #expect(text(Rendering.check(result, on: Self.pipe)) == expected)
        #expect(!Rendering.isAllowed(result))
    }

    @Test func `in a narrow window the verdicts stand below`() throws {
        let result: JSONValue = ["mode": "paired", "from": Self.standing, "trace": nil]
        try withTerminal(columns: 40) { terminal in
            let lines = text(Rendering.check(result, on: terminal), on: terminal)
            let expected = [
                "V where a cycle stands at H, paired", "ports", "0 1 3 4 6 7",
                "  SKIPPED_INTERLOCK REWARD_HACK PORT_OUT_OF_PHASE", "2 5",
                "  SKIPPED_INTERLOCK REWARD_HACK",
            ]
            #expect(lines == expected)
        }
    }

    @Test func `a trace that stands elsewhere is told apart`() {
        var other = Self.standing.objectValue ?? [:]
        other["phase"] = "E"
        other["reached"] = ["H", "I", "V", "E"]
        other["moves"] = [["to": "V", "ports": .array([Self.port(2, [])])]]
        let result: JSONValue = [
            "mode": "paired", "from": Self.standing, "trace": .object(other),
        ]
        let lines = text(Rendering.check(result, on: Self.pipe))
        #expect(lines[5] == "trace 4bf9 does not stand there: E in cycle 1, reached H I V E")
        #expect(lines.last == "2      accepted")
        #expect(Rendering.isAllowed(result), "the trace's own answer counts")
        let same: JSONValue = ["mode": "paired", "from": Self.standing, "trace": Self.standing]
        let last = text(Rendering.check(same, on: Self.pipe)).last
        #expect(last == "trace 4bf9 stands there: it is told the same")
    }

    @Test func `phase is one table, wide and narrow`() throws {
        let result: JSONValue = ["mode": "paired", "from": nil, "trace": Self.standing]
        let expected = [
            "trace   4bf9", "stands  H in cycle 1, reached H", "mode    paired", "",
            "next  ports", "V     nobody  SKIPPED_INTERLOCK REWARD_HACK", "H     0 7",
        ]
        #expect(text(Rendering.phase(result, on: Self.pipe)) == expected)
        try withTerminal(columns: 30) { terminal in
            let lines = text(Rendering.phase(result, on: terminal), on: terminal)
            let last = ["V     nobody", "  SKIPPED_INTERLOCK REWARD_HACK", "H     0 7"]
            #expect(lines.suffix(3) == last[...])
        }
    }

    // MARK: Bisect

    @Test func `bisect speaks in sentences of what was possible and what happened`() {
        let line: JSONValue = [
            "sequence": 3, "verdict": "quarantined", "phase": "E", "port": 3, "msg": "early",
            "gates": [], "violations": ["SKIPPED_VALIDATE"], "entry": nil,
        ]
        let found: JSONValue = [
            "violation": "SKIPPED_VALIDATE", "mode": "paired",
            "possibleAfter": [
                "sequence": 0, "line": 0, "signal": nil, "traceId": "4bf9", "phaseBefore": nil,
                "example": ["hive": "E", "port": 3],
            ],
            "first": ["sequence": 3, "line": 1_204, "signal": line],
        ]
        let lines = text(Rendering.bisect(found, on: Self.pipe))
        let start =
            "SKIPPED_VALIDATE was possible before any line: E from port 3 draws it where no cycle "
            + "has begun in trace 4bf9."
        #expect(lines[0] == start)
        #expect(lines[1] == "It first happened at line 1,204 (sequence 3):")
        #expect(lines[2].contains("E 3  SKIPPED_VALIDATE"))
        let never: JSONValue = [
            "violation": "LAZY_AI", "mode": "paired", "possibleAfter": nil, "first": nil,
        ]
        let expected = [
            "LAZY_AI was never possible here by these rules (paired).", "No line has drawn it.",
        ]
        #expect(text(Rendering.bisect(never, on: Self.pipe)) == expected)
    }

    // MARK: Rules and budget

    @Test func `the rule book is shown as it was read, line by line`() {
        let result: JSONValue = [
            "source": "specs/rules.yaml", "mode": "strict", "inPlace": "strict", "since": 1_200,
            "text": "# ours\n\nmode: paired\u{1B}[31m\n",
        ]
        let expected = [
            "rules  specs/rules.yaml", "mode   strict, in place of the book's",
            "since  offset 1,200", "", "# ours", "", "mode: paired\\u001b[31m",
        ]
        #expect(text(Rendering.rules(result)) == expected)
    }

    @Test func `the budget lines up what is spent and what is allowed`() {
        let result: JSONValue = [
            "hour": ["tasks": 12, "limit": 1_000], "open": ["tasks": 3, "limit": 3],
            "day": ["dollars": 0.425, "limit": 12.5], "waiting": 2, "running": 1, "done": 1_234,
            "unanswered": 0, "overBudget": 7,
        ]
        let expected = [
            "tasks in the last hour     12  of  1,000",
            "tasks open                  3  of      3",
            "dollars in 24 hours      0.43  of  12.50",
            "waiting                     2", "under way                   1",
            "answered                1,234", "without an answer           0",
            "over budget                 7",
        ]
        #expect(text(Rendering.budget(result)) == expected)
    }

    @Test(arguments: [
        (0.0, "0.00"), (0.07, "0.07"), (12.0, "12.00"), (-0.5, "-0.50"), (.infinity, "inf"),
    ])
    func `dollars have two digits after the point`(value: Double, text: String) {
        #expect(Format.dollars(value) == text)
    }
}
