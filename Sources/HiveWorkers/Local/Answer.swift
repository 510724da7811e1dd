import HiveSignal

/// An outcome in the making: a summary, lines below it, facts for programs; all of it bounded.
struct Answer {
    /// The message takes at most this many bytes.
    static let messageBytesMax = 2_000
    /// Lines below the summary.
    static let linesMax = 8
    /// Details take at most this many bytes of JSON.
    static let detailsBytesMax = 8_192

    /// How sure a local tool is.
    enum Confidence {
        static let found = 0.9
        static let foundWeakly = 0.6
        static let nothingFound = 0.4
        /// The tool had nothing to look at: no repository, nothing configured.
        static let notTried = 0.3
    }

    /// One line.
    var summary: String
    /// One line each, without indentation.
    var lines: [String] = []
    var confidence: Double
    var details: JSONObject = [:]

    /// The outcome, cut to its bounds.
    var outcome: Outcome {
        Outcome(message: message, confidence: confidence, details: boundedDetails)
    }

    private var message: String {
        let shown = lines.count > Self.linesMax ? Self.linesMax - 1 : lines.count
        // Room for the line that says how many are left out.
        let reserve = 32
        var message = summary
        for (index, line) in lines.enumerated() {
            let isOver = message.utf8.count + line.utf8.count + 3 > Self.messageBytesMax - reserve
            guard index < shown, !isOver else {
                return message + "\n  and \(lines.count - index) more"
            }
            message += "\n  " + line
        }
        return message
    }

    /// Longer lists lose their second half until all fits.
    private var boundedDetails: JSONObject {
        var details = details
        while JSONValue.object(details).text.utf8.count > Self.detailsBytesMax {
            let lists = details.compactMap { key, value in
                value.arrayValue.map { (key: key, list: $0, bytes: value.text.utf8.count) }
            }
            guard let longest = lists.max(by: { $0.bytes < $1.bytes }), !longest.list.isEmpty else {
                return ["cut": true]
            }
            let kept = longest.list.prefix(longest.list.count / 2)
            details[longest.key] = .array(Array(kept))
            details["cut"] = true
        }
        return details
    }
}

/// `1 file`, `2 files`.
func counted(_ count: Int, _ noun: String) -> String {
    count == 1 ? "1 \(noun)" : "\(count) \(noun)s"
}
