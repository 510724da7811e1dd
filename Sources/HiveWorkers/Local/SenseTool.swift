import HiveProcess
import HiveSignal

/// Port 0, sense: the places in the repository that a signal speaks of.
enum SenseTool {
    static let placesMax = 5

    static func answer(_ message: String, in repository: Repository) async throws(WorkerError)
        -> Answer
    {
        let search = try await RepositorySearch.run(message, in: repository)
        return answer(to: search)
    }

    static func answer(to search: RepositorySearch) -> Answer {
        let places = search.places.prefix(placesMax)
        var details: JSONObject = [
            "words": .array(search.words.map { .string($0) }),
            "places": .array(places.map(\.json)),
            "files": .integer(Int64(search.files.paths.count)),
        ]
        search.addLeftOut(to: &details)
        return Answer(
            summary: summary(of: search, shown: places.count) + search.leftOutNote,
            lines: places.map(\.shown),
            confidence: search.confidence,
            details: details
        )
    }

    private static func summary(of search: RepositorySearch, shown: Int) -> String {
        guard !search.words.isEmpty else { return "the signal has no words to look for" }
        let words = search.words.joined(separator: ", ")
        let all = counted(search.files.paths.count, "file")
        if shown == 0 { return "nothing found in \(all) for \(words)" }
        return "\(counted(shown, "place")) in \(all) for \(words)"
    }
}

extension RepositorySearch {
    /// What was not searched, for the end of a summary; empty where all was.
    var leftOutNote: String {
        var note = ""
        if !files.large.isEmpty {
            let files = counted(files.large.count, "file")
            note += "; left out: \(files) over \(Git.fileBytesMax >> 20) MiB"
        }
        if !skipped.isEmpty { note += "; no time for \(skipped.joined(separator: ", "))" }
        if files.isCut { note += "; the repository has more files than can be listed" }
        return note
    }

    func addLeftOut(to details: inout JSONObject) {
        if !files.large.isEmpty { details["leftOut"] = .integer(Int64(files.large.count)) }
        if files.isCut { details["isCut"] = true }
    }
}

extension Place {
    /// `path:line: text`.
    var shown: String { "\(path.shown):\(line): \(text)" }

    var json: JSONValue {
        ["path": .string(path.shown), "line": .integer(Int64(line)), "text": .string(text)]
    }
}
