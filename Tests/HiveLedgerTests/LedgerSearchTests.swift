import HiveSignal
import Testing

@testable import HiveLedger

@Suite struct `searching messages` {
    private static let messages = [
        "the kernel folds every line", "a failing test for the kernel", "test failing: red",
        "NEAR misses and col:umns", "un café 🐝 at noon", "stop*gap OR nothing",
        "kernel kernel kernel",
    ]

    private func find(_ words: String, limit: Int = 10) throws -> [Int64] {
        let ledger = try Sample.ledger(TemporaryFolder(), messages: Self.messages)
        return try ledger.search(words: words, limit: limit).map(\.sequence)
    }

    @Test(
        arguments: [
            ("kernel folds", [1]), ("FAILING test", [3, 2]), ("\"failing test\"", [2]),
            ("cafe", [5]), ("nothing here", []), ("", []), ("   ", []), ("🐝", []),
            ("🐝 noon", [5]), ("\"", []), ("\"\"", []), ("\"\"\"", []), ("*", []),
            ("stop*gap", [6]), ("stop*", [6]), ("NEAR(", [4]), ("NEAR(misses columns)", []),
            ("col:", [4]), ("message:kernel", []), ("\"unbalanced kernel", []),
            ("\"failing kernel", [2]), ("OR", [6]), ("kernel OR red", []), ("NOT", []),
            ("^the", [2, 1]),
            ("- kernel folds", [1]), ("kern\0el", []), ("\"failing\0test\"", [2]), (")(", []),
            ("{message} : every", []), ("+every +line", [1]), ("';DROP TABLE signals;--", []),
        ] as [(String, [Int64])]
    )
    func `words are found whatever surrounds them`(
        _ words: String,
        _ expected: [Int64]
    ) throws {
        #expect(try find(words).sorted() == expected.sorted())
    }

    @Test func `the best match comes first, then the newest`() throws {
        #expect(try find("kernel").first == 7)
        let folder = try TemporaryFolder()
        let ledger = try Sample.ledger(folder, messages: ["same words", "same words"])
        #expect(try ledger.search(words: "same", limit: 1).map(\.sequence) == [2])
    }

    @Test func `any text at all is a valid search`() throws {
        let folder = try TemporaryFolder()
        let ledger = try Sample.ledger(folder, messages: Self.messages)
        var generator = SeededGenerator("any text at all is a valid search")
        let alphabet = Array("\"\"*():^-+{}' \0\n,.ANDORNEARkernelü🐝\u{301}\u{200d}")
        for _ in 0..<500 {
            let length = Int.random(in: 0...24, using: &generator)
            let words = (0..<length).compactMap { _ in alphabet.randomElement(using: &generator) }
            #expect(throws: Never.self, "seed \(generator.seed): \(String(words).debugDescription)")
            {
                try ledger.search(words: String(words), limit: 3)
            }
        }
    }

    @Test func `a flood of words is cut, not refused`() throws {
        let flood = [String](repeating: "kernel", count: 5_000).joined(separator: " ")
        let expression = try #require(SearchExpression(words: flood))
        #expect(expression.text.split(separator: " AND ").count == SearchExpression.termsMax)
        #expect(try find(flood).sorted() == [1, 2, 7])
    }
}
