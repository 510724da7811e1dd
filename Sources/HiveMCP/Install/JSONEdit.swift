internal import HiveSignal

/// A change of one member in a JSON text, which keeps every other byte.
struct JSONEdit {
    private let bytes: [UInt8]
    private let json: JSONValue

    /// - Throws: for what is no JSON, or no object.
    init(_ text: String) throws(ClientConfiguration.Refusal) {
        bytes = Array(text.utf8)
        do throws(JSONError) {
            json = try JSONValue(parsing: bytes)
        } catch {
            throw ClientConfiguration.Refusal(reason: "it is \(error); it may have comments")
        }
        guard json.objectValue != nil else {
            throw ClientConfiguration.Refusal(reason: "it is no JSON object")
        }
    }

    /// A member of a member; nil where either is not there.
    func member(at path: (outer: String, inner: String)) -> JSONValue? {
        json[path.outer]?[path.inner]
    }

    /// The text with a member of a member set; either is made where it is not there.
    func setting(
        _ value: JSONValue,
        at path: (outer: String, inner: String)
    ) throws(ClientConfiguration.Refusal) -> String {
        var wanted = json.objectValue ?? [:]
        var servers: JSONObject = [:]
        if let outer = wanted[path.outer] {
            guard let object = outer.objectValue else {
                throw ClientConfiguration.Refusal(reason: "its `\(path.outer)` is no object")
            }
            servers = object
        }
        guard servers[path.inner] != value else { return String(decoding: bytes, as: UTF8.self) }
        servers[path.inner] = value
        wanted[path.outer] = .object(servers)
        let edited = edit(value, path)
        // What was cut and put together must mean just that.
        guard (try? JSONValue(parsing: edited)) == .object(wanted) else {
            throw ClientConfiguration.Refusal(reason: "its form is unusual")
        }
        return edited
    }

    private func edit(_ value: JSONValue, _ path: (outer: String, inner: String)) -> String {
        let root = members(ofObjectAt: firstValue)
        guard let outer = root.list.first(where: { $0.key == path.outer }) else {
            let servers: JSONValue = [path.inner: value]
            return inserting(path.outer, servers, into: root, depth: 1)
        }
        let servers = members(ofObjectAt: outer.value.lowerBound)
        guard let inner = servers.list.first(where: { $0.key == path.inner }) else {
            return inserting(path.inner, value, into: servers, depth: 2)
        }
        let text = PrettyJSON.text(value, indent: unit, depth: 2)
        return replaced(inner.value, with: text)
    }

    private func inserting(
        _ key: String,
        _ value: JSONValue,
        into object: Members,
        depth: Int
    ) -> String {
        let margin = "\n" + String(repeating: unit, count: depth)
        let name = JSONValue.string(key).text
        let member = margin + name + ": " + PrettyJSON.text(value, indent: unit, depth: depth)
        if let last = object.list.last {
            let place = last.value.upperBound
            return replaced(place..<place, with: "," + member)
        }
        let end = "\n" + String(repeating: unit, count: depth - 1)
        return replaced(object.inside, with: member + end)
    }

    /// What is put in has the file's own line ends; a JSON string holds none.
    private func replaced(_ range: Range<Int>, with text: String) -> String {
        var piece: [UInt8] = []
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\n") { piece += lineEnd } else { piece.append(byte) }
        }
        return String(
            decoding: bytes[..<range.lowerBound] + piece + bytes[range.upperBound...],
            as: UTF8.self
        )
    }

    /// The end of the file's first line.
    private var lineEnd: [UInt8] {
        guard let feed = bytes.firstIndex(of: UInt8(ascii: "\n")), feed > 0,
            bytes[feed - 1] == UInt8(ascii: "\r")
        else { return [UInt8(ascii: "\n")] }
        return [UInt8(ascii: "\r"), UInt8(ascii: "\n")]
    }

    /// The file's own indentation: the margin of its first indented line.
    private var unit: String {
        var start = 0
        while let feed = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
            start = feed + 1
            let margin = bytes[start...].prefix { $0 == UInt8(ascii: " ") || $0 == 0x09 }
            let next = start + margin.count
            if !margin.isEmpty, next < bytes.count, bytes[next] == UInt8(ascii: "\"") {
                return String(decoding: margin, as: UTF8.self)
            }
        }
        return PrettyJSON.indent
    }

    // MARK: Places
    //
    // The text was parsed, so that it is known to be JSON: brackets pair up and strings end.

    private struct Members {
        var list: [(key: String, value: Range<Int>)]
        /// Between the braces.
        var inside: Range<Int>
    }

    private var firstValue: Int { skipSpace(0) }

    private func members(ofObjectAt start: Int) -> Members {
        var list: [(key: String, value: Range<Int>)] = []
        var index = skipSpace(start + 1)
        while index < bytes.count, bytes[index] != UInt8(ascii: "}") {
            let keyEnd = skipValue(index)
            let key = (try? JSONValue(parsing: Array(bytes[index..<keyEnd])))?.stringValue ?? ""
            let value = skipSpace(skipSpace(keyEnd) + 1)
            let end = skipValue(value)
            list.append((key, value..<end))
            index = skipSpace(end)
            if index < bytes.count, bytes[index] == UInt8(ascii: ",") {
                index = skipSpace(index + 1)
            }
        }
        return Members(list: list, inside: (start + 1)..<max(start + 1, index))
    }

    private func skipSpace(_ start: Int) -> Int {
        var index = start
        while index < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[index]) { index += 1 }
        return index
    }

    private func skipValue(_ start: Int) -> Int {
        var index = start
        var depth = 0
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                index = skipString(index)
                if depth == 0 { return index }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { return index }
                depth -= 1
                if depth == 0 { return index + 1 }
            case UInt8(ascii: ","), 0x20, 0x09, 0x0A, 0x0D:
                if depth == 0 { return index }
            default: break
            }
            index += 1
        }
        return bytes.count
    }

    private func skipString(_ start: Int) -> Int {
        var index = start + 1
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
            index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        return min(index + 1, bytes.count)
    }
}

/// JSON as people write it: a member a line.
enum PrettyJSON {
    static let indent = "  "

    /// A value that stands `depth` deep; its first line is not indented.
    static func text(_ value: JSONValue, indent: String, depth: Int = 0) -> String {
        guard case .object(let object) = value, !object.isEmpty else {
            guard case .array(let list) = value else { return value.text }
            return "[" + list.map(\.text).joined(separator: ", ") + "]"
        }
        let margin = "\n" + String(repeating: indent, count: depth + 1)
        let members = object.map { key, member in
            margin + JSONValue.string(key).text + ": "
                + text(member, indent: indent, depth: depth + 1)
        }
        return "{" + members.joined(separator: ",") + "\n"
            + String(repeating: indent, count: depth) + "}"
    }
}
