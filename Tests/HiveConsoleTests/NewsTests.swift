import HiveSignal
import HiveTestKit
import Testing

@testable import HiveConsole

/// News, the prompt, and what the ports' view is made of.
@Suite struct NewsTests {
    private func line(
        _ sequence: Int64,
        _ phase: String,
        port: Int64 = 7,
        verdict: String = "accepted",
        mark: Double = 1,
        time: String = "2026-01-01T12:00:00Z",
        task: String? = nil
    ) -> JSONValue {
        [
            "sequence": .integer(sequence), "phase": .string(phase), "gen": 87,
            "port": .integer(port), "verdict": .string(verdict), "mark": .double(mark),
            "ts": .string(time), "type": "signal", "msg": "words",
            "task": task.map { .string($0) } ?? .null,
        ]
    }

    @Test func `so many lines a second, and then a count`() {
        var gate = NewsGate()
        #expect(gate.admit(15, now: 0) == 15)
        #expect(gate.untilDue(now: 0) == nil)
        #expect(gate.admit(15, andMore: 100, now: 400) == 5)
        #expect(gate.untilDue(now: 400) == 600)
        #expect(gate.takeDue(now: 999) == 0)
        #expect(gate.admit(3, now: 999) == 0)
        #expect(gate.takeDue(now: 1000) == 113)
        #expect(gate.untilDue(now: 1000) == nil)
        #expect(gate.admit(15, now: 1000) == 15)
    }

    @Test func `whatever comes is shown or counted`() {
        var random = SeededGenerator()
        let seed = random.seed
        var gate = NewsGate()
        var (now, came, shown, counted): (Int64, Int64, Int64, Int64) = (0, 0, 0, 0)
        for _ in 0..<2000 {
            now += Int64.random(in: 0...400, using: &random)
            counted += gate.takeDue(now: now)
            let count = Int.random(in: 0...30, using: &random)
            came += Int64(count)
            shown += Int64(gate.admit(count, now: now))
        }
        counted += gate.takeDue(now: now + NewsGate.windowMilliseconds)
        #expect(came == shown + counted, "HIVE_SEED=\(seed)")
    }

    @Test func `the prompt follows status, and then the news after it`() {
        let terminal = Terminal(descriptor: -1)
        func text(_ prompt: PromptState) -> String { prompt.line(on: terminal).text(for: terminal) }
        let gap = terminal.hasUnicode ? "·" : "-"
        let end = terminal.hasUnicode ? "›" : ">"

        var prompt = PromptState()
        prompt.take(status: [
            "generation": 87, "phase": "H", "mode": "strict", "unseen": 1, "sequence": 4,
            "tampered": .null,
        ])
        #expect(text(prompt) == "gen 87 \(gap) H \(gap) strict \(gap) 1 quarantined \(end) ")

        var news = News.Batch()
        news.lines = [
            line(4, "V", verdict: "quarantined"), line(5, "I"), line(6, "V", task: "t-87-0-2"),
            line(7, "V", verdict: "quarantined"),
        ]
        news.unkept = 3
        news.unkeptQuarantined = 2
        prompt.take(news)
        #expect(prompt.phase == "I")
        #expect(prompt.unseen == 4)
    }

    @Test func `a trail is the sum of its marks, halved each hour`() throws {
        let now = try #require(Timestamp(rfc3339: "2026-01-01T12:00:00Z"))
        let trails = Trails(
            lines: [
                line(0, "H", mark: 0.8, time: "2026-01-01T11:00:00Z"),
                line(1, "H", mark: 0.5),
                line(2, "V", port: 2, mark: 1, time: "2027-01-01T00:00:00Z"),
                line(3, "H", verdict: "quarantined"), line(4, "H", port: 9), line(5, "X"),
            ],
            now: now
        )
        #expect(abs(trails.cells[7][0].strength - 0.9) < 1e-9)
        #expect(trails.cells[2][2].strength == 1)
        #expect(trails.cells[0][0].lastSpeaker == nil)
        #expect(trails.hour[7] == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])
        #expect(trails.hour[2].last == 1)
    }

    @Test func `bars stand for shares, and nothing for nothing`() {
        #expect(Sparkline.text([0, 1, 4, 8], top: 8, unicode: true) == " ▁▄█")
        #expect(Sparkline.text([0, 1, 4, 8], top: 8, unicode: false) == " .=#")
        #expect(Sparkline.text([0, 0], top: 0, unicode: true) == "  ")
    }
}
