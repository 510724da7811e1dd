/// How a voter did on statements whose truth is known.
///
/// Its probes say how much its votes weigh; none of them is a vote.
package struct Reliability: Sendable, Hashable {
    /// Right statements it was to judge, and how many of them it rejected.
    package private(set) var right = 0
    package private(set) var falseRejects = 0
    /// Wrong statements it was to judge, and how many of them it accepted.
    package private(set) var wrong = 0
    package private(set) var falseAccepts = 0
    /// Statements to which it said neither yes nor no; they are in `right` or `wrong`.
    package private(set) var undecided = 0

    package init() {}

    /// Takes in what it said to a statement.
    ///
    /// - Parameters:
    ///   - isRight: the truth.
    ///   - answer: what it said; nil: nothing.
    package mutating func note(isRight: Bool, answer: AnswerForm?) {
        if isRight { right += 1 } else { wrong += 1 }
        switch answer?.value {
        case .truth(true): if !isRight { falseAccepts += 1 }
        case .truth(false): if isRight { falseRejects += 1 }
        default: undecided += 1
        }
    }

    /// Adds another voter's.
    package mutating func add(_ other: Reliability) {
        right += other.right
        falseRejects += other.falseRejects
        wrong += other.wrong
        falseAccepts += other.falseAccepts
        undecided += other.undecided
    }

    package var asked: Int { right + wrong }
    package var failed: Int { falseRejects + falseAccepts + undecided }
    /// True where it was wrong more often than right: worse than a coin.
    package var failsMost: Bool { 2 * failed > asked }

    /// The weight of a voter without a probe: as a coin's.
    package static let unknownThousandths = 500

    /// The share of its answers that is right, in thousandths: 1…999.
    ///
    /// Laplace's rule of succession, (right + 1) ÷ (asked + 2): a few probes prove little, and no
    /// number of them proves all.
    package var thousandths: Int {
        let asked = min(asked, Self.countedMax)
        let failed = min(failed, asked)
        return max(1, 1_000 * (asked - failed + 1) / (asked + 2))
    }

    /// More probes than this say no more.
    private static let countedMax = 997

    /// False rejects among right statements, in thousandths; nil where it was asked none.
    package var falseRejectThousandths: Int? { right == 0 ? nil : 1_000 * falseRejects / right }
    /// False accepts among wrong statements, in thousandths; nil where it was asked none.
    package var falseAcceptThousandths: Int? { wrong == 0 ? nil : 1_000 * falseAccepts / wrong }
}
