import Foundation
import HiveTestKit
import Testing

/// Every cheat is tried on the real binary, and `specs/cheats.md` says what became of it.
@Suite(.enabled(if: TestToolchain.node != nil, "there is no node with a test runner"))
struct CheatTests {
    private static let all =
        Cheat.withTests + Cheat.withConfiguration + Cheat.withReceipts + Cheat.withCode

    /// Those that this machine can try.
    private static let tried = all.filter { cheat in
        cheat.start.toolchain != nil && (!cheat.isSlow || Campaign.isTorture)
    }

    @Test(arguments: tried)
    func `a cheat ends as the table says`(cheat: Cheat) throws {
        let seen = try cheat.act(CheatDesk(cheat.start))
        let isSaid = seen.words.contains { $0.contains(cheat.says) }
        switch cheat.end {
        case .told:
            #expect(seen.end == .unseen, "\(seen)")
            #expect(isSaid, "\(seen)")
        case .unseen:
            // What helps stands in the table in place of hive's words.
            #expect(seen.end == .unseen, "\(seen)")
        default:
            #expect(seen.end == cheat.end, "\(seen)")
            #expect(isSaid, "\(seen)")
        }
    }

    @Test func `specs/cheats.md has a row for each cheat, as it ends`() throws {
        if ProcessInfo.processInfo.environment["HIVE_RENEW"] == "1" {
            try CheatTable(CheatTable.cheats).write(Self.all.map(\.row))
        }
        let told = try CheatTable(CheatTable.cheats).rows
        let differing = zip(told, Self.all.map(\.row)).first { $0 != $1 }
        #expect(
            differing == nil && told.count == Self.all.count,
            "renew the table: HIVE_RENEW=1 swift test --filter CheatTests"
        )
        #expect(Set(Self.all.map(\.name)).count == Self.all.count)
    }
}
