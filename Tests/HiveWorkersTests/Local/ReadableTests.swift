import HiveSignal
import HiveTestKit
import Testing

@testable import HiveWorkers

@Suite struct `Bytes of a repository` {
    @Test func `a long name is cut in the middle`() {
        let name = Readable.name(Array(repeating: 0x61, count: 300) + Array("end.txt".utf8))
        #expect(name.utf8.count <= Readable.nameBytesMax)
        #expect(name.hasPrefix("aaa"))
        #expect(name.contains("…"))
        #expect(name.hasSuffix("end.txt"))
    }

    @Test func `a line loses its indentation and is cut at its limit`() {
        #expect(Readable.line(Array("\t  a\tb \r".utf8)) == "a b")
        let long = Readable.line(Array(repeating: 0x61, count: 10_000_000))
        #expect(long == String(repeating: "a", count: 119) + "…")
    }

    @Test func `whatever the bytes are, the text is bounded and harmless`() {
        var generator = SeededGenerator()
        for _ in 0..<500 {
            let count = Int.random(in: 0...900, using: &generator)
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let name = Readable.name(bytes)
            let line = Readable.line(bytes)
            #expect(name.utf8.count <= Readable.nameBytesMax, "HIVE_SEED=\(generator.seed)")
            #expect(line.unicodeScalars.count <= Readable.lineCharactersMax)
            for scalar in (name + line).unicodeScalars {
                let category = scalar.properties.generalCategory
                #expect(category != .control && category != .format)
            }
        }
    }

    @Test func `a pathspec leaves out one file, whatever its name is`() {
        #expect(
            RepositoryPath("a*b".utf8).excludingPathspec == ":(top,exclude,literal)a*b"
        )
        let name: [UInt8] = Array("a*[".utf8) + [0xFF]
        #expect(RepositoryPath(name).excludingPathspec == ":(top,exclude,glob)a\\*\\[?")
    }

    @Test func `an answer keeps its bounds and says what is left out`() {
        let answer = Answer(
            summary: "many",
            lines: (0..<20).map { "line \($0)" },
            confidence: 0.9,
            details: ["list": .array((0..<2_000).map { .string("entry \($0)") })]
        )
        let outcome = answer.outcome
        #expect(outcome.message.hasSuffix("\n  line 6\n  and 13 more"))
        LocalTools.expectHarmless(outcome)
        #expect(outcome.details["cut"] == true)
        #expect(outcome.details["list"]?.arrayValue?.first == "entry 0")

        let wide = Answer(
            summary: "wide",
            lines: (0..<8).map { _ in String(repeating: "x", count: 600) },
            confidence: 0.9
        ).outcome
        #expect(wide.message.hasSuffix("\n  and 5 more"))
        LocalTools.expectHarmless(wide)
    }
}
