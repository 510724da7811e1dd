/// Any JSON value, for messages and files of hive's own; signals go through `SignalScanner`.
package enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    /// A number without fraction and exponent that fits.
    case integer(Int64)
    /// Any other number; one out of range becomes the largest finite double of its sign.
    case double(Double)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    /// The member under this key; nil also for anything that is no object.
    package subscript(_ key: String) -> JSONValue? { objectValue?[key] }

    package var isNull: Bool { self == .null }

    package var stringValue: String? {
        guard case .string(let value) = self else { return nil }
        return value
    }

    package var integerValue: Int64? {
        guard case .integer(let value) = self else { return nil }
        return value
    }

    /// Of an integer, too.
    package var doubleValue: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }

    package var boolValue: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    package var arrayValue: [JSONValue]? {
        guard case .array(let value) = self else { return nil }
        return value
    }

    package var objectValue: JSONObject? {
        guard case .object(let value) = self else { return nil }
        return value
    }

    /// JSON text on one line.
    package var text: String {
        var writer = JSONWriter()
        writer.value(self)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

/// The members of a JSON object in the order they were written; equal only in the same order.
package struct JSONObject: Sendable, Hashable, Sequence {
    package private(set) var keys: [String] = []
    package private(set) var values: [JSONValue] = []

    package init() {}

    package var count: Int { keys.count }
    package var isEmpty: Bool { keys.isEmpty }

    /// The value under this key, compared byte by byte; nil takes the member out.
    package subscript(_ key: String) -> JSONValue? {
        get { index(of: key).map { values[$0] } }
        set {
            switch (index(of: key), newValue) {
            case (.some(let index), .some(let value)):
                values[index] = value
            case (.some(let index), nil):
                keys.remove(at: index)
                values.remove(at: index)
            case (nil, .some(let value)):
                append(key, value)
            case (nil, nil):
                break
            }
        }
    }

    /// The members as (key, value).
    package func makeIterator() -> Zip2Sequence<[String], [JSONValue]>.Iterator {
        zip(keys, values).makeIterator()
    }

    /// Adds a member whose key is known not to be there.
    mutating func append(_ key: String, _ value: JSONValue) {
        keys.append(key)
        values.append(value)
    }

    /// Swift compares strings by canonical equivalence, JSON keys are bytes: hence both tests.
    private func index(of key: String) -> Int? {
        keys.firstIndex { $0 == key && $0.utf8.elementsEqual(key.utf8) }
    }
}

// MARK: - Literals

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// Of two equal keys the last one counts.
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self.init()
        for (key, value) in elements { self[key] = value }
    }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringInterpolation,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(nilLiteral: ()) { self = .null }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(floatLiteral value: Double) { self = .double(value) }
    package init(stringLiteral value: String) { self = .string(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

    /// Of two equal keys the last one counts.
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        var object = JSONObject()
        for (key, value) in elements { object[key] = value }
        self = .object(object)
    }
}
