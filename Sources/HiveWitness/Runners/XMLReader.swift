import HiveProcess

// As much of XML 1.0 as reports need
//
// Elements, attributes, text, CDATA, comments, processing instructions, the five named entities
// and character references; UTF-8 only. A document type is refused, and with it every entity that
// could grow. One pass with a stack of its own, no recursion: the time is linear in the bytes, and
// depth, elements and attributes are bounded.

/// Reads an XML document whole.
struct XMLReader {
    static let bytesMax = 64 << 20
    static let depthMax = 64
    static let elementsMax = 500_000
    /// Of one element.
    static let attributesMax = 64
    static let nameBytesMax = 256
    /// How much text of an element is kept; more is read and left out.
    static let textBytesMax = 16_384

    /// An element whose end has not come yet.
    private struct Open {
        var element: XMLElement
        var text: [UInt8] = []
    }

    private let bytes: [UInt8]
    private var index = 0
    private var open: [Open] = []
    private var root: XMLElement?
    private var elements = 0

    /// The root element.
    ///
    /// - Throws: `XMLFault` where it is no XML, is cut off, or goes beyond the bounds.
    static func read(_ bytes: [UInt8]) throws(XMLFault) -> XMLElement {
        guard bytes.count <= bytesMax else {
            throw XMLFault(line: 1, problem: "more than \(bytesMax >> 20) MiB")
        }
        var reader = XMLReader(bytes: bytes)
        return try reader.document()
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private mutating func document() throws(XMLFault) -> XMLElement {
        try checkCharacters()
        if starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
        if starts(with: "<?xml"), index + 5 < bytes.count, Self.isSpace(bytes[index + 5]) {
            try declaration()
        }
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "<") { try markup() } else { try text() }
        }
        if let last = open.last { throw fault("it ends before </\(last.element.name)>") }
        guard let root else { throw fault("there is no element") }
        return root
    }

    private mutating func markup() throws(XMLFault) {
        if starts(with: "</") {
            try endTag()
        } else if starts(with: "<!--") {
            try comment()
        } else if starts(with: "<![CDATA[") {
            try cdata()
        } else if starts(with: "<!") {
            throw fault("a document type or other declaration, which reports have no use for")
        } else if starts(with: "<?") {
            try instruction()
        } else {
            try startTag()
        }
    }
}

// MARK: - Elements

extension XMLReader {
    private mutating func startTag() throws(XMLFault) {
        index += 1
        let name = try name()
        guard root == nil else { throw fault("<\(name)> behind the end of the document") }
        guard open.count < Self.depthMax else {
            throw fault("elements nest deeper than \(Self.depthMax)")
        }
        elements += 1
        guard elements <= Self.elementsMax else {
            throw fault("more than \(Self.elementsMax) elements")
        }
        var element = XMLElement(name: name)
        while true {
            let hasSpace = skipSpace()
            switch peek {
            case UInt8(ascii: ">"):
                index += 1
                open.append(Open(element: element))
                return
            case UInt8(ascii: "/"):
                index += 1
                try expect(UInt8(ascii: ">"))
                close(element)
                return
            default:
                guard hasSpace else { throw fault("white space is missing in <\(name)>") }
                try attribute(of: &element)
            }
        }
    }

    private mutating func attribute(of element: inout XMLElement) throws(XMLFault) {
        let name = try name()
        skipSpace()
        try expect(UInt8(ascii: "="))
        skipSpace()
        guard let quote = peek, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
            throw fault("the value of \(name) is not in quotes")
        }
        index += 1
        var value: [UInt8] = []
        while let byte = peek, byte != quote {
            switch byte {
            case UInt8(ascii: "<"): throw fault("a < in the value of \(name)")
            case UInt8(ascii: "&"): try reference(into: &value)
            case 0x09, 0x0A, 0x0D:
                value.append(0x20)
                index += 1
            default:
                value.append(byte)
                index += 1
            }
        }
        try expect(quote)
        guard element.attributes.count < Self.attributesMax else {
            throw fault("more than \(Self.attributesMax) attributes")
        }
        let text = String(decoding: value, as: UTF8.self)
        guard element.attributes.updateValue(text, forKey: name) == nil else {
            throw fault("the attribute \(name) is there twice")
        }
    }

    private mutating func endTag() throws(XMLFault) {
        index += 2
        let name = try name()
        skipSpace()
        try expect(UInt8(ascii: ">"))
        guard var last = open.popLast() else { throw fault("</\(name)> ends nothing") }
        guard last.element.name == name else {
            throw fault("</\(name)> where </\(last.element.name)> is due")
        }
        last.element.text = String(decoding: last.text, as: UTF8.self)
        close(last.element)
    }

    private mutating func close(_ element: XMLElement) {
        if open.isEmpty {
            root = element
        } else {
            open[open.count - 1].element.children.append(element)
        }
    }
}

// MARK: - Text

extension XMLReader {
    private mutating func text() throws(XMLFault) {
        guard !open.isEmpty else {
            let start = index
            skipSpace()
            guard index > start || peek == nil else {
                throw fault("text outside of the document's element")
            }
            return
        }
        var text: [UInt8] = []
        while let byte = peek, byte != UInt8(ascii: "<") {
            switch byte {
            case UInt8(ascii: "&"): try reference(into: &text)
            case UInt8(ascii: "]") where starts(with: "]]>"): throw fault("]]> in text")
            case 0x0D:
                // A line end is one LF, however it is written (XML 1.0 §2.11).
                index += 1
                if peek != 0x0A { text.append(0x0A) }
            default:
                text.append(byte)
                index += 1
            }
        }
        keep(text[...])
    }

