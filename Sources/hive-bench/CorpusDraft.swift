/// One line on its way: members in order, still as JSON tokens.
struct CorpusDraft {
    /// A key token (quotes included) and a value token.
    struct Member: Sendable {
        var key: String
        var value: String
    }

    /// How the writer set the line.
    enum Dress {
        /// `{"a":1,"b":2}`, as most do.
        case compact
        /// `{"a": 1, "b": 2}`, as Python does.
        case spaced
    }

    var members: [Member] = []
    var dress = Dress.compact
    /// The line ends with CR LF.
    var isCarriageReturned = false

    /// Appends a member; `key` without quotes.
    mutating func add(_ key: String, _ value: String) {
        members.append(Member(key: "\"\(key)\"", value: value))
    }

    /// Gives an existing key another value token.
    mutating func replace(_ key: String, with value: String) {
        let token = "\"\(key)\""
        for index in members.indices where members[index].key == token {
            members[index].value = value
        }
    }

    /// Takes a key away.
    mutating func remove(_ key: String) {
        let token = "\"\(key)\""
        members.removeAll { $0.key == token }
    }

    /// Bytes of the rendered line, its LF included.
    var length: Int {
        let tokens = members.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count + 2 }
        let spaces = dress == .spaced ? 2 * members.count - 1 : 0
        return tokens + 1 + spaces + (isCarriageReturned ? 2 : 1)
    }

    /// The object without its line end, and where the first character of `msg` stands.
    func render(into bytes: inout [UInt8]) -> Int {
        bytes.removeAll(keepingCapacity: true)
        var messageStart = 0
        bytes.append(UInt8(ascii: "{"))
        for (index, member) in members.enumerated() {
            if index > 0 {
                bytes.append(UInt8(ascii: ","))
                if dress == .spaced { bytes.append(UInt8(ascii: " ")) }
            }
            bytes.append(contentsOf: member.key.utf8)
            bytes.append(UInt8(ascii: ":"))
            if dress == .spaced { bytes.append(UInt8(ascii: " ")) }
            if member.key == "\"msg\"" { messageStart = bytes.count + 1 }
            bytes.append(contentsOf: member.value.utf8)
        }
        bytes.append(UInt8(ascii: "}"))
        return messageStart
    }
}
