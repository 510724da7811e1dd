import HiveTestKit
import Testing

@testable import HiveWorkers

@Suite struct `The words of a message` {
    @Test func `identifiers count whole and in parts, whole ones first`() {
        let words = SearchWords("parseHTTPHeader fails on MAX_LINE").words
        #expect(
            words == [
                "parsehttpheader", "fails", "max_line", "parse", "http", "header", "max", "line",
            ]
        )
    }

    @Test func `stop words, short words and duplicates are dropped`() {
        #expect(SearchWords("Fix it: the Parser, the parser of a db!").words == ["fix", "parser"])
    }

    @Test func `there are twelve at most`() {
        let message = (0..<40).map { "word\($0)" }.joined(separator: " ")
        let words = SearchWords(message).words
        #expect(words.count == 12)
        #expect(words.first == "word0")
        #expect(words.last == "word11")
    }

    @Test func `words beyond ASCII keep their letters`() {
        #expect(SearchWords("Größe der Straße").words == ["größe", "der", "straße"])
    }

    @Test func `data that looks like a word is none`() {
        #expect(SearchWords(String(repeating: "a", count: 65)).words.isEmpty)
    }

    @Test(arguments: [
        ("HTTPServer2", ["HTTP", "Server2"]), ("snake_case", ["snake", "case"]), ("plain", []),
        ("aB", ["a", "B"]), ("__init__", []),
    ])
    func `an identifier splits at case and underscores`(_ name: String, _ parts: [String]) {
        #expect(SearchWords.parts(name[...]) == parts)
    }

    @Test func `any message gives bounded words that git can take`() {
        var generator = SeededGenerator()
        for _ in 0..<200 {
            let length = Int.random(in: 0...300, using: &generator)
            let scalars = (0..<length).compactMap { _ in
                Unicode.Scalar(UInt32.random(in: 0...0x2FFF, using: &generator))
            }
            let words = SearchWords(String(String.UnicodeScalarView(scalars))).words
            #expect(words.count <= SearchWords.countMax, "HIVE_SEED=\(generator.seed)")
            for word in words {
                let isWord = word.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
                #expect(isWord && word.utf8.count <= SearchWords.bytesMax)
            }
        }
    }
}
