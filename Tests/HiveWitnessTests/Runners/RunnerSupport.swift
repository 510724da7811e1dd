@testable import HiveWitness

extension RunReport {
    /// What became of each test, in a word.
    var words: [String: String] {
        Dictionary(uniqueKeysWithValues: cases.map { ($0.name, $0.outcome.word) })
    }

    /// The names of the tests that passed.
    var passed: [String] { cases.filter { $0.outcome == .passed }.map(\.name) }

    func message(of name: String) -> String? { cases.first { $0.name == name }?.message }

    /// True where a fault has these words in it.
    func hasFault(_ words: String) -> Bool { faults.contains { $0.contains(words) } }
}

extension TestCase.Outcome {
    var word: String {
        switch self {
        case .passed: "passed"
        case .skipped: "skipped"
        case .failed(let failure): failure.rawValue
        }
    }
}

extension FinishedRun {
    /// A run with these texts.
    init(
        exit code: Int32?,
        output: String = "",
        errors: String = "",
        reports: [String: String] = [:],
        folder: String? = nil
    ) {
        self.init(
            exitCode: code,
            output: Array(output.utf8),
            errors: Array(errors.utf8),
            reports: reports.mapValues { Array($0.utf8) },
            folder: folder
        )
    }
}
