/// A statement whose truth is known, put to a voter as a question like any other.
///
/// Made from a seed, so that nobody can have learnt the answers.
package struct Probe: Sendable, Hashable {
    /// What is asked.
    package let question: String
    /// True: the answer is yes.
    package let isRight: Bool

    /// Numbers in a statement.
    private static let numbers = 10..<100

    /// Draws a statement.
    ///
    /// - Parameters:
    ///   - isRight: whether it is to be right.
    ///   - random: where it is drawn from.
    package init(isRight: Bool, _ random: inout SplitMix64) {
        func number() -> Int { Self.numbers.lowerBound + random.below(Self.numbers.count) }
        let (left, right) = (number(), number())
        // What a wrong statement is off by, either way.
        let error = isRight ? 0 : (1 + random.below(9)) * (random.below(2) == 0 ? 1 : -1)
        let statement: String
        switch random.below(4) {
        case 0: statement = "\(left) + \(right) = \(left + right + error)"
        case 1: statement = "\(left + right) - \(right) = \(left + error)"
        case 2:
            let (high, low) =
                left == right ? (left + 1, right) : (max(left, right), min(left, right))
            statement = isRight ? "\(high) is more than \(low)" : "\(low) is more than \(high)"
        default:
            let even = left / 2 * 2
            statement = "\(isRight ? even : even + 1) is an even number"
        }
        question = "Is this right: \(statement)? Answer yes or no."
        self.isRight = isRight
    }

    /// Statements for one voter: half of them right, in random order.
    ///
    /// Of an odd number the last may be either.
    package static func statements(_ count: Int, _ random: inout SplitMix64) -> [Probe] {
        var truths = (0..<count).map { $0 % 2 == 0 }
        if count % 2 == 1 { truths[count - 1] = random.below(2) == 0 }
        random.shuffle(&truths)
        return truths.map { Probe(isRight: $0, &random) }
    }
}
