import HiveSignal

// Changing a person's JSON file by its text
//
// A file that is parsed and written anew comes back with other spaces, other escapes, other
// numbers. So only the place that changes is written: the outline of the text says where each value
// begins and ends, and what is new takes over the indentation of its neighbours.

/// A JSON document as text, of which single values are added, replaced and removed.
struct JSONText: Sendable {
    private(set) var bytes: [UInt8]

    /// More than a person's settings have.
    static let bytesMax = 4 << 20

    /// `{}`.
    static let empty = JSONText(known: Array("{}".utf8))

    private init(known bytes: [UInt8]) { self.bytes = bytes }

    /// The document; throws for what is no JSON.
    init(_ bytes: [UInt8]) throws(JSONError) {
        _ = try JSONValue(parsing: bytes)
        self.bytes = bytes
    }

    /// A value, and where it stands.
    struct Node: Sendable {
        var range: Range<Int>
        /// Of an object: by their keys, and where those begin.
        var members: [(key: String, start: Int, value: Node)]?
        var elements: [Node]?

        /// Where the last value in it ends; nil: it is empty.
        fileprivate var lastEnd: Int? {
            elements?.last?.range.upperBound ?? members?.last?.value.range.upperBound
        }

        fileprivate func member(_ key: String) -> Node? {
            members?.first { $0.key == key }?.value
        }
    }

    var outline: Node {
        var scanner = Scanner(bytes: bytes)
        return scanner.value()
    }

    /// The value of a node.
    func value(of node: Node) -> JSONValue {
        (try? JSONValue(parsing: Array(bytes[node.range]))) ?? .null
    }

    /// The node that the keys lead to.
    func node(_ path: [String]) -> Node? {
        var node: Node? = outline
        for key in path { node = node?.member(key) }
        return node
    }

    // MARK: Changes

    /// Adds a member to the object that the path leads to.
    mutating func add(_ key: String, _ value: JSONValue, to path: [String]) {
        guard let object = node(path), object.members != nil else { return }
        insert(value, named: key, in: object)
    }

    /// Adds an element to the array that the path leads to.
    mutating func append(_ value: JSONValue, to path: [String]) {
        guard let array = node(path), array.elements != nil else { return }
        insert(value, named: nil, in: array)
    }

    mutating func replace(_ node: Node, with value: JSONValue) {
        let text = pretty(value, indentation(at: node.range.lowerBound))
        bytes.replaceSubrange(node.range, with: text)
    }

    /// Takes an element out of the array that the path leads to.
    mutating func removeElement(_ place: Int, from path: [String]) {
        guard let array = node(path), let elements = array.elements,
            elements.indices.contains(place)
        else { return }
        remove(place, of: elements.map { ($0.range.lowerBound, $0.range.upperBound) }, in: array)
    }

    /// Takes a member out of the object that the path leads to.
    mutating func removeMember(_ key: String, from path: [String]) {
        guard let object = node(path), let members = object.members,
            let place = members.firstIndex(where: { $0.key == key })
        else { return }
        remove(place, of: members.map { ($0.start, $0.value.range.upperBound) }, in: object)
    }

    private mutating func remove(_ place: Int, of places: [(Int, Int)], in node: Node) {
        if places.count == 1 {
            bytes.removeSubrange((node.range.lowerBound + 1)..<(node.range.upperBound - 1))
        } else if place > 0 {
            bytes.removeSubrange(places[place - 1].1..<places[place].1)
        } else {
            bytes.removeSubrange(places[0].0..<places[1].0)
        }
    }

    private mutating func insert(_ value: JSONValue, named key: String?, in node: Node) {
        let name = key.map { Array("\(JSONValue.string($0).text): ".utf8) } ?? []
        guard let last = node.lastEnd else {
            let outer = indentation(at: node.range.lowerBound)
            let inner = outer + unit
            let text = lineEnd + inner + name + pretty(value, inner) + lineEnd + outer
            let inside = (node.range.lowerBound + 1)..<(node.range.upperBound - 1)
            bytes.replaceSubrange(inside, with: text)
            return
        }
        let isOneLine = !bytes[node.range].contains(UInt8(ascii: "\n"))
        if isOneLine {
            let text = Array(", ".utf8) + name + Array(value.text.utf8)
            bytes.insert(contentsOf: text, at: last)
        } else {
            let first = node.elements?.first?.range.lowerBound ?? node.members?.first?.start ?? last
            let inner = indentation(at: first)
            let text = [UInt8(ascii: ",")] + lineEnd + inner + name + pretty(value, inner)
            bytes.insert(contentsOf: text, at: last)
        }
    }

