import Testing

@testable import HiveKernel

/// Who is agreed with, and how surely.
@Suite struct QuorumTests {
    /// Voters `a`, `b`, …, each with its answer; an empty one abstains.
    private static func votes(
        _ answers: [String],
        models: [String] = ["m"],
        weight: Int = 500
    ) -> [Vote] {
        answers.enumerated().map { index, answer in
            Vote(
                voter: "agent-\(100 + index)",
                answer: AnswerForm(answer),
                model: models[index % models.count],
                weight: weight
            )
        }
    }

    @Test(arguments: 1...40)
    func `a quorum is more than two thirds, never two thirds`(voters: Int) {
        for agreeing in 1...voters {
            let answers = (0..<voters).map { $0 < agreeing ? "yes" : "other \($0)" }
            let decision = Quorum.decide(Self.votes(answers))
            #expect(decision.isMet == (3 * agreeing > 2 * voters), "\(agreeing) of \(voters)")
            #expect((agreeing >= decision.needed) == decision.isMet)
            #expect(3 * decision.tolerated + 1 <= voters)
            #expect(3 * (decision.tolerated + 1) + 1 > voters)
        }
    }

    @Test func `those who failed count in n, for nobody`() {
        let decision = Quorum.decide(Self.votes(["4", "4", "4", "4", "", ""]))
        #expect(decision.voters == 6)
        #expect(!decision.isMet, "4 of 6 are two thirds, not more")
        #expect(decision.abstainers == ["agent-104", "agent-105"])
        #expect(decision.confidenceThousandths == 0)
        #expect(Quorum.decide(Self.votes(["4", "4", "4", "4", "4", ""])).isMet)
    }

    @Test func `a tie, silence and no voter at all have no answer`() {
        for answers in [["a", "b"], ["a", "a", "b", "b"], ["", ""], []] {
            let decision = Quorum.decide(Self.votes(answers))
            #expect(decision.consensus == nil)
            #expect(decision.confidenceThousandths == 0)
            #expect(decision.dissenters.isEmpty)
        }
    }

    @Test func `heads without weight are no quorum`() {
        var votes = Self.votes(["a", "a", "a", "b"], weight: 100)
        votes[3].weight = 900
        #expect(!Quorum.decide(votes).isMet, "300 of 1200 by weight")
        votes[3].weight = 100
        #expect(Quorum.decide(votes).isMet)
    }

    @Test func `dissenters are named, the spelling is that of most`() throws {
        let decision = Quorum.decide(Self.votes(["Paris", "paris", "Paris", "PARIS", "Lyon"]))
        let consensus = try #require(decision.consensus)
        #expect(consensus.text == "Paris")
        #expect(consensus.voters == (0..<4).map { "agent-10\($0)" })
        #expect(decision.dissenters == ["agent-104"])
    }

    @Test(arguments: [
        (["04", "4", "4.0"], "4"), (["04", "04", "4"], "04"), (["1e-1", "0.1"], "0.1"),
        (["-0", "0"], "0"), (["1e3", "1000"], "1000"), (["1e3", "1,000"], "1e3"),
        (["４", "4"], "4"), (["yes, it is", "yes"], "yes"), (["Paris", "PARIS", "Paris"], "Paris"),
    ])
    func `the answer shown is written as most do, else as plainly as any`(
        answers: [String],
        shown: String
    ) throws {
        for order in [answers, answers.reversed()] {
            let decision = Quorum.decide(Self.votes(order))
            #expect(decision.consensus?.text == shown, "\(order)")
        }
    }

    @Test func `confidence falls with dissent, one model, and missing proof`() {
        let whole = Array(repeating: "a", count: 9)
        let sure = Quorum.decide(Self.votes(whole, models: ["x", "y", "z"], weight: 900))
        let dissent = Self.votes(whole.dropLast() + ["b"], models: ["x", "y", "z"], weight: 900)
        let others = [
            Quorum.decide(dissent),
            Quorum.decide(Self.votes(whole, weight: 900)),
            Quorum.decide(Self.votes(whole, models: ["x", "y", "z"])),
            Quorum.decide(Self.votes(whole, models: ["x", "y", "z"], weight: 200)),
        ]
        #expect(sure.confidenceThousandths == 800 * 891 / 1_000, "e = 9 · 400")
        for other in others {
            #expect(other.isMet)
            #expect(other.confidenceThousandths < sure.confidenceThousandths)
        }
        #expect(Quorum.decide(Self.votes(whole)).confidenceThousandths == 300, "600 × ½")
    }

    @Test func `probes give weights between never and always, and rates of both errors`() {
        var reliability = Reliability()
        #expect(reliability.thousandths == Reliability.unknownThousandths)
        #expect(reliability.falseAcceptThousandths == nil)
        reliability.note(isRight: true, answer: AnswerForm("Yes."))
        reliability.note(isRight: true, answer: AnswerForm("no"))
        reliability.note(isRight: false, answer: AnswerForm("true"))
        reliability.note(isRight: false, answer: AnswerForm("perhaps"))
        #expect(reliability.falseRejectThousandths == 500)
        #expect(reliability.falseAcceptThousandths == 500)
        #expect(reliability.undecided == 1)
        #expect(reliability.thousandths == 1_000 * 2 / 6)
        #expect(reliability.failsMost)
        for _ in 0..<5_000 { reliability.note(isRight: true, answer: AnswerForm("yes")) }
        #expect((1...999).contains(reliability.thousandths))
    }
}

/// What holds of every vote: the seed of a failing one is printed.
@Suite struct QuorumPropertyTests {
    private static let rounds = 600

