extension JSONValue {
    /// How deep a line may nest; the outermost object is depth 1.
    package static let depthMaxOfLine = JSONBytes.depthMax
    /// How deep what hive itself puts around a line may nest: an entry, and an answer with entries.
    package static let depthMaxAroundLine = depthMaxOfLine + 16

    /// Parses one JSON value with white space around it: RFC 8259, UTF-8 without a BOM.
    ///
    /// - Throws: `JSONError` for what is no JSON, a key that an object has twice, an escape that is
    ///   half of a surrogate pair, and nesting over `depthMax`.
    package init(
        parsing bytes: UnsafeRawBufferPointer,
        depthMax: Int = depthMaxOfLine
    ) throws(JSONError) {
        guard let base = bytes.baseAddress, !bytes.isEmpty else {
            throw JSONError(fault: .syntax, position: 0)
        }
        let text = JSONBytes(
            base: base.assumingMemoryBound(to: UInt8.self),
            count: bytes.count
        )
        var parser = JSONParser(text: text, depthMax: depthMax)
        self = try parser.document()
    }

    /// Parses one JSON value with white space around it.
    ///
    /// - Throws: `JSONError`, as for a buffer.
    package init(
        parsing bytes: [UInt8],
        depthMax: Int = depthMaxOfLine
    ) throws(JSONError) {
        let result = bytes.withUnsafeBytes { buffer in
            Result { () throws(JSONError) in try JSONValue(parsing: buffer, depthMax: depthMax) }
        }
        self = try result.get()
    }

    /// Parses one JSON value with white space around it.
    ///
    /// - Throws: `JSONError`, as for a buffer.
    package init(parsing text: String) throws(JSONError) {
        try self.init(parsing: Array(text.utf8))
    }
}

/// A recursive descent over `JSONBytes` that builds the tree.
private struct JSONParser {
    let text: JSONBytes
    let depthMax: Int
    var index = 0
    var depth = 0

    init(text: JSONBytes, depthMax: Int) {
        self.text = text
        self.depthMax = depthMax
    }

    mutating func document() throws(JSONError) -> JSONValue {
        let value = try value()
        index = text.skipSpace(index)
        guard index == text.count else { throw JSONError(fault: .trailingData, position: index) }
        return value
    }

    private mutating func value() throws(JSONError) -> JSONValue {
        switch try peek() {
        case UInt8(ascii: "{"):
            return .object(
                try nested { (parser) throws(JSONError) in
                    try parser.object()
                }
            )
        case UInt8(ascii: "["):
            return .array(
                try nested { (parser) throws(JSONError) in
                    try parser.array()
                }
            )
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        case let byte:
            index = try accepted(text.literal(at: index))
            return byte == UInt8(ascii: "n") ? .null : .bool(byte == UInt8(ascii: "t"))
        }
    }

    private mutating func nested<Value>(
        _ body: (inout JSONParser) throws(JSONError) -> Value
    ) throws(JSONError) -> Value {
        guard depth < depthMax else { throw JSONError(fault: .tooDeep, position: index) }
        depth += 1
        index += 1
        let value = try body(&self)
        depth -= 1
        return value
    }

    private mutating func object() throws(JSONError) -> JSONObject {
        var object = JSONObject()
        var seen = SeenKeys()
        if try peek() == UInt8(ascii: "}") {
            index += 1
            return object
        }
        while true {
            guard try peek() == UInt8(ascii: "\"") else { throw unexpected }
            let place = index
            let key = try string()
            guard seen.insert(key) else {
                throw JSONError(fault: .duplicateKey, position: place)
            }
            guard try peek() == UInt8(ascii: ":") else { throw unexpected }
            index += 1
            object.append(key, try value())
            if try endsList(with: UInt8(ascii: "}")) { return object }
        }
    }

    private mutating func array() throws(JSONError) -> [JSONValue] {
        var array: [JSONValue] = []
        if try peek() == UInt8(ascii: "]") {
            index += 1
            return array
        }
        while true {
            array.append(try value())
            if try endsList(with: UInt8(ascii: "]")) { return array }
        }
    }

    /// Steps over a comma (false) or the closing bracket (true).
    private mutating func endsList(with close: UInt8) throws(JSONError) -> Bool {
        let byte = try peek()
        guard byte == close || byte == UInt8(ascii: ",") else { throw unexpected }
        index += 1
        return byte == close
    }

    private mutating func string() throws(JSONError) -> String {
        let start = index + 1
        let span = text.string(from: start)
        index = try accepted(span.close) + 1
        return text.decodedString(start..<span.close, isEscaped: span.isEscaped)
    }

    private mutating func number() throws(JSONError) -> JSONValue {
        let start = index
        let number = text.number(at: start)
        index = try accepted(number.end)
        if number.fitsInteger { return .integer(number.integer) }
        let value = text.double(of: number, at: start)
        let limit = Double.greatestFiniteMagnitude
        return .double(max(-limit, min(limit, value)))
    }

    /// The next byte that is no white space.
    private mutating func peek() throws(JSONError) -> UInt8 {
        index = text.skipSpace(index)
        guard index < text.count else { throw unexpected }
        return text.base[index]
    }

    private var unexpected: JSONError { JSONError(fault: .syntax, position: index) }

    private func accepted(_ end: Int) throws(JSONError) -> Int {
        guard end >= 0 else {
            let failure = JSONBytes.failure(end)
            throw JSONError(fault: failure.fault, position: failure.position)
        }
        return end
    }
}

/// The keys of one object, told apart by their bytes.
private struct SeenKeys {
    /// So many are compared one by one: most objects have no more.
    private static let fewMax = 24

    private var few: [String] = []
    private var many: Set<[UInt8]> = []

    /// False where the key was there before.
    mutating func insert(_ key: String) -> Bool {
        if few.count < Self.fewMax {
            let isKnown = few.contains {
                $0.utf8.count == key.utf8.count && $0.utf8.elementsEqual(key.utf8)
            }
            if !isKnown { few.append(key) }
            return !isKnown
        }
        if many.isEmpty { many = Set(few.map { Array($0.utf8) }) }
        return many.insert(Array(key.utf8)).inserted
    }
}
