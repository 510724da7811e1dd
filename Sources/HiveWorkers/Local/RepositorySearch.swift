import HiveProcess
import Glibc

/// The places of a repository that the words of a message lead to.
///
/// git tells for each word which files have it. What a word weighs follows from how few those are,
/// what a file tells from its words and its name; the best files are read to find the lines.
struct RepositorySearch: Sendable {
    /// Files that are read.
    static let candidatesMax = 24
    /// What a word in a file's name adds, as a share of the word's weight.
    static let nameShare = 1.0
    /// Once so many seconds have gone by, no further word is begun.
    static let secondsMax = 30.0

    /// The words that were looked for.
    let words: [String]
    /// Words that there was no time for.
    let skipped: [String]
    let files: FileList
    /// The best places first.
    let places: [Place]
    /// The files that have the word, by word.
    let filesByWord: [String: Set<RepositoryPath>]

    /// True: at least one place has several of the words, or the only one.
    var isStrong: Bool { places.contains { $0.words >= min(2, words.count) } }

    /// How sure an answer built on it is.
    var confidence: Double {
        if places.isEmpty { return Answer.Confidence.nothingFound }
        return isStrong ? Answer.Confidence.found : Answer.Confidence.foundWeakly
    }

    /// Searches all that is tracked or untracked, but not ignored, large or hive's own.
    static func run(
        _ message: String,
        in repository: Repository
    ) async throws(WorkerError) -> RepositorySearch {
        let start = ContinuousClock.now
        let asked = SearchWords(message).words
        let files = try await FileList.list(repository)
        var filesByWord: [String: Set<RepositoryPath>] = [:]
        for word in asked where start.duration(to: .now) < .seconds(secondsMax) {
            filesByWord[word] = try await Self.files(with: word, in: repository, files)
        }
        let words = asked.filter { filesByWord[$0] != nil }
        let weights = words.map { word in
            (word, weight(files: filesByWord[word]?.count ?? 0, of: files.paths.count))
        }
        let scores = fileScores(weights, filesByWord)
        let best = scores.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .prefix(candidatesMax)
        let finder = PlaceFinder(weights: weights)
        let places = best.flatMap { path, score in
            WorkFile(path, in: repository).map { finder.places(in: $0, fileScore: score) } ?? []
        }
        return RepositorySearch(
            words: words,
            skipped: asked.filter { filesByWord[$0] == nil },
            files: files,
            places: places.sorted {
                ($1.score, $0.path, $0.line) < ($0.score, $1.path, $1.line)
            },
            filesByWord: filesByWord
        )
    }

    /// The text files that have the word, in whatever case and as a part of others.
    ///
    /// - `asWord`: as a word of its own instead, in this very case.
    static func files(
        with word: String,
        in repository: Repository,
        _ files: FileList,
        asWord: Bool = false
    ) async throws(WorkerError) -> Set<RepositoryPath> {
        let output = try await repository.git.run(
            [
                "grep", "--untracked", "--no-recurse-submodules", "--no-color", "--full-name",
                "-l", "-z", "-F", "-I", asWord ? "-w" : "-i", "-e", word, "--",
            ] + repository.pathspecs(leavingOut: files.large),
            accepting: [0, 1]
        )
        return Set(output.fields.map { RepositoryPath($0) })
    }

    /// The rarer the word, the more it weighs; one that no file has weighs nothing.
    private static func weight(files: Int, of all: Int) -> Double {
        files == 0 ? 0 : log(1 + Double(max(all, files)) / Double(files))
    }

    private static func fileScores(
        _ weights: [(word: String, weight: Double)],
        _ filesByWord: [String: Set<RepositoryPath>]
    ) -> [RepositoryPath: Double] {
        var scores: [RepositoryPath: Double] = [:]
        // Word by word in a fixed order: so the sums are the same each time.
        for (word, weight) in weights {
            for path in filesByWord[word] ?? [] { scores[path, default: 0] += weight }
        }
        for (word, weight) in weights {
            for path in scores.keys
            where path.lastComponent.lowercased().contains(word) {
                scores[path, default: 0] += nameShare * weight
            }
        }
        return scores
    }
}
