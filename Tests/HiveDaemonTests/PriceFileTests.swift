import HiveTestKit
import HiveWorkers
import Testing

@testable import HiveDaemon

/// What models cost, as a file says it.
@Suite struct PriceFileTests {
    @Test func `the shipped price table is the built-in one, entry by entry`() throws {
        let shipped = try PriceFile.load(folder: Self.repository)
        for (index, (one, other)) in zip(shipped.entries, PriceTable.builtIn.entries).enumerated() {
            #expect(one == other, "entry \(index + 1)")
        }
        #expect(shipped.entries.count == PriceTable.builtIn.entries.count)
    }

    private static let repository =
        #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }

    @Test func `without a file the built-in prices hold`() throws {
        let folder = try TemporaryFolder()
        #expect(try PriceFile.load(folder: folder.path) == .builtIn)
    }

    @Test func `a file stands in place of the built-in prices`() throws {
        let folder = try TemporaryFolder()
        try folder.makeFolder("specs")
        let text = """
            prices:
              - {models: ["*"], input: 1, output: 2.5}
              - {models: [mine, "m-*"], backend: ollama, input: 0, output: 0}
            """
        try folder.write(Array(text.utf8), to: "specs/prices.yaml")
        let table = try PriceFile.load(folder: folder.path)
        #expect(
            table.entries == [
                PriceTable.Entry(["*"], input: 1, output: 2.5),
                PriceTable.Entry(["mine", "m-*"], backend: "ollama", input: 0, output: 0),
            ]
        )
        #expect(table.price(backend: "openai", model: "m-1")?.outputPerMillion == 2.5)
        #expect(table.price(backend: "ollama", model: "m-1")?.outputPerMillion == 0)
    }

    @Test(arguments: ["", "# nothing yet\n", "{}\n"])
    func `an empty file has no price`(text: String) throws {
        #expect(try PriceFile.parse(text: text, file: "p.yaml").entries.isEmpty)
    }

    private static let mistakes: [(text: String, message: String)] = [
        ("- 1", "1: the price table: found a list; expected a mapping with the keys prices"),
        (
            "\nprice: []",
            "2: price: found a key that hive does not know; expected one of prices"
        ),
        ("prices: 3", "1: prices: found 3; expected a list of prices"),
        (
            "prices:\n  - 3",
            "2: prices: found 3; expected a mapping with the keys backend, models, input, output"
        ),
        (
            "prices:\n  - {models: [a], input: 1}",
            "2: prices: found a price without models, input or output; expected all three"
        ),
        (
            "prices:\n  - {models: null, input: 1, output: 1}",
            "2: prices: found a price without models, input or output; expected all three"
        ),
        (
            "prices:\n  - models: gpt\n    input: 1\n    output: 1",
            "2: prices.models: found gpt; expected a list of words such as [make, test], or null"
        ),
        (
            "prices:\n  - models: [a]\n    input: -1\n    output: 1",
            "3: prices.input: found -1; expected a number from 0.0 to 1000000.0"
        ),
        (
            "prices:\n  - models: [a]\n    input: 1\n    output: 1000001",
            "4: prices.output: found 1000001; expected a number from 0.0 to 1000000.0"
        ),
        (
            "prices:\n  - {models: [a], input: 1, output: 1, currency: EUR}",
            "2: prices.currency: found a key that hive does not know; "
                + "expected one of backend, models, input, output"
        ),
        (
            "prices: []\nprices: []",
            "2: \"prices\": found the key twice; expected it once"
        ),
        ("prices: &a []", "1: found an anchor (`&` before a name); expected plain values"),
    ]

    @Test(arguments: mistakes.indices)
    func `a mistake names the file, the line and the key`(index: Int) throws {
        let (text, message) = Self.mistakes[index]
        let error = try #require(throws: HiveError.self) {
            try PriceFile.parse(text: text, file: "p.yaml")
        }
        #expect(error.message == "p.yaml:\(message)")
        #expect(error.exitCode == 2)
        #expect(!error.hint.contains("rules.yaml"))
    }

    @Test func `a backend that hive does not know is named beside those it knows`() throws {
        let error = try #require(throws: HiveError.self) {
            try PriceFile.parse(
                text: "prices:\n  - {models: [a], backend: acme, input: 1, output: 1}",
                file: "p.yaml"
            )
        }
        #expect(error.message.hasPrefix("p.yaml:2: prices.backend: found acme; expected one of "))
    }

    @Test func `a file that cannot be one is refused unread`() throws {
        let folder = try TemporaryFolder()
        try folder.makeFolder("specs")
        let large = [UInt8](repeating: UInt8(ascii: "#"), count: PriceFile.bytesMax + 1)
        for (bytes, words) in [(large, "larger than"), ([0xFF, 0xFE], "not UTF-8")] {
            try folder.write(bytes, to: "specs/prices.yaml")
            let error = try #require(throws: HiveError.self) {
                try PriceFile.load(folder: folder.path)
            }
            #expect(error.message.hasPrefix("\(folder.path)/specs/prices.yaml: "))
            #expect(error.message.contains(words))
        }
    }
}
