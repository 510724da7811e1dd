import Glibc
import HiveProcess
import HiveSignal
import HiveWitness

/// Takes receipts to where commits are pushed, before them: whoever judges them there needs both.
///
/// It is the person's own `git push`, with the transports and credentials of the one that asked.
struct ReceiptPush: Sendable {
    let place: HookPlace
    /// A remote's name, or its address.
    let remote: String
    let desk: VerifyDesk

    private static let secondsMax = 60.0
    private static let outputBytesMax = 64 << 10
    private static let incoming = "\(GitRepository.receiptsRef)-incoming"

    /// - Returns: what hindered it, for people; nil where it is done, or there are none.
    func run() async throws(HiveError) -> String? {
        let own = GitRepository.receiptsRef
        guard try await git(["rev-parse", "--verify", "--quiet", own]) == 0 else { return nil }
        // Theirs are added to ours first: a ref of notes only goes forward.
        let fetch = ["fetch", "--quiet", "--no-tags", remote, "+\(own):\(Self.incoming)"]
        if try await git(fetch) == 0 {
            let merge = [
                "-c", "user.name=hive", "-c", "user.email=hive@localhost", "notes", "--ref", own,
                "merge", "--quiet", "--strategy", "cat_sort_uniq", Self.incoming,
            ]
            let before = try await desk.receiptLines(at: own)
            let head = try await desk.commit(own)
            guard try await git(merge) == 0 else { return hindered }
            // Whoever took receipts away on the other side takes none of ours.
            guard before.isSubset(of: try await desk.receiptLines(at: own)) else {
                if let head { _ = try await git(["update-ref", own, head]) }
                return "the receipts of the other side lack some that were there; \(hindered)"
            }
        }
        let push = ["push", "--quiet", "--no-verify", remote, "\(own):\(own)"]
        return try await git(push) == 0 ? nil : hindered
    }

    private var hindered: String {
        "the receipts did not go along: git push \(PlainText.oneLine(remote)) "
            + "\(GitRepository.receiptsRef)"
    }

    /// - Returns: git's exit code; one that a signal or its time ended has none of its own.
    private func git(_ words: [String]) async throws(HiveError) -> Int32 {
        do {
            let result = try await CommandRunner.run(
                Command(
                    words: ["git"] + words,
                    folder: place.top,
                    environment: ["GIT_TERMINAL_PROMPT": "0"],
                    hidesSecrets: false,
                    limits: Command.Limits(
                        seconds: Self.secondsMax,
                        outputBytes: Self.outputBytesMax
                    )
                )
            )
            guard case .exited(let code) = result.ending else { return -1 }
            return code
        } catch {
            throw .machine(error.message, hint: error.hint)
        }
    }
}
