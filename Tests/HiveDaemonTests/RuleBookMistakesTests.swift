import Testing

/// A text that is no rule book, and what is said of it after `rules.yaml:`.
struct RuleBookMistake: Sendable, CustomTestStringConvertible {
    let text: String
    let message: String

    var testDescription: String { text.debugDescription }

    private init(_ text: String, _ message: String) {
        self.text = text
        self.message = message
    }

    static let all: [RuleBookMistake] = shapes + scalars + ports + documents

    private static let known =
        "mode, mask, generation, timestamps, envelope, ports, reactions, budget, workers, evidence, witness, paths, tools, flip, socket"

    private static let shapes: [RuleBookMistake] = [
        .init("- 1", "1: the rule book: found a list; expected a mapping with the keys \(known)"),
        .init(
            "\n\nstrict",
            "3: the rule book: found strict; expected a mapping with the keys \(known)"
        ),
        .init(
            "mode: strict\nmodes: 1",
            "2: modes: found a key that hive does not know; expected one of \(known)"
        ),
        .init(
            "generation:\n  minimun: 87",
            "2: generation.minimun: found a key that hive does not know; expected one of minimum"
        ),
        .init(
            "[a, b]: 1",
            "1: ?: found a key that hive does not know; expected one of \(known)"
        ),
        .init(
            "<<: {mode: strict}",
            "1: <<: found a key that hive does not know; expected one of \(known)"
        ),
        .init(
            "!x mode: strict",
            "1: ?: found a key that hive does not know; expected one of \(known)"
        ),
        .init(
            "\"a\\e b\": 1",
            "1: \"a\\u{1B} b\": found a key that hive does not know; expected one of \(known)"
        ),
        .init(
            "generation:",
            "1: generation: found nothing; expected a mapping with the keys minimum"
        ),
        .init(
            "tools: {names: {write: [a]}}",
            "1: tools.names.write: found a key that hive does not know; expected one of "
                + "hive, other, recall, remember, edit, read, search, run"
        ),
        .init(
            "tools:\n  phases: {X: {}}",
            "2: tools.phases.X: found a key that hive does not know; expected one of H, I, V, E"
        ),
        .init(
            "tools: {phases: {H: {allow: read}}}",
            "1: tools.phases.H.allow: found read; expected a list, each a glob such as edit.*"
        ),
        .init(
            "tools: {default: maybe}",
            "1: tools.default: found maybe; expected one of allow, block"
        ),
        .init(
            "paths: {docs: [\"\"]}",
            "1: paths.docs: found \"\"; expected a glob such as edit.*"
        ),
        .init(
            "reactions: {depth: 9}",
            "1: reactions.depth: found 9; expected a whole number from 0 to 8"
        ),
        .init(
            "reactions: {minimum_mark: .5}",
            "1: reactions.minimum_mark: found .5; expected a number from 0.0 to 1.0"
        ),
        .init(
            "reactions: {minimum_mark: 1.01}",
            "1: reactions.minimum_mark: found 1.01; expected a number from 0.0 to 1.0"
        ),
        .init(
            "flip: {linger: -1}",
            "1: flip.linger: found -1; expected a whole number from 0 to 31536000"
        ),
        .init(
            "budget: {tasks_open: 0}",
            "1: budget.tasks_open: found 0; expected a whole number from 1 to 10000"
        ),
        .init(
            "workers: {model: {retries: 11}}",
            "1: workers.model.retries: found 11; expected a whole number from 0 to 10"
        ),
        .init(
            "workers: {model: {http2: 2}}",
            "1: workers.model.http2: found 2; expected true or false"
        ),
        .init(
            "budget:\n  dollars_per_day: ten",
            "2: budget.dollars_per_day: found ten; expected a number from 0.0 to 1000000.0"
        ),
        .init(
            "witness: {test: make test}",
            "1: witness.test: found make test; expected a list of words such as [make, test],"
                + " or null"
        ),
        .init(
            "witness: {test: []}",
            "1: witness.test: found no program; expected a list of words such as [make, test],"
                + " or null"
        ),
        .init(
            "evidence: on",
            "1: evidence: found on; expected one of off, warn, required"
        ),
        .init(
            "witness: {runner: mocha}",
            "1: witness.runner: found mocha; expected one of swift, pytest, go, cargo, node, jest,"
                + " vitest, junit, tap"
        ),
        .init(
            "witness: {readable: [data]}",
            "1: witness.readable: found data; expected an absolute path"
        ),
        .init(
            "witness: {tests: []\n, pinned: [\"\"]}",
            "2: witness.pinned: found \"\"; expected a glob such as Tests/**"
        ),
        .init(
            "workers: {exec: {command: [a, [b]]}}",
            "1: workers.exec.command: found a list; expected a word"
        ),
        .init(
            "envelope: true",
            "1: envelope: found true; expected a mapping with the keys required"
        ),
    ]

