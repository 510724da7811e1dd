/// JUnit XML as its many writers understand it: suites in suites, and test cases with what became
/// of them.
struct JUnitReport {
    /// A `<testcase>` where it stands.
    struct Case {
        /// The names of the suites around it, the outermost first.
        var suites: [String]
        var element: XMLElement

        var className: String { element.attributes["classname"] ?? "" }
        var name: String { element.attributes["name"] ?? "" }
        var failures: [XMLElement] { element.all("failure") }
        var errors: [XMLElement] { element.all("error") }
        var skip: XMLElement? { element.first("skipped") ?? element.first("disabled") }

        /// Surefire's words for a test that was run until it passed, or run again.
        var isRetried: Bool {
            let words: Set<String> = [
                "flakyFailure", "flakyError", "rerunFailure", "rerunError",
            ]
            return element.children.contains { words.contains($0.name) }
        }
    }

    private let countsTests: Bool
    private(set) var cases: [Case] = []
    /// Suites whose counts are not those of their test cases, a line each.
    private(set) var contradictions: [String] = []

    /// Reads a report.
    ///
    /// - Parameters:
    ///   - root: `<testsuites>` or one `<testsuite>`.
    ///   - countsTests: false where the writer's `tests` counts other things, too.
    /// - Throws: `XMLFault` for any other root.
    init(_ root: XMLElement, countsTests: Bool = true) throws(XMLFault) {
        self.countsTests = countsTests
        guard root.name == "testsuites" || root.name == "testsuite" else {
            throw XMLFault(line: 1, problem: "<\(root.name)> is no JUnit report")
        }
        // No deeper than the reader lets elements nest.
        _ = visit(root, in: [])
    }

    /// Takes the cases under an element, compares its counts with theirs, and gives those.
    private mutating func visit(_ element: XMLElement, in suites: [String]) -> Tally {
        var suites = suites
        if element.name == "testsuite", let name = element.attributes["name"] {
            suites.append(name)
        }
        var own = Tally()
        var all = Tally()
        for child in element.children {
            switch child.name {
            case "testcase":
                let found = Case(suites: suites, element: child)
                cases.append(found)
                own.count(found)
                all.count(found)
            case "testsuite": all.add(visit(child, in: suites))
            case "error" where element.name == "testsuite":
                let message = child.attributes["message"] ?? child.text
                contradictions.append("a suite could not be run: \(message)")
            default: break
            }
        }
        compare(element, own: own, all: all)
        return all
    }

    /// A writer may count what is directly in a suite or all that is under it, and skipped tests
    /// or not; each of these is taken, anything else contradicts itself.
    private mutating func compare(_ element: XMLElement, own: Tally, all: Tally) {
        let counts: [(String, Set<Int>)] = [
            ("tests", own.tests.union(all.tests)), ("failures", own.failures.union(all.failures)),
            ("errors", own.errors.union(all.errors)),
        ]
        let suite = element.attributes["name"].map { "the suite \($0)" } ?? "<\(element.name)>"
        for (word, counts) in counts {
            guard countsTests || word != "tests", let text = element.attributes[word] else {
                continue
            }
            let isKnown = Int(text).map(counts.contains) ?? false
            if !isKnown {
                contradictions.append("\(suite) says \(word)=\(text), which its tests deny")
            }
        }
    }

    /// What is under an element.
    private struct Tally {
        private var cases = 0
        private var skippedCases = 0
        private var failedCases = 0
        private var failureElements = 0
        private var brokenCases = 0
        private var errorElements = 0

        var tests: Set<Int> { [cases, cases - skippedCases] }
        var failures: Set<Int> { [failedCases, failureElements, failedCases + brokenCases] }
        var errors: Set<Int> { [brokenCases, errorElements] }

        mutating func count(_ found: Case) {
            cases += 1
            skippedCases += found.skip == nil ? 0 : 1
            failedCases += found.failures.isEmpty ? 0 : 1
            failureElements += found.failures.count
            brokenCases += found.errors.isEmpty ? 0 : 1
            errorElements += found.errors.count
        }

        mutating func add(_ other: Tally) {
            cases += other.cases
            skippedCases += other.skippedCases
            failedCases += other.failedCases
            failureElements += other.failureElements
            brokenCases += other.brokenCases
            errorElements += other.errorElements
        }
    }
}
