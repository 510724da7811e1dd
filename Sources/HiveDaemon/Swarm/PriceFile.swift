import HiveWorkers
import Yams

/// What models cost: `specs/prices.yaml` in the working folder, else the built-in table.
enum PriceFile {
    /// A price file larger than this is refused unread.
    static let bytesMax = 1 << 20
    /// A million tokens never cost as much.
    private static let dollarsMax = 1_000_000.0

    /// - Throws: exit code 2 for a file that is no price table, 3 for one that cannot be read.
    static func load(folder: String) throws(HiveError) -> PriceTable {
        let path = folder + "/specs/prices.yaml"
        switch BoundedFile.read(path, bytesMax: bytesMax) {
        case .bytes(let bytes):
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw .usage("\(path): the price table is not UTF-8", hint: "save it as UTF-8")
            }
            return try parse(text: text, file: path)
        case .tooLarge:
            throw .usage(
                "\(path): the price table is larger than \(bytesMax) bytes",
                hint: "keep the models that you use"
            )
        case .failed(let code) where BoundedFile.isMissing(code): return .builtIn
        case .failed(let code):
            throw .machine(
                "cannot read the price table \(path): \(BoundedFile.reason(code))",
                hint: "make the file readable for this user"
            )
        }
    }

    /// Reads a price table; `file` is the name that errors give.
    ///
    /// - Throws: exit code 2, `FILE:LINE: KEY: found …; expected …`.
    static func parse(text: String, file: String) throws(HiveError) -> PriceTable {
        if let line = YAMLAnchor.firstLine(in: text) {
            throw YAMLAnchor.refusal(file: file, line: line)
        }
        let root: Node?
        do {
            root = try Yams.compose(yaml: text, .basic, .default, .utf8)
        } catch {
            throw RuleBook.notYAML(error, file: file, document: .prices)
        }
        guard let root else { return PriceTable([]) }
        let book = RuleValue(node: root, key: "", file: file, document: .prices)
        guard let prices = try book.mapping(of: ["prices"])["prices"] else { return PriceTable([]) }
        var entries: [PriceTable.Entry] = []
        for value in try prices.elements(expected: "a list of prices") {
            let keys = try value.mapping(of: ["backend", "models", "input", "output"])
            guard let models = try keys["models"]?.wordsOrNull(), let input = keys["input"],
                let output = keys["output"]
            else {
                throw value.refusal(
                    found: "a price without models, input or output",
                    expected: "all three"
                )
            }
            entries.append(
                PriceTable.Entry(
                    models,
                    backend: try keys["backend"]?.word(among: Backend.allCases).rawValue,
                    input: try input.decimal(in: 0...dollarsMax),
                    output: try output.decimal(in: 0...dollarsMax)
                )
            )
        }
        return PriceTable(entries)
    }
}
