import Testing

@testable import HiveWitness

@Suite struct LinkCheckTests {
    private func leaving(_ links: [String: String]) -> String? {
        let targets = Dictionary(
            uniqueKeysWithValues: links.map { (Array($0.key.utf8), Array($0.value.utf8)) }
        )
        return LinkCheck(targets: targets).firstLeavingLink().map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    @Test(arguments: [
        [:], ["a": "b"], ["a": "."], ["d/a": ".."], ["d/e/a": "../../x"], ["a": "no/such/file"],
        ["a": "b", "b": "a"], ["a": "a"], ["d/a": "./../d//b"], ["a": "d/../d/../b"], ["a": ""],
        ["a": "b/c", "b": "d/e"],
    ])
    func `links that stay inside are fine, loops and dangling ones too`(links: [String: String]) {
        #expect(leaving(links) == nil)
    }

    @Test(arguments: [
        ["a": "/etc/passwd"], ["a": ".."], ["a": "../x"], ["d/a": "../../x"],
        ["a": "d/../../x/d/.."], ["a": "/"],
    ])
    func `a link that leads outside is found`(links: [String: String]) {
        #expect(leaving(links) == links.keys.first)
    }

    @Test func `a way out over other links is found`() {
        // Each stays inside as it is written.
        let links = ["a/b/up": "../..", "out": "a/b/up/..", "fine": "a"]
        #expect(leaving(links) == "out")
        #expect(leaving(["a/b/up": "../.."]) == nil)
        #expect(leaving(["x": "y", "y": "z", "z": "../q"]) == "x")
    }

    @Test func `a chain that doubles at each step ends`() {
        var links: [String: String] = [:]
        for number in 0..<60 { links["l\(number)"] = "l\(number + 1)/../l\(number + 1)" }
        #expect(leaving(links) == nil)
    }
}
