/// The runners that hive knows.
package enum TestRunners {
    private static let all: [any TestRunner] = [
        PytestRunner(), SwiftRunner(), GoRunner(), CargoRunner(), NodeRunner(), JestRunner(),
        VitestRunner(), JUnitRunner(), TAPRunner(),
    ]

    /// What a rule book may name.
    package static let names: [String] = all.map(\.name)

    /// The runner for a test command.
    ///
    /// A wrapper such as `make test` or `npm test` is not taken for what it may run.
    ///
    /// - Parameters:
    ///   - words: the command.
    ///   - named: the rule book's word for the runner, one of `names`; it wins.
    /// - Returns: nil where the name is not known or, without one, the words are not.
    package static func runner(for words: [String], named: String?) -> (any TestRunner)? {
        if let named { return all.first { $0.name == named } }
        return all.first { $0.takes(words) }
    }
}