    private mutating func cdata() throws(XMLFault) {
        guard !open.isEmpty else { throw fault("text outside of the document's element") }
        index += 9
        let start = index
        try skip(past: "]]>", of: "<![CDATA[")
        keep(bytes[start..<(index - 3)])
    }

    private mutating func keep(_ text: ArraySlice<UInt8>) {
        let room = Self.textBytesMax - open[open.count - 1].text.count
        open[open.count - 1].text += text.prefix(max(0, room))
    }

    /// `&name;`, `&#1234;` or `&#x12ab;`.
    private mutating func reference(into text: inout [UInt8]) throws(XMLFault) {
        let start = index + 1
        guard let end = bytes[start...].prefix(Self.referenceBytesMax).firstIndex(of: 0x3B) else {
            throw fault("an & that begins no entity")
        }
        let name = String(decoding: bytes[start..<end], as: UTF8.self)
        guard let scalar = Self.named[name] ?? Self.numbered(name) else {
            throw fault("the entity &\(name); is not known")
        }
        text += Array(String(Character(scalar)).utf8)
        index = end + 1
    }

    private static let referenceBytesMax = 12
    private static let named: [String: Unicode.Scalar] = [
        "lt": "<", "gt": ">", "amp": "&", "quot": "\"", "apos": "'",
    ]

    private static func numbered(_ name: String) -> Unicode.Scalar? {
        guard name.hasPrefix("#") else { return nil }
        let isHex = name.hasPrefix("#x")
        let digits = name.dropFirst(isHex ? 2 : 1)
        guard digits.allSatisfy({ isHex ? $0.isHexDigit : $0.isASCII && $0.isNumber }),
            let value = UInt32(digits, radix: isHex ? 16 : 10), isAllowed(value)
        else { return nil }
        return Unicode.Scalar(value)
    }

    /// XML 1.0 §2.2.
    private static func isAllowed(_ value: UInt32) -> Bool {
        switch value {
        case 0x09, 0x0A, 0x0D, 0x20...0xD7FF, 0xE000...0xFFFD, 0x1_0000...0x10_FFFF: true
        default: false
        }
    }

    /// That it is UTF-8 all through, and only of characters that XML 1.0 §2.2 allows.
    private mutating func checkCharacters() throws(XMLFault) {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw XMLFault(line: 1, problem: "it is not UTF-8")
        }
        for (place, byte) in bytes.enumerated() {
            let isControl = byte < 0x20 && byte != 0x09 && byte != 0x0A && byte != 0x0D
            let isNoncharacter =
                byte >= 0xBE && place >= 2 && bytes[place - 1] == 0xBF && bytes[place - 2] == 0xEF
            guard isControl || isNoncharacter else { continue }
            index = place
            throw fault("a character that XML does not allow")
        }
    }
}

// MARK: - What is skipped

extension XMLReader {
    private mutating func declaration() throws(XMLFault) {
        let start = index
        try skip(past: "?>", of: "<?xml")
        let text = Array(String(decoding: bytes[start..<index], as: UTF8.self).lowercased().utf8)
        guard let place = text.offsets(of: Array("encoding".utf8), max: 1).first else { return }
        let isQuote = { (byte: UInt8) in
            byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'")
        }
        let value = text[place...].drop { !isQuote($0) }.dropFirst().prefix { !isQuote($0) }
        guard ["utf-8", "utf8", "us-ascii"].contains(String(decoding: value, as: UTF8.self)) else {
            throw fault("an encoding other than UTF-8")
        }
    }

    private mutating func instruction() throws(XMLFault) {
        index += 2
        let name = try name()
        guard name.lowercased() != "xml" else { throw fault("a second XML declaration") }
        try skip(past: "?>", of: "<?\(name)")
    }

    private mutating func comment() throws(XMLFault) {
        index += 4
        try skip(past: "--", of: "<!--")
        try expect(UInt8(ascii: ">"))
    }

    private mutating func skip(past end: String, of start: String) throws(XMLFault) {
        let needle = Array(end.utf8)
        let found = bytes.withUnsafeBytes { $0.firstOffset(of: needle, from: index) }
        guard let found else { throw fault("\(start) has no end") }
        index = found + needle.count
    }
}

// MARK: - Bytes

extension XMLReader {
    private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

    private func starts(with text: StaticString) -> Bool {
        text.withUTF8Buffer { starts(with: $0) }
    }

    private func starts(with needle: some Collection<UInt8>) -> Bool {
        bytes.count - index >= needle.count && zip(needle, bytes[index...]).allSatisfy(==)
    }

    private mutating func expect(_ byte: UInt8) throws(XMLFault) {
        guard peek == byte else {
            throw fault("a \(Character(Unicode.Scalar(byte))) is missing")
        }
        index += 1
    }

    @discardableResult
    private mutating func skipSpace() -> Bool {
        let start = index
        while let byte = peek, Self.isSpace(byte) { index += 1 }
        return index > start
    }

    /// A name; of characters beyond ASCII it takes all, as nothing depends on them.
    private mutating func name() throws(XMLFault) -> String {
        let start = index
        while let byte = peek, Self.isNamePart(byte), index - start <= Self.nameBytesMax {
            index += 1
        }
        guard index > start, !Self.isNeverFirst(bytes[start]) else {
            throw fault("a name is missing")
        }
        guard index - start <= Self.nameBytesMax else {
            throw fault("a name longer than \(Self.nameBytesMax) bytes")
        }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }

    private static func isNamePart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: ":"), UInt8(ascii: "_"),
            UInt8(ascii: "-"), UInt8(ascii: "."), 0x80...0xFF:
            true
        default: false
        }
    }

    private static func isNeverFirst(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private func fault(_ problem: String) -> XMLFault {
        let line = 1 + bytes[..<min(index, bytes.count)].count { $0 == 0x0A }
        return XMLFault(line: line, problem: problem)
    }
}
