@testable import HiveMCP
import HiveSignal
import Testing

@Suite struct BoardResourceTests {
    @Test func `addresses mean resources`() throws {
        #expect(try BoardResource("hive://state") == .state)
        #expect(try BoardResource("hive://signal/a%2Fb%20c") == .signal("a/b c"))
        let filter = BoardResource.Filter(since: 7, phase: .validate, port: 2)
        #expect(try BoardResource("hive://signals?since=7&phase=v&port=2") == .signals(filter))
        #expect(try BoardResource("hive://signals") == .signals(BoardResource.Filter()))
    }

    @Test(arguments: [
        ("", -32002), ("hive://", -32002), ("hive://state?x=1", -32002), ("http://state", -32002),
        ("hive://signal/", -32002), ("hive://signal/%zz", -32002), ("hive://signal/%ff", -32002),
        ("hive://signal/%", -32002), ("hive://signals?port=8", -32602),
        ("hive://signals?port=-1", -32602), ("hive://signals?phase=", -32602),
        ("hive://signals?since=99999999999999999999", -32602), ("hive://signals?since=-1", -32602),
        ("hive://signals?agent=x", -32602),
    ])
    func `what is no address is refused`(uri: String, code: Int64) {
        let error = #expect(throws: MCPError.self) { try BoardResource(uri) }
        #expect(error?.code == code)
    }

    @Test func `a judged line changes what it is part of, and nothing else`() throws {
        let line: JSONValue = [
            "verdict": "accepted", "sequence": 8, "phase": "V", "port": 2, "id": "s-8",
            "parent": "s-3",
        ]
        let changed = [
            "hive://state", "hive://signals", "hive://signals?phase=V&since=7",
            "hive://signal/s-8", "hive://signal/s-3",
        ]
        for uri in changed { #expect(try BoardResource(uri).isChanged(by: line), "\(uri)") }
        let same = [
            "hive://quarantine", "hive://rules", "hive://signals?phase=E",
            "hive://signals?since=8", "hive://signals?port=3", "hive://signal/s-1",
        ]
        for uri in same { #expect(try !BoardResource(uri).isChanged(by: line), "\(uri)") }
        let failed: JSONValue = ["verdict": "quarantined", "sequence": 9, "entry": "q-1"]
        #expect(try BoardResource("hive://quarantine").isChanged(by: failed))
        #expect(try BoardResource("hive://signal/q-1").isChanged(by: failed))
        #expect(try !BoardResource("hive://signals").isChanged(by: failed))
    }
}
