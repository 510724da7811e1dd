import HiveConsole
import Testing

@Suite struct SpellingTests {
    private static let known = ["status", "state", "emit", "init", "log", "at", "up"]

    @Test(arguments: [
        ("statsu", "status"), ("stats", "status"), ("STATE", "state"), ("emti", "emit"),
        ("inti", "init"), ("lg", "log"), ("loog", "log"), ("sate", "state"),
    ])
    func `a word with a slip or two is known`(typed: String, meant: String) {
        #expect(Spelling.nearest(to: typed, among: Self.known) == meant)
    }

    @Test(arguments: ["frobnicate", "", "x", String(repeating: "status", count: 1_000)])
    func `another word is none of them`(typed: String) {
        #expect(Spelling.nearest(to: typed, among: Self.known) == nil)
    }
}
