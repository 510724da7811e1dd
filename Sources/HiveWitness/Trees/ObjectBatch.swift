/// Reads what `git cat-file --batch` says: an object after the other, each with its length.
struct ObjectBatch {
    struct Object {
        var id: String
        var type: String
        var bytes: ArraySlice<UInt8>
    }

    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The next object; nil at the end, and where the words are no object's.
    mutating func next() -> Object? {
        guard let end = bytes[place...].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        let words = bytes[place..<end].split(separator: UInt8(ascii: " "))
            .map { String(decoding: $0, as: UTF8.self) }
        guard words.count == 3, let count = Int(words[2]), count >= 0,
            count < bytes.count - end - 1
        else { return nil }
        let start = end + 1
        place = start + count + 1
        return Object(id: words[0], type: words[1], bytes: bytes[start..<(start + count)])
    }
}
