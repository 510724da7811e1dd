import HiveTestKit
import Testing

@testable import HiveDaemon

/// Command lines, cut as a shell cuts them.
@Suite struct ShellScriptTests {
    /// The commands, their words joined by `|`; `…` is what nobody knows, `( )` a scope.
    private static func told(_ text: String) throws(ShellFault) -> [String] {
        try ShellScript(text).steps.map { step in
            switch step {
            case .enter: "("
            case .leave: ")"
            case .command(let command):
                (command.assignments.map { "\($0.name)=\(told($0.value))" }
                    + command.words.map(told)
                    + command.redirections.map { "\($0.kind):\(told($0.target))" })
                    .joined(separator: "|")
            }
        }
    }

    private static func told(_ word: ScriptWord) -> String {
        word.pieces.map { piece in
            switch piece {
            case .text(let text, _): text
            case .variable(let name, _): "$\(name)"
            case .unknown: "…"
            }
        }.joined()
    }

    private static let scripts: [(text: String, commands: [String])] = [
        ("ls -la", ["ls|-la"]),
        ("a;b && c || d & e\nf", ["a", "b", "c", "d", "e", "f"]),
        ("a 'b c' \"d e\" f\\ g", ["a|b c|d e|f g"]),
        ("a\\\nb", ["ab"]),
        ("echo \"a\\\"b\\n\"", ["echo|a\"b\\n"]),
        ("echo $'a\\tb\\'c'", ["echo|a\tb'c"]),
        ("X=1 Y='a b' cmd z", ["X=1|Y=a b|cmd|z"]),
        ("cmd > a 2>>b <c", ["cmd|write:a|append:b|read:c"]),
        ("cmd 2>&1 >&- &>log >|x", ["cmd|write:log|write:x"]),
        ("cmd >& both", ["cmd|write:both"]),
        ("a | b |& c", ["a", "b", "c"]),
        ("(a; b) && c", ["(", "a", "b", ")", "c"]),
        ("echo $(a b) `c`", ["(", "a|b", ")", "(", "c", ")", "echo|…|…"]),
        ("echo \"$(a \"b\")\"", ["(", "a|b", ")", "echo|…"]),
        ("diff <(a) >(b)", ["(", "a", ")", "(", "b", ")", "diff|…|…"]),
        ("echo ${X} $Y ${Z:-z} $1 $? $", ["echo|$X|$Y|…|…|…|$"]),
        ("echo $((1 + (2 * 3))) x", ["echo|…|x"]),
        ("a # b; c\nd", ["a", "d"]),
        ("a#b", ["a#b"]),
        ("[[ a > b && c < d ]] && e", ["[[|a|>|b|&|&|c|<|d|]]", "e"]),
        ("if a; then b; else c; fi > d", ["if|a", "then|b", "else|c", "fi|write:d"]),
        ("for f in a b; do c $f; done", ["for|f|in|a|b", "do|c|$f", "done"]),
        ("cat <<EOF > a\n$(b) `c` $d\nEOF\ne", ["cat|write:a", "(", "b", ")", "(", "c", ")", "e"]),
        ("cat <<'EOF'\n$(b)\nEOF", ["cat"]),
        ("cat <<-E; x\n\ta\n\tE\ny", ["cat", "x", "y"]),
        ("a <<< 'b'", ["a"]),
        ("", []), ("  \n ; \n", []),
    ]

    @Test(arguments: scripts)
    func `a script is cut into its commands`(text: String, commands: [String]) throws {
        #expect(try Self.told(text) == commands)
    }

    @Test(
        arguments: [
            "echo 'a", "echo \"a", "echo `a", "echo $(a", "(a", "a)", "f() { a; }", "X=(a b)",
            "case x in y) z;;", "cat <<", "a >", "cat <<EOF", "echo ${x:-$(rm y)}",
            "echo $((rm x); y)", "echo $((`a`))", "a\0b",
            String(repeating: "( ", count: 40) + "a" + String(repeating: ")", count: 40),
            String(repeating: "$(", count: 40) + String(repeating: ")", count: 40),
            String(repeating: "a;", count: 5_000), String(repeating: "a", count: 300_000),
        ]
    )
    func `what cannot be read is told as that`(text: String) {
        #expect(throws: ShellFault.self) { try ShellScript(text) }
    }

    @Test func `a here-document is what the command reads`() throws {
        let steps = try ShellScript("bash <<'X' | tail\necho hi\nX\n").steps
        guard case .command(let command) = steps.first else {
            Issue.record("no command")
            return
        }
        #expect(command.input == "echo hi\n" && command.hasInput && command.isPiped)
    }

    @Test func `no text makes the reader trap or go on for ever`() {
        var random = SeededGenerator()
        print("seed \(random.seed)")
        let parts = [
            "a", " ", "\n", ";", "&", "|", "(", ")", "<", ">", "'", "\"", "\\", "$", "`", "{", "}",
            "#", "[[", "]]", "<<E\n", "E\n", "$(", "$((", "))", "=", "é", "\u{FFFD}", "if ", "2>&1",
        ]
        for _ in 0..<Campaign.size(short: 20_000, long: 400_000) {
            let count = Int.random(in: 0..<24, using: &random)
            let text = (0..<count).compactMap { _ in parts.randomElement(using: &random) }.joined()
            _ = try? ShellScript(text)
            let effects = ShellEffects.of(text, in: "/tmp", ShellEffects.Surroundings())
            // A substitution at each level may be told several times, and nothing is without bound.
            #expect(effects.count < 4_096)
        }
    }
}
