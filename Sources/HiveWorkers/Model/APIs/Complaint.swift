import HiveProcess
import HiveSignal

/// What servers say is wrong, on one line.
///
/// A line that has to be cut is not cut inside a word: half a key is half a leak, and cannot be
/// masked any more.
enum Complaint {
    /// The longest one, bytes.
    static let bytesMax = PlainText.lineBytesMax
    /// How far a page is searched for its title, bytes.
    static let pageBytesMax = 8_192

    /// What the body of an answer that is no 2xx says; empty where it says nothing.
    static func text(of response: HTTPResponse) -> String {
        let body = response.body
        if let value = try? JSONValue(parsing: body) {
            // Some put their one error into an array.
            let said = said(in: value) ?? value.arrayValue?.first.flatMap(said(in:))
            return line(said ?? value.stringValue ?? "")
        }
        let start = String(decoding: body.prefix(pageBytesMax), as: UTF8.self)
        let lines = PlainText.clean(start).split(separator: "\n")
        guard let first = lines.first(where: { !$0.allSatisfy(\.isWhitespace) }) else { return "" }
        return first.first == "<" ? line(title(of: start)) : line(String(first))
    }

    /// The error that a document inside a 2xx answer tells of; nil where it tells of none.
    static func inside(_ document: JSONObject) -> String? {
        let error = document["error"] ?? .null
        let isNone = error.isNull || error == false || error == ""
        let type = (document["object"] ?? document["type"])?.stringValue
        guard !isNone || type == "error" else { return nil }
        return line(said(in: .object(document)) ?? "")
    }

    /// Any of the members under which servers put their words.
    private static func said(in value: JSONValue) -> String? {
        if let error = value["error"], let said = said(of: error) { return said }
        if let message = words(value["message"]) { return message }
        // FastAPI: a text, or a list of what is wrong with the request.
        let detail = value["detail"]
        return words(detail) ?? words(detail?.arrayValue?.first?["msg"])
    }

    /// What an `error` says: its message, the words of who is behind the server, its type.
    private static func said(of error: JSONValue) -> String? {
        if let text = words(error) { return text }
        let kind = words(error["type"]) ?? words(error["code"])
        guard let message = words(error["message"]) else { return kind }
        let behind = words(error["metadata"]?["raw"])
        let said = behind.map { "\(message): \($0)" } ?? message
        guard let kind, !said.contains(kind) else { return said }
        return "\(said) (\(kind))"
    }

    private static func words(_ value: JSONValue?) -> String? {
        value?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// What a page calls itself; empty where it does not.
    private static func title(of page: String) -> String {
        let bytes = Array(page.utf8)
        let lower = bytes.map(ASCII.lowercased)
        guard let open = lower.offsets(of: Array("<title".utf8), max: 1).first,
            let start = lower[open...].firstIndex(of: UInt8(ascii: ">"))
        else { return "" }
        let title = bytes[(start + 1)...].prefix { $0 != UInt8(ascii: "<") }
        return String(decoding: title, as: UTF8.self)
    }

    /// All on one line and bounded; a word at the end that did not fit is left out.
    private static func line(_ text: String) -> String {
        let line = SecretValues.ofTheWork.masked(PlainText.oneLine(text))
        guard line.utf8.count > bytesMax else { return line }
        let mark = "…"
        let kept = line.cut(toBytes: bytesMax).dropLast(mark.count)
        let whole = kept.reversed().drop { !$0.isWhitespace && $0.isASCII }.reversed()
        return PlainText.oneLine(String(whole)) + mark
    }
}
