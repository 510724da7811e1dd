/// What a worker answers to an assignment.
///
/// It becomes a signal of the assignment's port: `message` its `msg`, `details` its `result`.
package struct Outcome: Sendable, Hashable {
    /// No answer is surer than this (SPEC §5).
    package static let confidenceMax = 0.90
    /// Longer messages are cut when the outcome is written on the board.
    package static let messageBytesMax = 4_096
    /// Details that take more bytes of JSON are left out when the outcome is written.
    package static let detailsBytesMax = 16_384

    package var message: String
    /// 0…`confidenceMax`; the outcome's mark is this times the mark of the signal that asked.
    package var confidence: Double
    /// Facts for programs, by name.
    package var details: JSONObject
    /// True: the worker could not do the work; the outcome's type is `error`.
    package var isFailure: Bool
    /// What the answer cost, where the worker says so.
    package var dollars: Double?

    package init(
        message: String,
        confidence: Double,
        details: JSONObject = [:],
        isFailure: Bool = false,
        dollars: Double? = nil
    ) {
        self.message = message
        // A worker's figure is input: what is no number is no confidence.
        self.confidence =
            confidence.isNaN ? 0 : min(max(confidence, 0), Self.confidenceMax)
        self.details = details
        self.isFailure = isFailure
        self.dollars = dollars
    }
}
