import Foundation
import Testing

/// The tables of `specs/mcp.md`, held against the code.
@Suite struct ConformanceTableTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// The cells of each row below a heading, without the table's head.
    private static func rows(below heading: String) throws -> [[Substring]] {
        let specification = try text("specs/mcp.md")
        let part = try #require(specification.split(separator: heading).last)
        return part.split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst()
            .map { row in
                row.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
                    .map { $0.drop { $0 == " " } }
            }
    }

    @Test func `every test that the conformance table names exists`() throws {
        var sources = ""
        for folder in ["Tests/HiveMCPTests", "Tests/HiveEndToEndTests/MCP"] {
            let path = Self.root.appendingPathComponent(folder).path
            for name in try FileManager.default.contentsOfDirectory(atPath: path) {
                sources += try Self.text("\(folder)/\(name)")
            }
        }
        let rows = try Self.rows(below: "## Conformance")
        #expect(rows.count > 20)
        for row in rows {
            let named = try #require(row.last)
            let test = named.split(separator: "`").first.map(String.init) ?? ""
            let isOffered = !test.allSatisfy(\.isWhitespace)
            let says = "\(row.first ?? "")"
            if isOffered {
                #expect(sources.contains("func `\(test)`("), "\(says): no test `\(test)`")
            } else {
                let why = row.dropFirst().first ?? ""
                #expect(why.contains("not") || why.contains("none"), "\(says) has no test")
            }
        }
    }
}
