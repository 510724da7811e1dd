import HiveProcess
import HiveSignal

/// Port 1, fuse: the tests and the interfaces around the places that a signal speaks of.
enum FuseTool {
    static let placesMax = 5
    static let testsMax = 4
    static let interfacesMax = 3
    /// Files named as being without tests.
    static let missingMax = 5
    /// Shorter stems are mentioned everywhere.
    static let stemCharactersMin = 4

    static func answer(_ message: String, in repository: Repository) async throws(WorkerError)
        -> Answer
    {
        let search = try await RepositorySearch.run(message, in: repository)
        guard !search.places.isEmpty else { return SenseTool.answer(to: search) }
        let sources = sources(search)
        let tests = try await TestFinder(search: search, sources: sources).find(in: repository)
        let interfaces = interfaces(search, in: repository)
        let missing = sources.filter { source in
            !tests.contains { $0.tests.contains(source) } && !hasTestsInside(source, repository)
        }
        return answer(search, tests: tests, interfaces: interfaces, missing: missing)
    }

    /// The files of code, tests aside, that the best places are in; the best first.
    private static func sources(_ search: RepositorySearch) -> [RepositoryPath] {
        var sources: [RepositoryPath] = []
        for place in search.places where SourceKind.isCode(place.path) {
            guard !SourceKind.isTest(place.path), !sources.contains(place.path) else { continue }
            sources.append(place.path)
            if sources.count == placesMax { break }
        }
        return sources
    }

    /// The declarations that the best places in code, tests aside, belong to.
    private static func interfaces(
        _ search: RepositorySearch,
        in repository: Repository
    ) -> [Place] {
        var interfaces: [Place] = []
        let places = search.places.filter {
            SourceKind.isCode($0.path) && !SourceKind.isTest($0.path)
        }
        for place in places.prefix(2 * placesMax) where interfaces.count < interfacesMax {
            guard let file = WorkFile(place.path, in: repository) else { continue }
            let lines = file.lines
            guard let line = Declarations.nearest(to: place.line - 1, in: lines) else { continue }
            var interface = place
            interface.line = line + 1
            interface.text = ShownLine.text(lines[line], of: place.path)
            let isKnown = interfaces.contains {
                $0.path == interface.path && $0.line == interface.line
            }
            if !isKnown { interfaces.append(interface) }
        }
        return interfaces
    }

    /// Rust keeps unit tests in the file they test.
    private static func hasTestsInside(_ path: RepositoryPath, _ repository: Repository) -> Bool {
        guard path.fileExtension == "rs", let file = WorkFile(path, in: repository) else {
            return false
        }
        return file.bytes.contains(Array("#[cfg(test)]".utf8))
    }

    private static func answer(
        _ search: RepositorySearch,
        tests: [FoundTest],
        interfaces: [Place],
        missing: [RepositoryPath]
    ) -> Answer {
        var lines = tests.prefix(testsMax).map { "test \($0.shown)" }
        lines += interfaces.map { "interface \($0.shown)" }
        let untested = missing.prefix(missingMax).map(\.shown)
        // First of all lines: what is missing is what interlock is for.
        if !untested.isEmpty {
            lines.insert("no tests found for \(untested.joined(separator: ", "))", at: 0)
        }
        var details: JSONObject = [
            "words": .array(search.words.map { .string($0) }),
            "tests": .array(tests.prefix(2 * testsMax).map { .string($0.path.shown) }),
            "interfaces": .array(interfaces.map(\.json)),
            "missing": .array(untested.map { .string($0) }),
        ]
        search.addLeftOut(to: &details)
        let found = tests.isEmpty ? "no tests" : counted(tests.count, "test file")
        return Answer(
            summary: "\(found) and \(counted(interfaces.count, "interface")) around "
                + search.words.joined(separator: ", ") + search.leftOutNote,
            lines: lines,
            confidence: tests.isEmpty && interfaces.isEmpty
                ? Answer.Confidence.nothingFound : search.confidence,
            details: details
        )
    }
}

/// A test file that has to do with the search.
struct FoundTest {
    var path: RepositoryPath
    /// The sources that it tests, by its name or by mentioning theirs.
    var tests: Set<RepositoryPath>
    /// Words of the search that it has.
    var words: [String]
    var score: Int

    var shown: String {
        if !tests.isEmpty {
            return "\(path.shown): of \(tests.sorted().map(\.shown).joined(separator: ", "))"
        }
        return "\(path.shown): mentions \(words.joined(separator: ", "))"
    }
}

/// Finds the test files for the sources of a search.
private struct TestFinder {
    /// A test of that name; one that mentions the name; one that has a word.
    static let nameScore = 100
    static let mentionScore = 10
    static let wordScore = 1

    let search: RepositorySearch
    let sources: [RepositoryPath]

    /// The best first.
    func find(in repository: Repository) async throws(WorkerError) -> [FoundTest] {
        let mentions = try await mentions(in: repository)
        let found = search.files.paths.filter(SourceKind.isTest).compactMap { path in
            test(path, mentions)
        }
        return found.sorted { ($1.score, $0.path) < ($0.score, $1.path) }
    }

    private func test(
        _ path: RepositoryPath,
        _ mentions: [RepositoryPath: Set<RepositoryPath>]
    ) -> FoundTest? {
        var score = 0
        var tested: Set<RepositoryPath> = []
        let stem = SourceKind.testedStem(path)
        for source in sources {
            if let stem, SourceKind.subject(of: source).lowercased() == stem {
                score += Self.nameScore
                tested.insert(source)
            } else if mentions[source]?.contains(path) == true {
                score += Self.mentionScore
                tested.insert(source)
            }
        }
        let words = search.words.filter { search.filesByWord[$0]?.contains(path) == true }
        score += words.count * Self.wordScore
        // One common word of several is no reason.
        let isNear = words.count >= min(2, search.words.count)
        guard !tested.isEmpty || isNear else { return nil }
        return FoundTest(path: path, tests: tested, words: words, score: score)
    }

    /// The files that mention what each source is named after.
    private func mentions(
        in repository: Repository
    ) async throws(WorkerError) -> [RepositoryPath: Set<RepositoryPath>] {
        let generic: Set<String> = [
            "index", "main", "init", "__init__", "util", "utils", "types", "type", "common",
            "test", "tests", "app", "core", "base", "lib", "mod", "helpers", "package", "error",
        ]
        var mentions: [RepositoryPath: Set<RepositoryPath>] = [:]
        for source in sources {
            let subject = SourceKind.subject(of: source)
            guard subject.count >= FuseTool.stemCharactersMin,
                !generic.contains(subject.lowercased())
            else { continue }
            mentions[source] = try await RepositorySearch.files(
                with: subject,
                in: repository,
                search.files,
                asWord: true
            )
        }
        return mentions
    }
}
