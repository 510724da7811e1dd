import Foundation
import HiveTestKit

/// One of the tables of `specs/cheats.md`, which tests make, between what a person wrote.
struct CheatTable {
    /// What is tried on the witness.
    static let cheats = "| cheat | what happens | where it is seen |\n|---|---|---|\n"
    /// What is tried on the hooks.
    static let waysRound = "| way round | at once | when it is pushed |\n|---|---|---|\n"

    static let path =
        "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        + "/specs/cheats.md"

    private let path: String
    /// The last lines before the rows.
    private let heading: String
    private let introduction: Substring
    let rows: [String]
    private let conclusion: Substring

    init(_ heading: String, path: String = path) throws {
        self.path = path
        self.heading = heading
        let bytes = FileManager.default.contents(atPath: path) ?? Data()
        let text = String(decoding: bytes, as: UTF8.self)
        guard let place = text.range(of: heading) else {
            throw TestKitError("\(path) has no table with \(heading)")
        }
        introduction = text[..<place.lowerBound]
        let rest = text[place.upperBound...]
        let end = rest.firstRange(of: "\n\n").map { rest.index(after: $0.lowerBound) }
        rows = rest[..<(end ?? rest.endIndex)].split(separator: "\n").map(String.init)
        conclusion = rest[(end ?? rest.endIndex)...]
    }

    func write(_ rows: [String]) throws {
        let text = introduction + heading + rows.map { $0 + "\n" }.joined() + conclusion
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }
}

extension Cheat {
    /// Its line of the table.
    var row: String { "| \(name) | \(happens) | \(place) |" }

    private var happens: String {
        switch end {
        case .refused(let codes), .failed(let codes): Self.kind("refused", codes)
        case .idle: "without effect"
        case .told: "told"
        case .later(let codes): Self.kind("detected later", codes)
        case .unseen: "**not detectable**"
        }
    }

    private var place: String {
        switch end {
        case .refused: "`hive witness`: \(says)"
        case .failed: "`hive verify`: \(says)"
        case .idle: "nothing of it is run"
        case .told: "receipt or `hive verify`: \(says)"
        case .later: "`hive verify --rerun`: \(says)"
        case .unseen: "nowhere; what helps: \(says)"
        }
    }

    private static func kind(_ word: String, _ codes: [String]) -> String {
        codes.isEmpty ? word : "\(word): \(codes.joined(separator: ", "))"
    }
}
