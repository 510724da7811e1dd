import Glibc
import HiveKernel
import HiveProcess
import HiveSignal
import HiveWitness

/// Whether a turn may end: not, once, with changed code or tests that no receipt covers.
struct StopCheck: Sendable {
    let place: GuardPlace
    let rules: Rules
    let call: GuardCall

    /// What each refusal begins with, and is known by in a transcript.
    private static let mark = "hive: this turn would end with work that no receipt covers"
    private static let transcriptBytesMax = 64 << 20
    private static let filesShown = 3

    /// What stands against it; nil: nothing.
    func reason(_ words: GuardWords) async throws(HiveError) -> String? {
        guard !wasTold else { return nil }
        let changed: [String]
        do {
            let repository = try await GitRepository.open(
                place.root,
                environment: ProcessVariables.places
            )
            let tree = try await repository.workingTree()
            var base = repository.emptyTree
            if let head = try await repository.head() {
                base = try await repository.tree(of: head.tree)
            }
            let parts = RepositoryParts(rules)
            changed = TreeParts.changed(tree.files, from: base.files).map(\.path)
                .filter { [.code, .tests, .interfaces].contains(parts.part(of: $0)) }
                .map { String(decoding: $0, as: UTF8.self) }.sorted()
            guard !changed.isEmpty else { return nil }
            let notes = try await repository.notes()
            let isCovered = Verifier.receipts(in: notes[tree.id] ?? []).contains { signed in
                signed.isSound && signed.receipt.isProven && signed.receipt.tree == tree.id
            }
            if isCovered { return nil }
        } catch {
            throw HiveError(error)
        }
        let shown = changed.prefix(Self.filesShown).map(GuardWords.shown).joined(separator: ", ")
        let more =
            changed.count > Self.filesShown ? " and \(changed.count - Self.filesShown) more" : ""
        let phase = words.standing.phase.map(\.letter) ?? "I"
        let option = ["I", "V", "E"].contains(phase) ? " --phase \(phase)" : ""
        let trace = words.caller.trace.map { " --trace \($0)" } ?? ""
        return "\(Self.mark): \(shown)\(more) changed since the last commit.\n"
            + "Next: hive witness --working\(option)\(trace), then commit. "
            + "Or say to the person why it stays unwitnessed, and end the turn: you are asked once."
    }

    /// True where the agent was refused before, as far as its payload does not say so itself.
    ///
    /// Copilot's does not: what was said stands in its transcript. Where that cannot be read, it
    /// counts as told, as an agent that is never let go helps nobody.
    private var wasTold: Bool {
        guard call.agent == .copilot else { return false }
        guard let path = call.transcript, path.hasPrefix("/"), PlaceKind.of(path) == .file,
            case .bytes(let bytes) = BoundedFile.read(path, bytesMax: Self.transcriptBytesMax)
        else { return true }
        return bytes.contains(Array(Self.mark.utf8))
    }
}
