import Testing

/// The code itself, held to its own rules.
struct TidyTests {
    struct Rule: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var findings: @Sendable (SourceFile) -> [Finding]
    }

    static let rules = [
        Rule(testDescription: "imports", findings: ImportTable.findings),
        Rule(testDescription: "no sleeping", findings: LineRules.sleeping),
        Rule(testDescription: "no forcing", findings: LineRules.forcing),
        Rule(testDescription: "no fatalError", findings: LineRules.trapping),
        Rule(testDescription: "nothing postponed", findings: LineRules.postponing),
        Rule(testDescription: "a pure kernel", findings: LineRules.waiting),
        Rule(testDescription: "unsafe sharing explained", findings: LineRules.unexplained),
        Rule(testDescription: "100 columns", findings: LineRules.overflowing),
        Rule(testDescription: "no tabs, no white space at ends", findings: LineRules.blanks),
        Rule(testDescription: "500 lines a file", findings: LengthRules.longFiles),
        Rule(testDescription: "70 lines a function", findings: LengthRules.longFunctions),
    ]

    @Test(arguments: rules)
    func `every source file keeps the rule`(rule: Rule) {
        let findings = SourceTree.files.flatMap(rule.findings)
        let listing = findings.map(\.description).joined(separator: "\n")
        if !findings.isEmpty { Issue.record("\(findings.count) findings:\n\(listing)") }
    }

    @Test func `the sources are found`() {
        let paths = Set(SourceTree.files.map(\.path))
        #expect(paths.contains("Sources/HiveSignal/SignalScanner.swift"), "\(SourceTree.root)")
        #expect(paths.contains("Sources/HiveKernel/KernelState.swift"), "\(SourceTree.root)")
        #expect(paths.contains("Tests/TidyTests/TidyTests.swift"), "\(SourceTree.root)")
    }
}