    // MARK: How it is written

    private var lineEnd: [UInt8] {
        let end = bytes.firstIndex(of: UInt8(ascii: "\n"))
        let hasReturn = end.map { $0 > 0 && bytes[$0 - 1] == UInt8(ascii: "\r") } ?? false
        return Array((hasReturn ? "\r\n" : "\n").utf8)
    }

    /// The white space that the line of a place begins with.
    private func indentation(at place: Int) -> [UInt8] {
        let start = bytes[..<place].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        return Array(bytes[start...].prefix { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") })
    }

    /// By how much a member stands further in than its object; two spaces where none says.
    private var unit: [UInt8] {
        let root = outline
        let first = root.members?.first?.start ?? root.elements?.first?.range.lowerBound
        let found = first.map { indentation(at: $0) } ?? []
        return found.isEmpty ? Array("  ".utf8) : found
    }

    private func pretty(_ value: JSONValue, _ outer: [UInt8]) -> [UInt8] {
        let inner = outer + unit
        let parts: [[UInt8]]
        let brackets: (UInt8, UInt8)
        switch value {
        case .object(let object) where !object.isEmpty:
            brackets = (UInt8(ascii: "{"), UInt8(ascii: "}"))
            parts = object.map { key, value in
                Array("\(JSONValue.string(key).text): ".utf8) + pretty(value, inner)
            }
        case .array(let elements) where !elements.isEmpty:
            brackets = (UInt8(ascii: "["), UInt8(ascii: "]"))
            parts = elements.map { pretty($0, inner) }
        default: return Array(value.text.utf8)
        }
        let between = [UInt8(ascii: ",")] + lineEnd + inner
        return [brackets.0] + lineEnd + inner + Array(parts.joined(separator: between)) + lineEnd
            + outer + [brackets.1]
    }

    // MARK: The outline

    /// Reads the outline of a text that is known to be JSON.
    private struct Scanner {
        let bytes: [UInt8]
        var index = 0

        mutating func value() -> Node {
            skipSpace()
            let start = index
            switch peek {
            case UInt8(ascii: "{"): return object(start)
            case UInt8(ascii: "["): return array(start)
            case UInt8(ascii: "\""): skipString()
            default:
                while let byte = peek, !",]} \t\r\n".utf8.contains(byte) { index += 1 }
            }
            return Node(range: start..<index)
        }

        private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

        private mutating func skipSpace() {
            while let byte = peek, " \t\r\n".utf8.contains(byte) { index += 1 }
        }

        private mutating func skipString() {
            index += 1
            while let byte = peek, byte != UInt8(ascii: "\"") {
                index += byte == UInt8(ascii: "\\") ? 2 : 1
            }
            index = min(index + 1, bytes.count)
        }

        /// True where another value follows; steps over the comma or the bracket.
        private mutating func goesOn() -> Bool {
            skipSpace()
            defer { index = min(index + 1, bytes.count) }
            return peek == UInt8(ascii: ",")
        }

        private mutating func isClosed(by bracket: UInt8) -> Bool {
            index += 1
            skipSpace()
            guard peek == bracket else { return false }
            index += 1
            return true
        }

        private mutating func object(_ start: Int) -> Node {
            var members: [(key: String, start: Int, value: Node)] = []
            if !isClosed(by: UInt8(ascii: "}")) {
                repeat {
                    skipSpace()
                    let keyStart = index
                    skipString()
                    let key = try? JSONValue(parsing: Array(bytes[keyStart..<index])).stringValue
                    skipSpace()
                    index = min(index + 1, bytes.count)
                    members.append((key ?? "", keyStart, value()))
                } while goesOn()
            }
            return Node(range: start..<index, members: members)
        }

        private mutating func array(_ start: Int) -> Node {
            var elements: [Node] = []
            if !isClosed(by: UInt8(ascii: "]")) {
                repeat { elements.append(value()) } while goesOn()
            }
            return Node(range: start..<index, elements: elements)
        }
    }
}
