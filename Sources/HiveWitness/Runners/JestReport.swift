import HiveSignal

/// The JSON that Jest writes with `--json`, and Vitest in its likeness.
struct JestReport {
    struct Case {
        /// As the report has it, absolute.
        var file: String
        var titles: [String]
        var status: String
        var messages: [String]
        /// What Jest knows of the errors: their properties.
        var details: [JSONValue]
        /// True where Jest says that it ran more than once.
        var isRetried: Bool
    }

    private(set) var cases: [Case] = []
    /// Files that could not be run, with the reason.
    private(set) var brokenFiles: [(file: String, message: String)] = []
    private(set) var faults: [String] = []
    private(set) var isSuccess = false

    init(_ bytes: [UInt8]) throws(JSONError) {
        let root = try JSONValue(parsing: bytes)
        guard let files = root["testResults"]?.arrayValue, let success = root["success"]?.boolValue
        else {
            faults.append("the report is none: it has no testResults or no success")
            return
        }
        isSuccess = success
        if root["wasInterrupted"]?.boolValue == true { faults.append("the run was interrupted") }
        for file in files { take(file) }
        compareCounts(of: root)
        checkSnapshots(of: root)
    }

    private mutating func take(_ file: JSONValue) {
        let name = file["name"]?.stringValue ?? ""
        let tests = file["assertionResults"]?.arrayValue ?? []
        for test in tests {
            var titles = (test["ancestorTitles"]?.arrayValue ?? []).compactMap(\.stringValue)
            titles.append(test["title"]?.stringValue ?? "")
            let invocations = test["invocations"]?.integerValue ?? 1
            let reasons = test["retryReasons"]?.arrayValue ?? []
            cases.append(
                Case(
                    file: name,
                    titles: titles.filter { !$0.isEmpty },
                    status: test["status"]?.stringValue ?? "",
                    messages: (test["failureMessages"]?.arrayValue ?? []).compactMap(\.stringValue),
                    details: test["failureDetails"]?.arrayValue ?? [],
                    isRetried: invocations > 1 || !reasons.isEmpty
                )
            )
        }
        let isFailed = file["status"]?.stringValue == "failed"
        if isFailed, !tests.contains(where: { $0["status"]?.stringValue == "failed" }) {
            brokenFiles.append((name, file["message"]?.stringValue ?? ""))
        }
    }

    private mutating func compareCounts(of root: JSONValue) {
        let failed = cases.count { $0.status == "failed" }
        let passed = cases.count { $0.status == "passed" }
        let counts: [(String, Set<Int>)] = [
            // Older Vitests count all that did not fail as passed.
            ("numPassedTests", [passed, cases.count - failed]), ("numFailedTests", [failed]),
            ("numTotalTests", [cases.count]),
        ]
        for (key, expected) in counts {
            guard let count = root[key]?.integerValue else { continue }
            if !expected.contains(where: { Int64($0) == count }) {
                faults.append("the report says \(key)=\(count), which its tests deny")
            }
        }
        let hasFailures = !brokenFiles.isEmpty || failed > 0
        if isSuccess && hasFailures { faults.append("the report says success, yet tests failed") }
    }

    /// A snapshot that the run itself wrote proves nothing.
    private mutating func checkSnapshots(of root: JSONValue) {
        for key in ["added", "updated"] {
            guard let count = root["snapshot"]?[key]?.integerValue, count > 0 else { continue }
            faults.append("the run wrote snapshots (\(key): \(count)) and then compared with them")
        }
    }

    /// The files' paths from the tree on; where nobody says where that is, from the folder that
    /// all of them are in.
    func paths(below tree: String?) -> [String: String] {
        let files = Set(cases.map(\.file) + brokenFiles.map(\.file))
        let folder = (tree ?? Self.sharedFolder(of: files)) + "/"
        return files.reduce(into: [:]) { paths, file in
            paths[file] = file.hasPrefix(folder) ? String(file.dropFirst(folder.count)) : file
        }
    }

    private static func sharedFolder(of files: Set<String>) -> String {
        let folders = files.map {
            $0.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        }
        guard var shared = folders.first else { return "" }
        for folder in folders {
            shared = shared.prefix(zip(shared, folder).prefix { $0 == $1 }.count)
        }
        return shared.joined(separator: "/")
    }
}
