package import HiveProcess
package import HiveSignal

/// The `local` backend: a deterministic tool for each port, without key, network or model.
///
/// | port | verb | what it does |
/// |---|---|---|
/// | 0 | sense | finds the places that the signal speaks of |
/// | 1 | fuse | finds tests and interfaces around them |
/// | 2 | shape | tells what changed against the last commit |
/// | 3 | deliver | tells what is ready, and what stands in the way |
/// | 4 | test | runs the test command |
/// | 5 | defend | scans the change |
/// | 6 | store | recalls earlier signals |
/// | 7 | decide | tells the state and the moves it allows |
package struct LocalWorker: Worker {
    /// Where hive keeps its files, relative to the project, unless told otherwise.
    package static let usualOwnPaths = [
        "sandbox/obsidianblackboard.jsonl", "sandbox/quarantine.jsonl", "sandbox/pyre_audit.jsonl",
        "sandbox/archive", "sandbox/.hive",
    ]

    /// The project: absolute; a repository's top level or any folder in it.
    package var folder: String
    /// hive's own files and folders, absolute or relative to `folder`; no tool looks at them.
    package var ownPaths: [String]
    package var tests: TestTool

    package init(folder: String, ownPaths: [String] = usualOwnPaths, tests: TestTool) {
        self.folder = folder
        self.ownPaths = ownPaths
        self.tests = tests
    }

    package func answer(_ assignment: Assignment) async throws(WorkerError) -> Outcome {
        let message = assignment.signal.message
        switch assignment.port.rawValue {
        case 0:
            return try await inRepository("search the project") { repository throws(WorkerError) in
                try await SenseTool.answer(message, in: repository)
            }
        case 1:
            return try await inRepository("find tests") { repository throws(WorkerError) in
                try await FuseTool.answer(message, in: repository)
            }
        case 2:
            return try await inRepository("see what changes") { repository throws(WorkerError) in
                try await ShapeTool.answer(in: repository)
            }
        case 3:
            return try await inRepository("see what is ready") { repository throws(WorkerError) in
                try await DeliverTool.answer(in: repository)
            }
        case 4: return try await tests.answer(assignment)
        case 5:
            return try await inRepository("scan changes") { repository throws(WorkerError) in
                try await DefendTool.answer(in: repository)
            }
        case 6: return RecallTool.answer(assignment).outcome
        default: return DecideTool.answer(assignment).outcome
        }
    }

    /// What a tool says of the repository, or why there is none.
    private func inRepository(
        _ purpose: String,
        _ tool: (Repository) async throws(WorkerError) -> Answer
    ) async throws(WorkerError) -> Outcome {
        switch try await Repository.find(in: folder, ownPaths: ownPaths) {
        case .found(let repository): try await tool(repository).outcome
        case .absent(let reason): reason.answer(in: folder, purpose: purpose).outcome
        }
    }
}
