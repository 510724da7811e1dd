/// A line that breaks a rule, and what to do.
struct Finding: Hashable, CustomStringConvertible {
    var path: String
    var line: Int
    var problem: String
    var cure: String

    init(_ file: SourceFile, line: Int, _ problem: String, _ cure: String) {
        path = file.path
        self.line = line
        self.problem = problem
        self.cure = cure
    }

    var description: String { "\(path):\(line): \(problem); \(cure)" }
}
