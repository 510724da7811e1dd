/// An element of an XML document, with what a report needs of it.
struct XMLElement: Sendable, Hashable {
    var name: String
    var attributes: [String: String] = [:]
    var children: [XMLElement] = []
    /// Its own text, without that of its children, at most `XMLReader.textBytesMax` bytes.
    var text = ""

    /// The children of this name.
    func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }

    func first(_ name: String) -> XMLElement? { children.first { $0.name == name } }
}

/// Why something is not XML that hive reads.
struct XMLFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// From 1.
    var line: Int
    var problem: String

    var description: String { "line \(line): \(problem)" }
}
