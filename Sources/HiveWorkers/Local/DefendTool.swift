import HiveProcess
import HiveSignal

/// Port 5, defend: what in the change weakens the project.
enum DefendTool {
    /// Findings of a kind that the message names, and that details list.
    static let shownMax = 4
    static let listedMax = 20

    static func answer(in repository: Repository) async throws(WorkerError) -> Answer {
        var change = try await Change(of: repository)
        var scanner = ChangeScanner()
        scanner.scan(try await change.patch(in: repository))
        change.readNewFiles(in: repository) { scanner.scan($0) }
        scanner.scan(change.entries)
        return answer(change, scanner)
    }

    private static func answer(_ change: Change, _ scanner: ChangeScanner) -> Answer {
        let kinds = ChangeScanner.Kind.allCases.filter { scanner.counts[$0] != nil }
        var details: JSONObject = [
            "addedLines": .integer(Int64(scanner.addedLines)),
            "files": .integer(Int64(scanner.files.count)),
        ]
        for kind in kinds {
            let findings = scanner.findings[kind] ?? []
            details[kind.key] = .array(findings.prefix(listedMax).map(\.json))
        }
        return Answer(
            summary: summary(change, scanner, kinds) + change.leftOutNote,
            lines: kinds.map { line($0, scanner) },
            confidence: confidence(change, kinds),
            details: details
        )
    }

    private static func summary(
        _ change: Change,
        _ scanner: ChangeScanner,
        _ kinds: [ChangeScanner.Kind]
    ) -> String {
        if change.status.entries.isEmpty { return "nothing has changed: nothing to defend" }
        let lines = counted(scanner.addedLines, "added line")
        let scanned = "\(lines) in \(counted(scanner.files.count, "file"))"
        guard !kinds.isEmpty else { return "nothing suspicious in \(scanned)" }
        let count = kinds.reduce(0) { $0 + (scanner.counts[$1] ?? 0) }
        return "\(counted(count, "finding")) in \(scanned)"
    }

    /// `2 skipped or focused tests: a.py:3 (mark.skip), b.js:4 (it.only)`.
    private static func line(_ kind: ChangeScanner.Kind, _ scanner: ChangeScanner) -> String {
        let count = scanner.counts[kind] ?? 0
        let findings = (scanner.findings[kind] ?? []).prefix(shownMax)
        let more = count - findings.count
        return kind.counted(count) + ": " + findings.map(\.shown).joined(separator: ", ")
            + (more > 0 ? " and \(more) more" : "")
    }

    /// A scan that finds nothing proves little.
    private static func confidence(
        _ change: Change,
        _ kinds: [ChangeScanner.Kind]
    ) -> Double {
        if !kinds.isEmpty { return Answer.Confidence.found }
        return change.status.entries.isEmpty
            ? Answer.Confidence.nothingFound : Answer.Confidence.foundWeakly
    }
}

extension ChangeScanner.Finding {
    /// `path:line (what)`.
    var shown: String { "\(place) (\(what))" }

    private var place: String { line.map { "\(path.shown):\($0)" } ?? path.shown }

    var json: JSONValue {
        [
            "path": .string(path.shown),
            "line": line.map { .integer(Int64($0)) } ?? .null,
            "what": .string(what),
        ]
    }
}
