import HiveSignal

// The events of go test -json (go doc test2json)
//
// Tests of one package run in one process, one after another but for those that say they are
// parallel, and the go tool turns what the process prints into events. So a line that a test
// prints to look like a result stands where no result can: inside of another test, before the
// test began, a second time, or behind the PASS that testing prints at the end. All of these are
// faults. A package that passes without that PASS was ended by os.Exit(0).
//
// What gets through: a whole run that TestMain or an init function prints before it ends the
// process with 0.

/// What a run of `go test -json` said.
struct GoEvents {
    private var packages: [String: GoPackage] = [:]
    private var faults: [String] = []

    var isEmpty: Bool { packages.isEmpty }

    var packageNames: [String] { packages.keys.sorted() }

    init(_ output: [UInt8]) {
        for line in output.split(separator: 0x0A, omittingEmptySubsequences: true) {
            guard line.first == UInt8(ascii: "{") else {
                takePlain(String(decoding: line, as: UTF8.self))
                continue
            }
            guard let event = try? JSONValue(parsing: Array(line)) else {
                faults.append("an event of go test is torn or no JSON")
                return
            }
            take(event)
        }
    }

    /// Before Go 1.24 a package that does not compile is told in plain text.
    private mutating func takePlain(_ line: String) {
        if line.hasPrefix("FAIL") {
            faults.append("a package did not compile: \(line)")
        } else if !line.allSatisfy(\.isWhitespace) {
            faults.append("go test printed what is no event: \(line)")
        }
    }

    private mutating func take(_ event: JSONValue) {
        guard let action = event["Action"]?.stringValue else {
            faults.append("an event of go test has no action")
            return
        }
        guard let name = event["Package"]?.stringValue else {
            // build-output and build-fail, Go 1.24: the package's own events tell it again.
            if action == "build-fail" {
                let path = event["ImportPath"]?.stringValue ?? ""
                faults.append("a package did not compile: \(path)")
            }
            return
        }
        let output = event["Output"]?.stringValue ?? ""
        if event["FailedBuild"] != nil {
            packages[name, default: GoPackage()].isBuildFailure = true
        }
        if let test = event["Test"]?.stringValue {
            let fault = packages[name, default: GoPackage()].take(action, of: test, output)
            if let fault { faults.append("in \(name) the test \(test) \(fault)") }
        } else {
            packages[name, default: GoPackage()].take(action, output)
        }
    }

    /// Puts the tests that ran, and the faults, into a report.
    func add(to draft: inout ReportDraft) {
        faults.forEach { draft.fault($0) }
        for (name, package) in packages.sorted(by: { $0.key < $1.key }) {
            if let fault = package.contradiction { draft.fault("the package \(name) \(fault)") }
            let errors = package.errors
            for (test, state) in package.tests {
                let full = "\(name).\(test)"
                switch state.result {
                case "pass": draft.add(full, .passed)
                case "skip": draft.add(full, .skipped, message: state.message)
                case "fail":
                    let kind: TestCase.Failure = errors.contains(test) ? .error : .assertion
                    draft.add(full, .failed(kind), message: state.message)
                default:
                    let message = state.message.isEmpty ? "it did not end" : state.message
                    draft.add(full, .failed(.error), message: message)
                }
            }
        }
    }
}
