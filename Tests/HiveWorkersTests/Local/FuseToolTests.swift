import HiveSignal
import HiveTestKit
import Testing

@testable import HiveWorkers

@Suite struct `Port 1 fuses` {
    struct Layout: Sendable {
        var source: String
        var code: String
        var test: String
        var interface: String
    }

    static let layouts = [
        Layout(
            source: "Sources/App/Checkout.swift",
            code: "struct Checkout {\n    func total() -> Int {\n        // quokka\n    }\n}\n",
            test: "Tests/AppTests/CheckoutTests.swift",
            interface: "2: func total() -> Int {"
        ),
        Layout(
            source: "shop/checkout.py",
            code: "class Checkout:\n    def total(self):\n        return 1  # quokka\n",
            test: "tests/test_checkout.py",
            interface: "2: def total(self):"
        ),
        Layout(
            source: "src/checkout.ts",
            code: "export const total = (cart: Cart) => {\n  // quokka\n}\n",
            test: "src/checkout.spec.ts",
            interface: "1: export const total = (cart: Cart) => {"
        ),
        Layout(
            source: "lib/checkout.js",
            code: "async function total(cart) {\n  // quokka\n}\n",
            test: "lib/__tests__/checkout.js",
            interface: "1: async function total(cart) {"
        ),
        Layout(
            source: "pkg/checkout.go",
            code: "func (c *Cart) Total() int {\n\t// quokka\n}\n",
            test: "pkg/checkout_test.go",
            interface: "1: func (c *Cart) Total() int {"
        ),
        Layout(
            source: "src/checkout.rs",
            code: "impl Cart {\n    pub(crate) fn total(&self) -> u32 {\n        // quokka\n",
            test: "tests/checkout.rs",
            interface: "2: pub(crate) fn total(&self) -> u32 {"
        ),
        Layout(
            source: "src/main/java/Checkout.java",
            code: "class Checkout {\n    public int total(Cart cart) {\n        // quokka\n",
            test: "src/test/java/CheckoutTest.java",
            interface: "2: public int total(Cart cart) {"
        ),
        Layout(
            source: "src/checkout.c",
            code: "int checkout_total(const struct cart *cart)\n{\n    /* quokka */\n}\n",
            test: "test/test_checkout.c",
            interface: "1: int checkout_total(const struct cart *cart)"
        ),
        Layout(
            source: "lib/checkout.rb",
            code: "module Shop\n  def total(cart)\n    # quokka\n",
            test: "spec/checkout_spec.rb",
            interface: "2: def total(cart)"
        ),
        Layout(
            source: "src/Checkout.php",
            code: "final class Checkout\n{\n    public function total(): int // quokka\n",
            test: "tests/CheckoutTest.php",
            interface: "3: public function total(): int // quokka"
        ),
        Layout(
            source: "Shop/Checkout.cs",
            code: "namespace Shop;\npublic sealed class Checkout\n{\n    // quokka\n",
            test: "Shop.Tests/CheckoutTests.cs",
            interface: "2: public sealed class Checkout"
        ),
    ]

    @Test(arguments: layouts)
    func `finds test and interface in the usual layout`(_ layout: Layout) async throws {
        let repository = try GitFolder()
        try repository.write(layout.code, to: layout.source)
        try repository.write("checkout\n", to: layout.test)
        try repository.write("unrelated\n", to: "tests/test_other.py")
        try repository.commit()
        let outcome = try await repository.ask(1, "where is the quokka")
        #expect(
            outcome.message == """
                1 test file and 1 interface around quokka
                  test \(layout.test): of \(layout.source)
                  interface \(layout.source):\(layout.interface)
                """
        )
        #expect(outcome.confidence == 0.9)
    }

    @Test func `says where tests are missing`() async throws {
        let repository = try GitFolder()
        try repository.write("func quokka() {}\n", to: "zoo/keeper.go")
        try repository.write("text\n", to: "zoo/other_test.go")
        let outcome = try await repository.ask(1, "the quokka")
        #expect(outcome.summary == "no tests and 1 interface around quokka")
        #expect(outcome.lines.first == "no tests found for zoo/keeper.go")
        #expect(outcome.details["missing"] == ["zoo/keeper.go"])
    }

    @Test func `an extension's file is tested with its type`() async throws {
        let repository = try GitFolder()
        try repository.write("extension Zoo { func quokka() {} }\n", to: "Sources/Zoo+Feed.swift")
        try repository.write("text\n", to: "Tests/ZooTests.swift")
        let outcome = try await repository.ask(1, "the quokka")
        #expect(outcome.lines.first == "test Tests/ZooTests.swift: of Sources/Zoo+Feed.swift")
        #expect(outcome.details["missing"] == [])
    }

    @Test func `a Rust file with tests inside is not missing them`() async throws {
        let repository = try GitFolder()
        try repository.write("fn quokka() {}\n#[cfg(test)]\nmod tests {}\n", to: "src/zoo.rs")
        let outcome = try await repository.ask(1, "the quokka")
        #expect(outcome.details["missing"] == [])
    }

    @Test func `nothing found says which words were looked for`() async throws {
        let repository = try GitFolder()
        try repository.write("text\n", to: "a.txt")
        let outcome = try await repository.ask(1, "the quokka")
        #expect(outcome.message == "nothing found in 1 file for quokka")
        #expect(outcome.confidence == 0.4)
    }

    @Test(arguments: [
        "if (a) {", "return total(cart);", "    total(cart)", "// a func in prose", "x = call(y)",
        "for i in items {", "import func from './x'", "", "    const x = 1",
        "// type of a thing", "# class of things", " * func in a block", "type = 3", "type: string",
    ])
    func `a statement is no declaration`(_ line: String) {
        #expect(!Declarations.isDeclaration(Array(line.utf8)[...]))
    }

    @Test(arguments: [
        ("Tests/A/ParserTests.swift", "parser"), ("a/test_parser.py", "parser"),
        ("a/parser_test.go", "parser"), ("a/parser.spec.tsx", "parser"),
        ("a/parser.test.mjs", "parser"), ("ParserTest.kt", "parser"), ("parser_spec.rb", "parser"),
    ])
    func `a test file names what it tests`(_ name: String, _ stem: String) {
        let path = RepositoryPath(name.utf8)
        #expect(SourceKind.testedStem(path) == stem)
        #expect(SourceKind.isTest(path))
    }

    @Test(arguments: ["specs/parser.md", "src/latest.py", "src/contest.js", "test.txt", "Test"])
    func `other files are no tests`(_ name: String) {
        #expect(!SourceKind.isTest(RepositoryPath(name.utf8)))
    }
}
