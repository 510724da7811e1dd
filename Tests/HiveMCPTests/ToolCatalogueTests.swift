@testable import HiveMCP
import HiveSignal
import Testing

@Suite struct ToolCatalogueTests {
    /// Four bytes a token: the usual rule of thumb for English and JSON.
    private static let bytesPerToken = 4

    @Test func `all descriptions and schemas together are under 2,000 tokens`() {
        let all = JSONValue.array(ToolName.allCases.map(ToolCatalogue.json)).text
        let tokens = all.utf8.count / Self.bytesPerToken
        #expect(tokens < 2_000, "\(tokens) tokens")
        #expect(tokens > 500, "\(tokens) tokens: is anything told at all?")
    }

    @Test(arguments: ToolName.allCases)
    func `every tool has schemas of objects, and says whether it changes anything`(
        name: ToolName
    ) {
        let tool = ToolCatalogue.json(name)
        #expect(tool["inputSchema"]?["type"] == "object")
        #expect(tool["outputSchema"]?["type"] == "object")
        #expect(tool["annotations"]?.objectValue?.isEmpty == false)
        #expect(tool["description"]?.stringValue?.isEmpty == false)
        for schema in ["inputSchema", "outputSchema"] {
            let known = tool[schema]?["properties"]?.objectValue?.keys ?? []
            for key in tool[schema]?["required"]?.arrayValue ?? [] {
                #expect(known.contains(key.stringValue ?? ""), "\(schema) requires \(key.text)")
            }
        }
    }

    @Test func `a person's powers are no tools`() {
        let names = ToolName.allCases.map(\.rawValue).joined()
        for power in ["override", "release", "restore", "approve", "rules"] {
            #expect(!names.lowercased().contains(power))
        }
    }
}
