// What the vote is worth, tried out
//
// Each voter that is honest gives the right answer with the chance `accuracyThousandths`, on the
// question and on each probe, and else one of the wrong answers. Independent liars always give a
// wrong answer, each one of its own choice, on probes too: they cannot tell them from the question.
// Colluding liars know the question: all give the same wrong answer to it, and answer probes as
// honest voters do. Voters are of one model, and none of that depends on another's draw but what
// colluding liars agreed on: real models err together more than that.

/// Trials of the vote against liars whose number is known.
package struct QuorumSimulation: Sendable {
    package enum Liars: String, Sendable, CaseIterable {
        case independent
        case colluding
    }

    /// How many voters and liars.
    package struct Setting: Sendable, Hashable {
        package var voters: Int
        package var liars: Int
        package var kind: Liars
    }

    /// What came of all trials of a setting.
    package struct Row: Sendable, Hashable {
        package var setting: Setting
        package var trials = 0
        /// The vote's answer was right, or wrong; else there was none.
        package var isRight = 0
        package var isWrong = 0
        /// Liars in all trials, and those that were named.
        package var liars = 0
        package var detected = 0
        /// Honest voters in all trials, and those that were named.
        package var honest = 0
        package var accused = 0
        /// More than half gave the right answer, or one wrong answer.
        package var majorityIsRight = 0
        package var majorityIsWrong = 0
        /// One voter, drawn from all, was wrong.
        package var singleIsWrong = 0
    }

    /// The sizes that are tried.
    package static let sizes = [4, 7, 10, 31]
    /// Wrong answers that a voter may give.
    package static let wrongAnswers = 3

    package var trials: Int
    package var seed: UInt64
    /// How often an honest voter is right, 0…1000.
    package var accuracyThousandths: Int
    /// Probes for each voter.
    package var probes: Int

    package init(trials: Int, seed: UInt64, accuracyThousandths: Int, probes: Int) {
        self.trials = trials
        self.seed = seed
        self.accuracyThousandths = accuracyThousandths
        self.probes = probes
    }

    /// Every size with no liar, one, … up to half of the voters; without a liar once.
    package static var settings: [Setting] {
        sizes.flatMap { voters in
            (0...voters / 2).flatMap { liars in
                Liars.allCases.prefix(liars == 0 ? 1 : Liars.allCases.count).map { kind in
                    Setting(voters: voters, liars: liars, kind: kind)
                }
            }
        }
    }

    /// Tries all settings; equal seeds give equal rows.
    package func run() -> [Row] { Self.settings.map(run) }

    /// Tries one setting, by a sequence of its own.
    package func run(_ setting: Setting) -> Row {
        let place = setting.voters << 16 | setting.liars << 1 | (setting.kind == .colluding ? 1 : 0)
        var mixer = SplitMix64(seed: UInt64(place))
        var random = SplitMix64(seed: seed ^ mixer.next())
        var row = Row(setting: setting)
        for _ in 0..<trials { tryOnce(setting, &random, &row) }
        return row
    }

    private static let answers = (0...wrongAnswers).compactMap { AnswerForm("answer \($0)") }
    private static let names = (0..<(sizes.max() ?? 0)).map { "agent-\($0)" }

    private func tryOnce(_ setting: Setting, _ random: inout SplitMix64, _ row: inout Row) {
        var votes: [Vote] = []
        var failsProbes = Set<String>()
        for index in 0..<setting.voters {
            let isLiar = index < setting.liars
            let reliability = reliability(lies: isLiar && setting.kind == .independent, &random)
            let name = Self.names[index]
            if reliability.failsMost { failsProbes.insert(name) }
            votes.append(
                Vote(
                    voter: name,
                    answer: Self.answers[choice(isLiar, setting.kind, &random)],
                    model: "model",
                    weight: reliability.thousandths
                )
            )
        }
        let decision = Quorum.decide(votes)
        row.trials += 1
        if let consensus = decision.consensus {
            if consensus.answer == Self.answers[0] { row.isRight += 1 } else { row.isWrong += 1 }
        }
        let named = failsProbes.union(decision.dissenters)
        let lying = Set(Self.names.prefix(setting.liars))
        row.liars += setting.liars
        row.detected += lying.intersection(named).count
        row.honest += setting.voters - setting.liars
        row.accused += named.subtracting(lying).count
        let majority = decision.groups.first { 2 * $0.votes > setting.voters }
        if let majority {
            let isRight = majority.answer == Self.answers[0]
            if isRight { row.majorityIsRight += 1 } else { row.majorityIsWrong += 1 }
        }
        if votes[random.below(votes.count)].answer != Self.answers[0] { row.singleIsWrong += 1 }
    }

    /// The place of a voter's answer; 0 is the right one.
    private func choice(_ isLiar: Bool, _ kind: Liars, _ random: inout SplitMix64) -> Int {
        let isRight = random.below(1_000) < accuracyThousandths
        let wrong = 1 + random.below(Self.wrongAnswers)
        guard isLiar else { return isRight ? 0 : wrong }
        return kind == .colluding ? 1 : wrong
    }

    private func reliability(lies: Bool, _ random: inout SplitMix64) -> Reliability {
        var reliability = Reliability()
        for probe in 0..<probes {
            let isRight = probe % 2 == 0
            let knows = random.below(1_000) < accuracyThousandths
            reliability.note(isRight: isRight, answer: Self.word(isRight == (knows && !lies)))
        }
        return reliability
    }

    private static let yes = AnswerForm("yes")
    private static let no = AnswerForm("no")

    private static func word(_ truth: Bool) -> AnswerForm? { truth ? yes : no }
}
