// The vote
//
// n counts every agent that could have voted: those that failed or said nothing are among them, for
// nobody. An answer is agreed on where more than two thirds of n gave it, and the same by weight.
// With f liars among n ≥ 3f + 1 voters, liars alone never reach that, and honest voters who agree
// always do. Else there is no answer.
//
// Confidence, in thousandths, is a product of three:
//
// - what one kind of model can be worth: 900 − 300 ÷ m for m different models among those who
//   agree. Voters of one model share its mistakes, so a hundred of them may be one mistake (600);
//   each further model that comes to the same takes its share of that away.
// - how many agree: the smaller of votes ÷ n and weight ÷ all weight.
// - what their probes prove: (e + 500) ÷ (e + 1000), where e adds up how far above a coin's 500
//   each of them is. Unmeasured agreement counts half.
//
// All three grow, or stay, with one more agreeing vote. Everything is a sum of integers, so the
// order of votes cannot matter.

/// One voter's answer.
package struct Vote: Sendable, Hashable {
    /// Its name; a voter votes once.
    package var voter: String
    /// Nil: it failed or said nothing.
    package var answer: AnswerForm?
    /// The model that it is.
    package var model: String
    /// Its measured reliability: 1…1000.
    package var weight: Int

    package init(voter: String, answer: AnswerForm?, model: String, weight: Int) {
        self.voter = voter
        self.answer = answer
        self.model = model
        self.weight = min(max(weight, 1), 1_000)
    }
}

/// What a vote came to.
package struct QuorumDecision: Sendable, Hashable {
    /// Those who gave one answer.
    package struct Group: Sendable, Hashable {
        package var answer: AnswerForm
        /// The writing that most of them gave; of equals the plainest: a number's plain digits,
        /// then the shortest, then the first by its bytes.
        package var text: String
        /// In order of their names.
        package var voters: [String]
        package var weight: Int
        package var models: Set<String>
        /// How far their probes are above a coin's, added up; thousandths.
        var proven: Int

        package var votes: Int { voters.count }
    }

    /// Every voter, those without an answer too.
    package var voters = 0
    package var weight = 0
    /// The strongest first: by votes, then weight, then the answer.
    package var groups: [Group] = []
    /// Those without an answer, in order of their names.
    package var abstainers: [String] = []
    /// True: the first group's answer is the vote's.
    package var isMet = false
    /// 0…900; 0 without a quorum.
    package var confidenceThousandths = 0

    /// What is agreed on; nil: nothing.
    package var consensus: Group? { isMet ? groups.first : nil }
    /// The votes that a quorum takes.
    package var needed: Int { Quorum.needed(of: voters) }
    /// The liars f that so many voters can tell from the rest: the largest with n ≥ 3f + 1.
    package var tolerated: Int { max(0, (voters - 1) / 3) }

    /// Those who gave another answer than the one agreed on, in order of their names.
    package var dissenters: [String] {
        isMet ? groups.dropFirst().flatMap(\.voters).sorted(by: Self.byBytes) : []
    }

    static func byBytes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}

/// The vote itself.
package enum Quorum {
    /// No answer is surer than this: SPEC §5's 0.90.
    package static let confidenceThousandthsMax = 900
    /// What voters of one model are short of it.
    private static let oneModelThousandths = 300
    /// What counts in place of proof where no probe was answered.
    private static let unprovenThousandths = 500

    /// The votes that a quorum takes among so many voters: more than two thirds.
    package static func needed(of voters: Int) -> Int { 2 * voters / 3 + 1 }

    /// Counts the votes.
    ///
    /// - Parameter votes: one of each voter, in any order.
    /// - Returns: the groups, and whether one of them is the answer.
    package static func decide(_ votes: [Vote]) -> QuorumDecision {
        var decision = QuorumDecision()
        decision.voters = votes.count
        decision.weight = votes.reduce(0) { $0 + $1.weight }
        var byAnswer: [AnswerForm: [Vote]] = [:]
        for vote in votes {
            if let answer = vote.answer {
                byAnswer[answer, default: []].append(vote)
            } else {
                decision.abstainers.append(vote.voter)
            }
        }
        decision.abstainers.sort(by: QuorumDecision.byBytes)
        decision.groups = byAnswer.map { group(of: $0.key, $0.value) }.sorted(by: isStronger)
        if let first = decision.groups.first {
            decision.isMet =
                3 * first.votes > 2 * decision.voters && 3 * first.weight > 2 * decision.weight
            if decision.isMet {
                decision.confidenceThousandths = confidence(of: first, in: decision)
            }
        }
        return decision
    }

    private static func group(of answer: AnswerForm, _ votes: [Vote]) -> QuorumDecision.Group {
        QuorumDecision.Group(
            answer: answer,
            text: commonWriting(votes.compactMap(\.answer?.text), of: answer),
            voters: votes.map(\.voter).sorted(by: QuorumDecision.byBytes),
            weight: votes.reduce(0) { $0 + $1.weight },
            models: Set(votes.map(\.model)),
            proven: votes.reduce(0) { $0 + max(0, $1.weight - Reliability.unknownThousandths) }
        )
    }

    /// Bytes are compared: strings that are canonically equivalent are two writings.
    private static func commonWriting(_ texts: [String], of answer: AnswerForm) -> String {
        let sorted = texts.sorted(by: QuorumDecision.byBytes)
        var best = (text: sorted.first ?? "", count: 0)
        var start = 0
        for index in sorted.indices {
            if !sorted[index].utf8.elementsEqual(sorted[start].utf8) { start = index }
            let run = (text: sorted[index], count: index - start + 1)
            let isPlainer = run.count == best.count && answer.isPlainer(run.text, than: best.text)
            if run.count > best.count || isPlainer { best = run }
        }
        return best.text
    }

    private static func isStronger(
        _ left: QuorumDecision.Group,
        _ right: QuorumDecision.Group
    ) -> Bool {
        if left.votes != right.votes { return left.votes > right.votes }
        if left.weight != right.weight { return left.weight > right.weight }
        return left.answer.value < right.answer.value
    }

    private static func confidence(
        of group: QuorumDecision.Group,
        in decision: QuorumDecision
    ) -> Int {
        let cap = confidenceThousandthsMax - oneModelThousandths / max(1, group.models.count)
        let agreement = min(
            1_000 * group.votes / decision.voters,
            1_000 * group.weight / decision.weight
        )
        let proof = 1_000 * (group.proven + unprovenThousandths) / (group.proven + 1_000)
        return cap * agreement / 1_000 * proof / 1_000
    }
}
