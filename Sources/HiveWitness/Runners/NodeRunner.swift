import HiveSignal

/// Node's own runner, `node --test`, by a reporter that hive brings with it.
///
/// None of Node's reporters names the file of a test that passes, and its TAP and JUnit leave out
/// what an error is. The reporter here writes Node's events as JSON lines. It is a module in a
/// `data:` address, as nothing else is sure to be there.
///
/// Each test file runs in a process of its own and sends its events over its standard output: a
/// file that writes frames of that protocol itself is not told from the runner.
struct NodeRunner: TestRunner {
    static let name = "node"
    private static let file = "node.jsonl"

    var name: String { Self.name }

    func takes(_ words: [String]) -> Bool {
        words.first?.lastPathPart == "node" && words.contains("--test")
    }

    func invocation(of words: [String], reportingTo folder: String) -> RunnerInvocation {
        let own = words.without(options: ["--test-reporter", "--test-reporter-destination"])
        let options = [
            "--experimental-test-coverage", "--test-reporter=\(NodeReporter.address)",
            "--test-reporter-destination=\(folder)/\(Self.file)",
        ]
        let place = own.place(of: ["node"])
        return RunnerInvocation(words: own.inserting(options, behind: place))
    }

    func report(of run: FinishedRun) -> RunReport {
        var draft = ReportDraft(runner: name)
        guard let bytes = run.reports[Self.file] else {
            draft.faultMissing(Self.file, after: run)
            return draft.finished(run)
        }
        NodeEvents(bytes).add(to: &draft)
        return draft.finished(run)
    }
}

/// The reporter's module.
enum NodeReporter {
    static let address = "data:text/javascript," + escaped(source)

    /// One line for each test that is queued and each that has a result, then one for the covered
    /// lines of each file, then `end`.
    ///
    /// Errors come from other processes, where only their properties are left of them. Chai's
    /// assertions carry no code, but a property that says whether to show a difference.
    private static let source = """
        import {relative, resolve} from 'node:path';
        const text = (v) => { try { return String(v).slice(0, 1000).toWellFormed(); }
          catch { return ''; } };
        const rel = (f) => typeof f === 'string' ? text(relative(process.cwd(), f)) : '';
        const on = (v) => v !== undefined && v !== null && v !== false;
        export default async function* (source) {
          const put = (v) => JSON.stringify(v) + '\\n';
          for await (const {type, data} of source) {
            if (type === 'test:enqueue' || type === 'test:start' || type === 'test:pass'
                || type === 'test:fail') {
              const details = data.details ?? {};
              const error = details.error;
              const cause = error?.cause;
              const thrown = cause !== null && typeof cause === 'object' ? cause : {};
              const isFile = data.nesting === 0 && typeof data.file === 'string'
                && resolve(String(data.name)) === resolve(data.file);
              const name = isFile ? rel(data.file) : String(data.name).toWellFormed();
              yield put({type: type.slice(5), file: rel(data.file), name, isFile,
                nesting: data.nesting, place: data.line + ':' + data.column,
                isSuite: details.type === 'suite', skip: on(data.skip), todo: on(data.todo),
                failure: error?.failureType ?? null,
                assertion: thrown.name === 'AssertionError'
                  && (thrown.code === 'ERR_ASSERTION' || 'showDiff' in thrown),
                message: text(thrown.message ?? error?.message ?? '')});
            } else if (type === 'test:coverage') {
              for (const file of data.summary?.files ?? []) {
                const lines = (file.lines ?? []).filter((l) => l.count > 0).map((l) => l.line);
                yield put({type: 'coverage', file: rel(file.path), lines});
              }
            }
          }
          yield put({type: 'end'});
        }
        """

    /// Percent-encoding of all but letters and digits (RFC 3986 §2.1).
    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                escaped.append(Character(Unicode.Scalar(byte)))
            default: escaped += "%" + Hex.encode([byte])
            }
        }
        return escaped
    }
}