    /// A vote of up to 20 voters who tend to agree.
    private static func votes(_ random: inout SeededGenerator) -> [Vote] {
        let spellings = ["Paris", "paris.", "PARIS", "Lyon", "Rome", "4", "4.0", "", "cafe\u{301}"]
        let agreeing = random.below(10)
        return (0..<random.below(20)).map { index in
            Vote(
                voter: "agent-\(index)",
                answer: AnswerForm(
                    random.below(10) < agreeing
                        ? random.pick(Array(spellings.prefix(3))) : random.pick(spellings)
                ),
                model: random.pick(["m1", "m2", "m3"]),
                weight: 1 + random.below(1_000)
            )
        }
    }

    private static func forEachVote(_ body: ([Vote], inout SeededGenerator, UInt64) throws -> Void)
        rethrows
    {
        let seed = testSeed()
        var random = SeededGenerator(seed: seed)
        for _ in 0..<rounds { try body(votes(&random), &random, seed) }
    }

    @Test func `the order of answers does not matter`() {
        Self.forEachVote { votes, random, seed in
            let decision = Quorum.decide(votes)
            let shuffled = Quorum.decide(votes.shuffled(using: &random))
            #expect(shuffled == decision, "seed \(seed)")
            let texts = decision.groups.map { Array($0.text.utf8) }
            #expect(shuffled.groups.map { Array($0.text.utf8) } == texts, "seed \(seed)")
        }
    }

    @Test func `an agreeing vote never lowers the standing of a consensus`() {
        Self.forEachVote { votes, random, seed in
            let before = Quorum.decide(votes)
            guard let consensus = before.consensus else { return }
            let agreeing = Vote(
                voter: "agent-new",
                answer: consensus.answer,
                model: random.pick(["m1", "m4"]),
                weight: 1 + random.below(1_000)
            )
            let after = Quorum.decide(votes + [agreeing])
            #expect(after.consensus?.answer == consensus.answer, "seed \(seed)")
            #expect(after.confidenceThousandths >= before.confidenceThousandths, "seed \(seed)")
        }
    }

    @Test func `confidence never exceeds 0.90, and no quorum is never an answer`() {
        Self.forEachVote { votes, _, seed in
            let decision = Quorum.decide(votes)
            #expect((0...900).contains(decision.confidenceThousandths), "seed \(seed)")
            let most = decision.groups.map(\.votes).max() ?? 0
            if 3 * most <= 2 * votes.count {
                #expect(decision.consensus == nil, "seed \(seed)")
                #expect(decision.confidenceThousandths == 0, "seed \(seed)")
            }
        }
        let models = (0..<2_000).map { "m\($0)" }
        let best = models.map {
            Vote(voter: $0, answer: AnswerForm("x"), model: $0, weight: 1_000)
        }
        #expect((890...900).contains(Quorum.decide(best).confidenceThousandths))
    }

    @Test func `liars within n ≥ 3f + 1 never win alone and never stop honest voters who agree`() {
        Self.forEachVote { votes, _, seed in
            let f = Quorum.decide(votes).tolerated
            guard f > 0 else { return }
            let lies = votes.enumerated().map { index, vote in
                let answer = AnswerForm(index < f ? "lie" : "truth")
                return Vote(voter: vote.voter, answer: answer, model: "m", weight: 500)
            }
            let decision = Quorum.decide(lies)
            #expect(decision.consensus?.answer == AnswerForm("truth"), "seed \(seed)")
            #expect(decision.dissenters.count == f, "seed \(seed)")
        }
    }

    @Test func `probes come from the seed, half of them right, and what they say is so`() throws {
        let seed = testSeed()
        var random = SplitMix64(seed: seed)
        var again = SplitMix64(seed: seed)
        for count in 0..<40 {
            let probes = Probe.statements(count, &random)
            #expect(probes == Probe.statements(count, &again), "seed \(seed)")
            let right = probes.filter(\.isRight).count
            #expect(abs(2 * right - count) <= 1, "seed \(seed)")
            for probe in probes {
                #expect(Self.truth(of: probe.question) == probe.isRight, "seed \(seed): \(probe)")
            }
        }
    }

    /// Works a probe's statement out from its words.
    private static func truth(of question: String) -> Bool? {
        let words = question.split { " :?".contains($0) }.map(String.init)
        guard let start = words.firstIndex(of: "right") else { return nil }
        let rest = Array(words[(start + 1)...])
        guard let left = Int(rest[0]) else { return nil }
        switch rest[1] {
        case "+": return Int(rest[2]).flatMap { right in Int(rest[4]).map { left + right == $0 } }
        case "-": return Int(rest[2]).flatMap { right in Int(rest[4]).map { left - right == $0 } }
        default:
            if rest[2] == "an" { return left % 2 == 0 }
            return rest.compactMap(Int.init).last.map { left > $0 }
        }
    }

    @Test func `a simulation is its seed's, and liars within bounds win nothing`() {
        let simulation = QuorumSimulation(
            trials: 50,
            seed: testSeed(),
            accuracyThousandths: 1_000,
            probes: 2
        )
        let rows = simulation.run()
        #expect(rows == simulation.run())
        for row in rows {
            let setting = row.setting
            #expect(row.trials == 50)
            #expect(row.accused == 0, "who is never wrong is never named")
            #expect(row.isWrong == 0, "seed \(simulation.seed): \(setting)")
            guard setting.voters >= 3 * setting.liars + 1 else { continue }
            #expect(row.isRight == row.trials, "seed \(simulation.seed): \(setting)")
            #expect(row.detected == row.liars)
        }
        let beyond = rows.filter { $0.setting.voters < 3 * $0.setting.liars + 1 }
        #expect(beyond.contains { $0.isRight < $0.trials }, "f beyond (n − 1) ÷ 3 stops the vote")
    }
}
