/// The tests of one Go package, as the events about it come in.
struct GoPackage {
    struct Test {
        /// `pass`, `fail` or `skip`; nil: it has not ended.
        var result: String?
        /// A panic, a fatal error of the runtime or a race ended it, not a failed check.
        var isError = false
        var message = ""
        /// True where its line such as `--- PASS: TestA (0.00s)` has come.
        var hasVerdict = false
    }

    private(set) var tests: [String: Test] = [:]
    /// The test at the top that runs now; parallel ones have said that they are and do not count.
    private var current: String?
    private var result: String?
    /// True where testing printed its own PASS or FAIL.
    private var sawVerdict = false
    /// True where the go tool said that the test program ran to its end.
    private var sawEnd = false
    private var message = ""
    var isBuildFailure = false

    /// Takes an event about a test; gives what is wrong with it.
    mutating func take(_ action: String, of name: String, _ output: String) -> String? {
        switch action {
        case "run": return begin(name)
        case "pause":
            if current == name { current = nil }
            return nil
        case "pass", "fail", "skip": return end(name, action)
        case "output": return note(output, of: name)
        default: return nil
        }
    }

    private mutating func begin(_ name: String) -> String? {
        guard tests[name] == nil else { return "was run twice" }
        guard !sawVerdict else { return "began behind the end of the run: a test printed it" }
        let top = String(name.prefix { $0 != "/" })
        if top != name {
            guard let parent = tests[top], parent.result == nil else {
                return "began outside of the test that it is part of: a test printed it"
            }
        } else {
            if let current, tests[current]?.result == nil {
                return "began inside of \(current): that test printed it"
            }
            current = name
        }
        tests[name] = Test()
        return nil
    }

    private mutating func end(_ name: String, _ action: String) -> String? {
        guard let test = tests[name] else {
            return "has a result and never began: a test printed it"
        }
        guard test.result == nil else { return "has two results: a test printed one" }
        tests[name]?.result = action
        if current == name { current = nil }
        return nil
    }

    private mutating func note(_ output: String, of name: String) -> String? {
        guard var test = tests[name] else { return nil }
        defer { tests[name] = test }
        let line = output.drop { $0 == " " || $0 == "\t" }
        let isPanic = Self.isPanic(line)
        if isPanic, !test.isError { test.message = String(line) }
        test.isError = test.isError || isPanic
        if test.message.isEmpty, !line.hasPrefix("=== "), !line.hasPrefix("--- ") {
            test.message = String(line)
        }
        guard line.hasPrefix("--- "), line.contains(": \(name) (") else { return nil }
        guard test.hasVerdict else {
            test.hasVerdict = true
            return nil
        }
        test.result = "fail"
        test.isError = true
        return "has two results: a test printed one"
    }

    /// Takes an event about the package itself.
    mutating func take(_ action: String, _ output: String) {
        switch action {
        case "pass", "fail", "skip": result = action
        case "output":
            if output == "PASS\n" || output == "FAIL\n" { sawVerdict = true }
            if output.hasPrefix("ok  \t") { sawEnd = true }
            if output.hasPrefix("FAIL\t") && output.hasSuffix(" failed]\n") {
                isBuildFailure = true
            }
            if message.isEmpty, Self.isPanic(output[...]) { message = output }
        default: break
        }
    }

    private static func isPanic(_ line: Substring) -> Bool {
        line.hasPrefix("panic: ") || line.hasPrefix("fatal error: ")
            || (line.hasPrefix("goroutine ") && line.hasSuffix("[running]:\n"))
            || line.contains("race detected during execution of test")
    }

    // MARK: - What it comes to

    private var unfinished: [String] {
        tests.filter { $0.value.result == nil }.map(\.key).sorted()
    }

    /// Why its result cannot be believed.
    var contradiction: String? {
        let failed = tests.filter { $0.value.result == "fail" }.map(\.key).sorted()
        switch result {
        case "pass":
            if let name = unfinished.first { return "passes, yet \(name) has no result" }
            if let name = failed.first { return "passes, yet \(name) failed" }
            guard sawVerdict || (tests.isEmpty && !sawEnd) else {
                return "ended without testing's own PASS: something called os.Exit"
            }
            return nil
        case "fail":
            if isBuildFailure { return "did not compile" }
            guard failed.isEmpty, unfinished.isEmpty else { return nil }
            return "failed outside of its tests" + (message.isEmpty ? "" : ": \(message)")
        case "skip": return tests.isEmpty ? nil : "says that it has no tests, yet some ran"
        default: return "has no result: go test was cut off"
        }
    }

    /// The tests that something other than a check made fail, and those that have such subtests.
    var errors: Set<String> {
        var names: Set<String> = []
        for (name, test) in tests where test.result != "pass" && test.result != "skip" {
            guard test.isError || test.result == nil else { continue }
            var rest = name[...]
            names.insert(name)
            while let slash = rest.lastIndex(of: "/") {
                rest = rest[..<slash]
                guard names.insert(String(rest)).inserted else { break }
            }
        }
        return names
    }
}
