import HiveSignal
import Testing

@testable import HiveWorkers

@Suite struct `Port 6 stores` {
    @Test func `recalls earlier signals with when, who and what`() async throws {
        let outcome = try await answer([
            .sample("the cache is cold\n\u{1B}[2Jafter start", reference: "hunt-1", agent: "scout"),
            .sample(String(repeating: "long ", count: 100), reference: "s-87-0"),
        ])
        #expect(outcome.summary == "2 earlier signals share words with this one")
        #expect(
            outcome.lines.first == "2025-12-29T10:00:00Z H port 0, scout, hunt-1: "
                + "the cache is cold �[2Jafter start"
        )
        #expect(outcome.lines.last?.hasSuffix("…") == true)
        #expect(outcome.confidence == 0.9)
        #expect(outcome.details["recalled"]?.arrayValue?.first?["id"] == "hunt-1")
    }

    @Test func `says that there is nothing to recall`() async throws {
        let outcome = try await answer([])
        #expect(outcome.message == "no earlier signal shares words with this one")
        #expect(outcome.confidence == 0.4)
    }

    @Test func `many long signals stay within bounds`() async throws {
        let text = String(repeating: "\u{1F41D}\"\\", count: 3_000)
        let many = (0..<50).map { AssignedSignal.sample(text, reference: "s-\($0)", agent: text) }
        let outcome = try await answer(many)
        #expect(outcome.summary == "8 earlier signals share words with this one")
    }

    private func answer(_ recalled: [AssignedSignal]) async throws -> Outcome {
        let worker = LocalWorker(folder: "/nowhere", tests: LocalTools.noTests)
        let outcome = try await worker.answer(.sample(port: 6, recalled: recalled))
        LocalTools.expectHarmless(outcome)
        return outcome
    }
}

@Suite struct `Port 7 decides` {
    @Test func `tells the state, the moves and the next command`() async throws {
        let outcome = try await answer(
            reached: [.hunt],
            unseen: 2,
            openTasks: 1,
            moves: [
                AssignedState.Move(phase: .hunt, ports: Port.all, opensCycle: false),
                AssignedState.Move(phase: .interlock, ports: ports(0, 1, 6, 7), opensCycle: false),
            ]
        )
        #expect(
            outcome.message == """
                generation 87, cycle 1, paired: reached H
                  next: hive emit --phase I --port 1 --parent s-87-4096 --trace \
                00-00000000000000010000000000000002-0000000000001001-01 "…"
                  H by port 0 sense, 1 fuse, 2 shape, 3 deliver, 4 test, 5 defend, 6 store, \
                7 decide
                  I by port 0 sense, 1 fuse, 6 store, 7 decide
                  12 accepted, 3 quarantined, 2 of them unseen: `hive quarantine list` shows them
                  1 open task: `hive tasks` lists them
                """
        )
        #expect(outcome.confidence == 0.9)
        #expect(outcome.details["openTasks"] == 1)
        #expect(outcome.details["next"]?.stringValue?.hasPrefix("hive emit --phase I") == true)
    }

    @Test func `after E it suggests the next cycle`() async throws {
        let outcome = try await answer(
            reached: Phase.cycle,
            moves: [
                AssignedState.Move(phase: .hunt, ports: ports(0, 7), opensCycle: true),
                AssignedState.Move(phase: .evolve, ports: ports(3, 4), opensCycle: false),
            ]
        )
        #expect(outcome.lines.first?.hasPrefix("next: hive emit --phase H --port 0") == true)
        #expect(outcome.lines.dropFirst().first?.hasSuffix(", opens the next cycle") == true)
    }

    @Test func `no move is told, with less confidence`() async throws {
        let outcome = try await answer(reached: [], moves: [])
        #expect(outcome.summary == "generation 87, cycle 1, paired: no phase reached yet")
        #expect(outcome.lines.first == "the rules allow no move in this trace")
        #expect(outcome.confidence == 0.4)
    }

    @Test func `an id that a shell would obey is not repeated`() async throws {
        var assignment = Assignment.sample(port: 7)
        assignment.signal.reference = "$(reboot)"
        assignment.state.moves = [
            AssignedState.Move(phase: .interlock, ports: ports(1), opensCycle: false)
        ]
        let worker = LocalWorker(folder: "/nowhere", tests: LocalTools.noTests)
        let outcome = try await worker.answer(assignment)
        #expect(outcome.lines.first == "next: hive emit --phase I --port 1 \"…\"")
        #expect(!outcome.message.contains("reboot"))
    }

    private func ports(_ numbers: UInt8...) -> [Port] {
        numbers.compactMap(Port.init(rawValue:))
    }

    private func answer(
        reached: [Phase],
        unseen: Int64 = 0,
        openTasks: Int64 = 0,
        moves: [AssignedState.Move]
    ) async throws -> Outcome {
        let state = AssignedState(
            generation: 87,
            mode: "paired",
            cycle: 1,
            reached: reached.reduce([]) { $0.adding($1) },
            accepted: 12,
            quarantined: 3,
            unseen: unseen,
            openTasks: openTasks,
            moves: moves
        )
        let worker = LocalWorker(folder: "/nowhere", tests: LocalTools.noTests)
        let outcome = try await worker.answer(.sample(port: 7, state: state))
        LocalTools.expectHarmless(outcome)
        return outcome
    }
}