    private static let scalars: [RuleBookMistake] = [
        .init("mode: Strict", "1: mode: found Strict; expected one of strict, paired, observe"),
        .init("mode: null", "1: mode: found null; expected one of strict, paired, observe"),
        .init("mode: [strict]", "1: mode: found a list; expected one of strict, paired, observe"),
        .init(
            "mode: !!str strict",
            "1: mode: found a tagged value; expected one of strict, paired, observe"
        ),
        .init("mask: yes", "1: mask: found yes; expected true or false"),
        .init("mask: \"true\"", "1: mask: found \"true\"; expected true or false"),
        .init("mask: 1", "1: mask: found 1; expected true or false"),
        .init(
            "generation: {minimum: 87.0}",
            "1: generation.minimum: found 87.0; expected a whole number from 0 to 1000000000"
        ),
        .init(
            "generation: {minimum: -1}",
            "1: generation.minimum: found -1; expected a whole number from 0 to 1000000000"
        ),
        .init(
            "generation: {minimum: 087}",
            "1: generation.minimum: found 087; expected a whole number from 0 to 1000000000"
        ),
        .init(
            "generation: {minimum: '87'}",
            "1: generation.minimum: found \"87\"; expected a whole number from 0 to 1000000000"
        ),
        .init(
            "timestamps:\n  future_seconds: 86401",
            "2: timestamps.future_seconds: found 86401; expected a whole number from 0 to 86400"
        ),
        .init(
            "timestamps:\n  staleness_seconds: 0",
            "2: timestamps.staleness_seconds: found 0; "
                + "expected a whole number from 1 to 315619200, or null"
        ),
        .init(
            "timestamps: {staleness_seconds: 99999999999999999999}",
            "1: timestamps.staleness_seconds: found 99999999999999999999; "
                + "expected a whole number from 1 to 315619200, or null"
        ),
        .init(
            "socket: {group: 1000}",
            "1: socket.group: found 1000; expected the name of a group, or null"
        ),
        .init(
            "socket: {group: \"a/b\"}",
            "1: socket.group: found \"a/b\"; expected the name of a group, or null"
        ),
        .init(
            "socket: {group: \"\"}",
            "1: socket.group: found \"\"; expected the name of a group, or null"
        ),
    ]

    private static let ports: [RuleBookMistake] = [
        .init(
            "ports: {roaming: 7}",
            "1: ports.roaming: found 7; expected a list of ports such as [0, 7]"
        ),
        .init(
            "ports:\n  roaming:\n    - 7\n    - 8",
            "4: ports.roaming: found 8; expected a port from 0 to 7"
        ),
        .init(
            "ports: {roaming: [7, 7]}",
            "1: ports.roaming: found port 7 a second time; expected each port once"
        ),
        .init(
            "ports:\n  owners: {H: [0, 7], I: [1, 6], V: [2, 5]}",
            "2: ports.owners: found no ports for E; "
                + "expected a list of ports for each of H, I, V and E"
        ),
        .init(
            "ports:\n  owners:\n    H: [0, 7]\n    I: [1, 6]\n    V: [2, 5, 0]\n    E: [3, 4]",
            "5: ports.owners.V: found port 0 a second time; "
                + "expected each of the ports 0 to 7 under exactly one phase"
        ),
        .init(
            "ports:\n  owners: {H: [0], I: [1, 6], V: [2, 5], E: [3, 4]}",
            "2: ports.owners: found no phase for port 7; "
                + "expected each of the ports 0 to 7 under exactly one phase"
        ),
        .init(
            "ports:\n  owners: {H: [], I: [1, 6], V: [2, 5], E: [3, 4, 0, 7]}",
            "2: ports.owners.H: found no port; expected at least one port"
        ),
        .init(
            "ports: {owners: {X: [0]}}",
            "1: ports.owners.X: found a key that hive does not know; expected one of H, I, V, E"
        ),
    ]

    private static let documents: [RuleBookMistake] = [
        .init(
            "mode: strict\nmask: true\nmode: paired",
            "3: \"mode\": found the key twice; expected it once"
        ),
        .init(
            "mode: strict\n\"mode\": paired",
            "2: \"mode\": found the key twice; expected it once"
        ),
        .init(
            "budget:\n  depth: 1\n  # depth: 3\n  tasks_per_hour: 9\n  depth: 2\n",
            "5: \"depth\": found the key twice; expected it once"
        ),
        .init(
            "budget: {depth: 1,\n  # a note, depth: 3\n  note: {depth: 9},\n  depth : 2}",
            "4: \"depth\": found the key twice; expected it once"
        ),
        .init(
            "ports:\n  owners:\n    H: [0]\n  roaming: [7]\npaths:\n  H: [a]\n  H: [b]\n",
            "7: \"H\": found the key twice; expected it once"
        ),
        .init(
            "mode: strict\n---\nmode: paired",
            "2: not a YAML document: but found another document"
        ),
        .init(
            "mode: strict\nmask: [",
            "3: not a YAML document: did not find expected node content"
        ),
        .init(
            "mode: strict\nmask: \u{1}",
            "2: not a YAML document: control characters are not allowed"
        ),
        .init("mode: *all", "1: not a YAML document: found undefined alias"),
        .init(
            "mask: true\nmode: &m strict",
            "2: found an anchor (`&` before a name); expected plain values"
        ),
    ]
}
