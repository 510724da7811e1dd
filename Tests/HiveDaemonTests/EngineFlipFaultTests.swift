import Foundation
import HiveControl
@testable import HiveDaemon
import HiveKernel
import HiveLedger
import HiveSignal
import HiveTestKit
import Testing

/// What goes wrong around a generation's end, and harms nobody.
@Suite struct EngineFlipFaultTests {
    private static let cycle = Lines.cycle.map { $0 + "\n" }.joined()
    private static let archive = "archive/gen-87.jsonl"
    private static let manifest = "archive/gen-87.json"

    private func judged(_ text: String = EngineFlipFaultTests.cycle) throws -> EngineHarness {
        let harness = try EngineHarness()
        try harness.append(text)
        try harness.open()
        return harness
    }

    private func line(_ phase: String, port: Int, gen: Int, _ message: String) -> String {
        Lines.signal(phase, port: port, message: message, generation: gen) + "\n"
    }

    @discardableResult
    private func flip(_ harness: EngineHarness, _ summary: String = "done") throws -> JSONValue {
        try harness.live.flip(["summary": .string(summary)])
    }

    private func comesLate(_ text: String, _ harness: EngineHarness) throws {
        try harness.folder.append(Array(text.utf8), to: Self.archive)
    }

    private func expectRebuilt(_ harness: EngineHarness, _ comment: Comment) throws {
        harness.close()
        let before = try harness.history()
        try harness.open(rebuilds: true)
        harness.close()
        #expect(try harness.history() == before, comment)
    }

    @Test func `a step that fails in a living daemon is done again`() throws {
        for step in 1...40 {
            let harness = try judged()
            harness.planCrash(after: step)
            let late =
                line("H", port: 0, gen: 87, "late") + "y\n"
                + line("V", port: 2, gen: 88, "copied, and refused")
            var (hasFailed, hasCome) = (false, false)
            do {
                try flip(harness)
                try comesLate(late, harness)
                hasCome = true
                try harness.live.look(live: true)
            } catch {
                hasFailed = true
            }
            harness.planCrash(after: nil)
            try harness.live.look(live: true)
            if try harness.live.fold.position.generation == 87 { try flip(harness) }
            if !hasCome { try comesLate(late, harness) }
            try harness.live.look(live: true)
            let name: Comment = "step \(step)"
            #expect(try harness.live.fold.position.tampered == nil, name)
            #expect(try harness.live.fold.position.generation == 88, name)
            #expect(try harness.live.fold.state.accepted == 0, name)
            #expect(try harness.live.fold.state.quarantined == 1, name)
            let row = try #require(try harness.live.ledger.generations().first)
            #expect([row.accepted, row.quarantined, row.copied] == [5, 1, 1], name)
            #expect(try harness.entries().count == 2, name)
            try expectRebuilt(harness, name)
            if !hasFailed { return }
        }
        Issue.record("the steps never ended")
    }

    @Test func `a copy that the board refuses and masks is not copied again`() throws {
        let harness = try judged()
        try flip(harness)
        try comesLate(line("V", port: 2, gen: 88, "too early"), harness)
        // Stop behind the append; the next start judges what stands on the board first.
        harness.planCrash(after: 2)
        #expect(throws: HiveError.self) { try harness.live.look(live: true) }
        #expect(harness.crashedAt == .lateCopied)
        try harness.open()
        #expect(try harness.live.fold.state.quarantined == 1)
        #expect(try harness.entries().count == 1)
        #expect(try harness.live.ledger.copies().isEmpty)
        try expectRebuilt(harness, "once")
    }

    @Test func `an entry that a crash left waits for its late line over a second crash`() throws {
        let harness = try judged()
        try flip(harness)
        let early = Lines.signal("H", port: 0, message: "in the future")
            .replacingOccurrences(of: "2025-12-29", with: "2099-12-29")
        try comesLate(early + "\n", harness)
        harness.planCrash(after: 2)
        #expect(throws: HiveError.self) { try harness.live.look(live: true) }
        #expect(harness.crashedAt == .entriesSynced)
        harness.close()
        try harness.append("x\n")
        // The board's batch is whole; then the daemon is killed again.
        _ = try? harness.open(crashAfter: 4)
        #expect(harness.crashedAt == .committed)
        try harness.open()
        #expect(try harness.entries().count == 2)
        let row = try #require(try harness.live.ledger.generations().first)
        #expect([row.accepted, row.quarantined] == [4, 1])
        try expectRebuilt(harness, "once")
    }

    @Test func `an archive that was changed keeps nobody from the board`() throws {
        let harness = try judged()
        try flip(harness)
        harness.close()
        var bytes = harness.folder.bytes(Self.archive)
        bytes[50] ^= 1
        try harness.folder.write(bytes, to: Self.archive)
        try comesLate(line("H", port: 0, gen: 87, "late"), harness)
        try harness.append(line("H", port: 0, gen: 88, "fresh"))
        try harness.open()
        #expect(try harness.live.fold.state.accepted == 1)
        #expect(try harness.live.warnings.contains { $0.contains("gen-87.jsonl") })
        #expect(try harness.live.look(live: true) == 0)
        #expect(try harness.live.lateDeadline == nil)
        // Put back, its late line is judged at the next start.
        bytes[50] ^= 1
        try harness.folder.write(bytes, to: Self.archive)
        try comesLate(line("H", port: 0, gen: 87, "late"), harness)
        try harness.open()
        #expect(try harness.live.ledger.generations().first?.accepted == 5)
    }

