import HiveProcess

/// A place in a file where words of the search stand close together.
struct Place: Sendable, Hashable {
    var path: RepositoryPath
    /// From 1.
    var line: Int
    /// The line's text, readable; secrets are not shown.
    var text: String
    /// How much it tells: the weights of the words of its file and of those around the line.
    var score: Double
    /// Distinct words around the line.
    var words: Int
}

/// Finds the telling places of one file.
struct PlaceFinder {
    /// Lines that count as close.
    static let windowLines = 10
    /// Places of one file.
    static let placesMax = 3
    /// Occurrences of one word in one file that are looked at.
    static let occurrencesMax = 2_000

    /// Words in lower case with what each of them weighs: rare words weigh more.
    let weights: [(word: String, weight: Double)]

    /// The best places of a file, the best first.
    ///
    /// - `fileScore`: what the file as a whole tells; it counts for its first place.
    func places(in file: WorkFile, fileScore: Double) -> [Place] {
        let lines = file.lines
        let hits = self.hits(in: file, lines: lines)
        var taken: [Int] = []
        var places: [Place] = []
        let windows = hits.keys.sorted().map { window(from: $0, hits) }
            .sorted { ($1.score, $0.line) < ($0.score, $1.line) }
        for window in windows where places.count < Self.placesMax {
            guard taken.allSatisfy({ abs($0 - window.line) > Self.windowLines }) else { continue }
            taken.append(window.line)
            places.append(
                Place(
                    path: file.path,
                    line: window.line + 1,
                    text: ShownLine.text(lines[window.line], of: file.path),
                    score: window.score + (places.isEmpty ? fileScore : 0),
                    words: window.words
                )
            )
        }
        return places
    }

    /// The words (by number) on each line that has any; lines from 0.
    private func hits(in file: WorkFile, lines: [ArraySlice<UInt8>]) -> [Int: Set<Int>] {
        let text = file.bytes.map(ASCII.lowercased)
        let starts = lines.map(\.startIndex)
        var hits: [Int: Set<Int>] = [:]
        for (number, entry) in weights.enumerated() {
            for offset in text.offsets(of: Array(entry.word.utf8), max: Self.occurrencesMax) {
                hits[lineNumber(of: offset, starts), default: []].insert(number)
            }
        }
        return hits
    }

    /// The window that starts at a line; its line is the one that tells most.
    private func window(
        from first: Int,
        _ hits: [Int: Set<Int>]
    ) -> (line: Int, score: Double, words: Int) {
        var words: Set<Int> = []
        var best = (line: first, weight: 0.0)
        for line in first..<(first + Self.windowLines) {
            guard let here = hits[line] else { continue }
            words.formUnion(here)
            let weight = weight(of: here)
            if weight > best.weight { best = (line, weight) }
        }
        // The line itself counts, too: of two windows with the same words, the denser one.
        return (best.line, weight(of: words) + best.weight, words.count)
    }

    /// In a fixed order, so that the sum of floating-point numbers is the same each time.
    private func weight(of words: Set<Int>) -> Double {
        words.sorted().reduce(0) { $0 + weights[$1].weight }
    }

    /// The last line that starts at or before the offset.
    private func lineNumber(of offset: Int, _ starts: [Int]) -> Int {
        var (low, high) = (0, starts.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= offset { low = middle } else { high = middle }
        }
        return low
    }
}

/// A line of a file as messages show it.
enum ShownLine {
    /// The line, cut; of one that holds a secret, only what kind of secret.
    static func text(_ line: ArraySlice<UInt8>, of path: RepositoryPath) -> String {
        let isSettings = SourceKind.isSettings(path)
        if let secret = Secrets.kind(in: line, isSettingsFile: isSettings) { return "(\(secret))" }
        return Readable.line(line)
    }
}
