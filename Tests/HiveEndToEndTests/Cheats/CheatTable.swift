import Foundation
import HiveTestKit

/// `specs/cheats.md`: what a person wrote, and behind it the table that the cheats make.
struct CheatTable {
    /// The last line before the table.
    private static let heading = "| cheat | what happens | where it is seen |\n|---|---|---|\n"

    private let path: String
    private let introduction: Substring
    let rows: [String]

    init(path: String) throws {
        self.path = path
        let bytes = FileManager.default.contents(atPath: path) ?? Data()
        let text = String(decoding: bytes, as: UTF8.self)
        guard let heading = text.range(of: Self.heading) else {
            throw TestKitError("\(path) has no table")
        }
        introduction = text[..<heading.lowerBound]
        rows = text[heading.upperBound...].split(separator: "\n").map(String.init)
    }

    func write(_ cheats: [Cheat]) throws {
        let text = introduction + Self.heading + cheats.map { $0.row + "\n" }.joined()
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