    @Test func `a daemon starts without its archive folder, and says so`() throws {
        let harness = try judged()
        try flip(harness)
        harness.close()
        try FileManager.default.removeItem(atPath: harness.folder.at("archive"))
        try harness.open()
        #expect(try harness.live.warnings.contains { $0.contains("gen-87.jsonl is gone") })
        try harness.append(line("H", port: 0, gen: 88, "fresh"))
        #expect(try harness.live.look(live: true) == 1)
    }

    @Test func `a manifest that cannot be written is written later`() throws {
        let harness = try judged()
        let blocked = harness.folder.at(Self.manifest + ".part")
        try FileManager.default.createDirectory(
            atPath: blocked,
            withIntermediateDirectories: true
        )
        #expect(try flip(harness)["flipped"] == true)
        #expect(try harness.live.warnings.contains { $0.contains("gen-87.json") })
        try comesLate(line("H", port: 0, gen: 87, "late"), harness)
        #expect(try harness.live.look(live: true) == 1)
        try harness.open()
        #expect(!FileManager.default.fileExists(atPath: harness.folder.at(Self.manifest)))
        try FileManager.default.removeItem(atPath: blocked)
        try harness.open()
        let manifest = try JSONValue(parsing: harness.folder.bytes(Self.manifest))
        #expect(manifest["accepted"] == 5)
    }

    @Test func `a manifest that a crash left behind its archive is written anew`() throws {
        let harness = try judged()
        try flip(harness)
        try comesLate(line("H", port: 0, gen: 87, "late"), harness)
        harness.planCrash(after: 1)
        #expect(throws: HiveError.self) { try harness.live.look(live: true) }
        #expect(harness.crashedAt == .lateCommitted)
        try harness.open()
        let manifest = try JSONValue(parsing: harness.folder.bytes(Self.manifest))
        #expect(manifest["accepted"] == 5)
    }

    @Test func `copies that wait for a torn line are on the board before it ends`() throws {
        let harness = try judged()
        try flip(harness, "first")
        try harness.append(#"{"torn":"#)
        try comesLate(line("H", port: 0, gen: 88, "copied"), harness)
        try harness.live.look(live: true)
        #expect(try harness.live.hasCopies)
        #expect(try flip(harness, "second")["flipped"] == true)
        #expect(try harness.live.fold.position.generation == 89)
        #expect(harness.board.isEmpty)
        let row = try #require(try harness.live.ledger.generations().last)
        #expect([row.accepted, row.quarantined] == [1, 1])
        try expectRebuilt(harness, "two generations")
    }

    @Test func `a ledger lost between the swap and the next generation is made anew`() throws {
        for (step, text) in [(2, Self.cycle), (2, "")] {
            let harness = try judged(Self.cycle)
            if text.isEmpty { try flip(harness, "first") }
            harness.planCrash(after: step)
            #expect(throws: HiveError.self) { try flip(harness) }
            #expect(harness.crashedAt == .boardSwapped)
            let ended: Int64 = text.isEmpty ? 88 : 87
            try harness.append(line("H", port: 0, gen: Int(ended) + 1, "fresh"))
            try harness.open(rebuilds: true)
            #expect(try harness.live.fold.position.generation == ended + 1)
            #expect(try harness.live.fold.state.accepted == 1)
            let rows = try harness.live.ledger.generations()
            #expect(rows.map(\.generation) == (87...ended).map { $0 })
            #expect(rows.first?.accepted == 4)
            #expect(rows.allSatisfy { $0.offset == $0.flippedAt }, "nothing came late")
        }
    }

    @Test func `every archive whose time is not up is watched after a start`() throws {
        let harness = try judged()
        try flip(harness, "first")
        try flip(harness, "second")
        try harness.open()
        try comesLate(line("H", port: 0, gen: 87, "late"), harness)
        try harness.live.look(live: true)
        #expect(try harness.live.ledger.generations().first?.accepted == 5)
    }

    @Test func `a forced end waits until the board is whole, and keeps nothing else waiting`()
        throws
    {
        let harness = try judged()
        let whole = harness.board
        harness.close()
        let ledger = try Ledger(path: harness.settings.ledger)
        var position = try #require(try ledger.position())
        position.nextGeneration = 90
        try ledger.setPosition(position)
        try harness.folder.write(Array(whole.prefix(200)), to: "board.jsonl")
        try harness.open()
        #expect(try harness.live.fold.position.tampered != nil)
        try harness.append(line("H", port: 0, gen: 87, "meanwhile"))
        #expect(try harness.live.look(live: true) == 1)
        #expect(try harness.live.fold.position.generation == 87)
        try harness.live.repair()
        try harness.live.look(live: true)
        #expect(try harness.live.fold.position.generation == 90)
        #expect(harness.folder.bytes(Self.archive).starts(with: whole))
    }

    @Test func `an archive that was changed is not taken for the past`() async throws {
        let harness = try judged()
        try flip(harness)
        harness.close()
        let before = try harness.history()
        var bytes = harness.folder.bytes(Self.archive)
        let place = try #require(bytes.firstRange(of: Array("a message".utf8)))
        bytes[place.lowerBound] = UInt8(ascii: "A")
        try harness.folder.write(bytes, to: Self.archive)
        let settings = harness.settings
        await #expect(throws: HiveError.self) {
            try await LocalHive.doctor(["rebuild": true], settings: settings)
        }
        #expect(try harness.history() == before)
        // Without the old ledger the audit still knows how the generation ended.
        try harness.open(rebuilds: true)
        #expect(try harness.live.warnings.contains { $0.contains("gen-87.jsonl") })
    }
}
