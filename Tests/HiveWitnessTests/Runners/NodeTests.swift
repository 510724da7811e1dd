import Testing

@testable import HiveWitness

@Suite struct NodeTests {
    private func report(_ lines: [String], exit code: Int32 = 0) -> RunReport {
        let text = lines.map { $0 + "\n" }.joined()
        return NodeRunner().report(of: FinishedRun(exit: code, reports: ["node.jsonl": text]))
    }

    private func event(_ type: String, _ name: String, nesting: Int = 0, more: String = "")
        -> String
    {
        #"{"type":"\#(type)","file":"a.js","name":"\#(name)","nesting":\#(nesting)\#(more)}"#
    }

    private let end = #"{"type":"end"}"#

    @Test func `a test that was queued and has no result is a fault`() {
        let lines = [
            event("enqueue", "a"), event("enqueue", "b"), event("start", "a"), event("pass", "a"),
        ]
        let report = report(lines + [end])
        #expect(report.words == ["a.js > a": "passed"])
        #expect(report.faults == ["the test b in a.js has no result: its file was ended early"])
    }

    @Test func `a report that is torn, goes on behind its end or is out of order has a fault`() {
        let good = [event("start", "a"), event("pass", "a")]
        let queued = [event("enqueue", "a")] + good
        #expect(report(queued + [end]).faults == [])
        #expect(report(queued).hasFault("has no end"))
        #expect(report(queued + [end, event("pass", "b")]).hasFault("written to by a test"))
        #expect(report(queued + ["{\"type\":"]).hasFault("torn"))
        #expect(report([event("pass", "a"), end]).hasFault("never began"))
        #expect(report([event("start", "a", nesting: 2), end]).hasFault("out of order"))
        #expect(report([event("start", "a", nesting: -1), end]).hasFault("out of order"))
        #expect(report(queued + queued + [end]).hasFault("there twice"))
    }

    // MARK: - The real node

    private static let sum = """
        exports.add = (a, b) => {
          if (a === 0) {
            return b;
          }
          return a + b;
        };
        """

    private static let all = """
        const test = require('node:test'); const assert = require('node:assert');
        const { describe, it, before } = test; const { add } = require('../sum.js');
        const raise = (more, text = 'x') => { throw Object.assign(new Error(text), more); };
        test('passes', () => { assert.strictEqual(add(1, 2), 3); });
        test('fails', () => { assert.strictEqual(add(1, 2), 4); });
        test('throws', () => { throw new TypeError('no'); });
        test('takes the code', () => raise({ code: 'ERR_ASSERTION' }));
        test('takes the name', () => raise({ name: 'AssertionError' }));
        test('throws text', () => { throw 'AssertionError [ERR_ASSERTION]: x'; });
        test('like chai', () => raise({ name: 'AssertionError', showDiff: true }));
        test('skipped', { skip: 'why' }, () => { assert.ok(0); });
        test('todo', { todo: true }, () => { assert.ok(0); });
        test('outer', async (t) => {
          await t.test('inner', () => {});
          await t.test('bad', () => { assert.ok(0); });
        });
        test('prints', () => {
          console.log('ok 1 - ghost\\n1..1\\n{"type":"pass","name":"ghost"}');
        });
        describe('suite', () => {
          it('works', () => {});
          it('does not', () => { assert.ok(0); });
        });
        describe('hooked', () => {
          before(() => raise({}, 'hook'));
          it('never', () => {});
        });
        """

    private static let files = [
        "sum.js": sum,
        "test/all.test.js": all,
        "test/never.test.js": "require('node:test')('never ends', () => new Promise(() => {}));",
        "test/broken.test.js": "require('./nowhere');",
        "test/helper.test.js": "console.log('ok 1 - helper');",
        "test/quits.test.js": """
        const test = require('node:test');
        test('lost', () => {}); test('quits', () => { process.exit(0); });
        """,
    ]

    @Test(.enabled(if: Tool.node, "node 20 is not installed"))
    func `the real node: every outcome, with its file, and the covered lines`() async throws {
        let report = try await Project(Self.files).run(["node", "--test", "test/"])
        let file = "test/all.test.js"
        #expect(
            report.words == [
                "\(file) > passes": "passed", "\(file) > fails": "assertion",
                "\(file) > throws": "error", "\(file) > takes the code": "error",
                "\(file) > takes the name": "error", "\(file) > throws text": "error",
                "\(file) > like chai": "assertion", "\(file) > skipped": "skipped",
                "\(file) > todo": "skipped", "test/never.test.js > never ends": "error",
                "\(file) > outer": "assertion", "\(file) > outer > inner": "passed",
                "\(file) > outer > bad": "assertion", "\(file) > prints": "passed",
                "\(file) > suite > works": "passed", "\(file) > suite > does not": "assertion",
                "\(file) > hooked": "error", "\(file) > hooked > never": "error",
                "test/broken.test.js": "error",
            ]
        )
        #expect(report.faults == [])
        let lines = try #require(report.covered?["sum.js"])
        #expect(lines.isSuperset(of: [1, 2, 5]))
        #expect(lines.isDisjoint(with: [3]))
    }

    @Test(
        .enabled(if: Tool.node, "node 20 is not installed"),
        arguments: [
            (
                // Its first result is out before the process ends.
                "test('one', () => {}); test('two', async () => { "
                    + "await new Promise((r) => process.stdout.write('x', r)); "
                    + "process.exit(0); });", "two"
            ),
            ("process.exit(0); test('one', () => { throw 1; });", ""),
            ("test('one', () => { process.exit(0); }); test('two', () => { throw 1; });", ""),
            ("console.log('TAP version 13\\nok 1 - one\\n1..1'); process.exit(0);", ""),
            (
                "process.on('exit', () => { process.exitCode = 0; }); "
                    + "test('one', () => { throw new Error(); });", "exit"
            ),
        ]
    )
    func `the real node: ending early proves nothing`(_ body: String, _ reason: String) async throws
    {
        let files = [
            "a.test.js": "const test = require('node:test');\n\(body)\n", "report.tap": "1..0",
        ]
        let report = try await Project(files).run(["node", "--test", "a.test.js"])
        let passed = reason == "two" && report.passed == ["a.test.js > one"]
        #expect(report.passed == [] || passed)
        #expect(!report.words.values.contains("assertion"))
        if reason == "two", passed { #expect(report.hasFault("the test two")) }
    }
}
