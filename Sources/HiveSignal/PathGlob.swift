// Globs, matched in time that is bounded
//
// A pattern becomes a row of steps, and a path is read once, byte by byte, with the set of steps
// that it may be at: no pattern makes it go back, so `**/*a*/**/*b*` is no trap. The work is at
// most a path's bytes times a pattern's. Most paths are told from most patterns by the bytes that a
// pattern begins or ends with, before that.

/// A pattern for the paths of a tree, as `.gitignore` has them.
///
/// - `*` is any run of characters but `/`, `?` one of them, `[a-z]` and `[!a-z]` one of a set;
/// - `**/` is any number of folders, `/**` at the end all that is in a folder;
/// - a `\` takes the next character as it is;
/// - a pattern without `/` matches in any folder, as `Makefile` or `*.lock` do; one with `/` starts
///   at the top, and so does one with `/` in front;
/// - with `/` at its end it stands for all that is in such folders.
package struct PathGlob: Sendable, Hashable {
    /// A pattern that is longer matches nothing.
    package static let patternBytesMax = 1_024
    /// As long as Linux lets a path be; one that is longer matches nothing.
    package static let pathBytesMax = 4_096

    /// As it was written.
    package let pattern: String
    private let steps: [Step]
    /// What every path that matches begins and ends with.
    private let head: [UInt8]
    private let tail: [UInt8]

    package init(_ pattern: String) {
        self.pattern = pattern
        let bytes = Array(pattern.utf8)
        steps =
            bytes.isEmpty || bytes.count > Self.patternBytesMax
            ? [.never] : Parser(bytes).steps
        head = steps.prefix { $0.literal != nil }.compactMap(\.literal)
        tail = steps.reversed().prefix { $0.literal != nil }.compactMap(\.literal).reversed()
    }

    /// True where the pattern matches the whole path.
    package func matches(_ path: [UInt8]) -> Bool {
        guard !path.isEmpty, path.count <= Self.pathBytesMax, mayMatch(path) else { return false }
        var places = PlaceSet(below: steps.count + 1)
        var next = places
        enter(0, &places)
        for byte in path {
            var isAlive = false
            // Where all was read before its end, nothing more may come.
            places.remove(steps.count)
            places.removeAll { place in
                guard let target = steps[place].target(of: byte, from: place) else { return }
                enter(target, &next)
                isAlive = true
            }
            guard isAlive else { return false }
            swap(&places, &next)
        }
        return places.contains(steps.count)
    }

    /// False where one look at both ends tells.
    private func mayMatch(_ path: [UInt8]) -> Bool {
        guard path.count >= tail.count, path.count >= head.count else { return false }
        for offset in tail.indices where path[path.count - tail.count + offset] != tail[offset] {
            return false
        }
        for offset in head.indices where path[offset] != head[offset] { return false }
        return true
    }

    package func matches(_ path: String) -> Bool { matches(Array(path.utf8)) }

    /// Adds a place, and where one gets from it without reading anything.
    private func enter(_ place: Int, _ places: inout PlaceSet) {
        var place = place
        while true {
            places.insert(place)
            guard place < steps.count, steps[place].width > 0 else { return }
            place += steps[place].width
        }
    }

    /// Places in a pattern, a bit each.
    private struct PlaceSet {
        private var words: [UInt64]

        init(below count: Int) { words = Array(repeating: 0, count: (count + 63) / 64) }

        func contains(_ place: Int) -> Bool { words[place / 64] & bit(place) != 0 }

        mutating func insert(_ place: Int) { words[place / 64] |= bit(place) }

        mutating func remove(_ place: Int) { words[place / 64] &= ~bit(place) }

        /// Empties the set, and names each place that was in it.
        mutating func removeAll(_ body: (Int) -> Void) {
            for index in words.indices {
                var word = words[index]
                words[index] = 0
                while word != 0 {
                    body(index * 64 + word.trailingZeroBitCount)
                    word &= word - 1
                }
            }
        }

        private func bit(_ place: Int) -> UInt64 { 1 << UInt64(place % 64) }
    }
}

extension PathGlob {
    private static let slash = UInt8(ascii: "/")

    private enum Step: Sendable, Hashable {
        case byte(UInt8)
        case anyButSlash
        case oneOf([ClosedRange<UInt8>], isNegated: Bool)
        /// `*`
        case run
        /// `**/` at the start of a folder or file name; `folder` follows.
        case folders
        /// Inside a name that `folders` passes over.
        case folder
        /// One byte of any kind: the first of `/**` at the end.
        case any
        /// What follows it.
        case rest
        case never

        /// The one byte that it reads; nil: it may read others, or none.
        var literal: UInt8? {
            guard case .byte(let byte) = self else { return nil }
            return byte
        }

        /// How many steps further one is without reading anything; 0: it reads something.
        var width: Int {
            switch self {
            case .run, .rest: 1
            case .folders: 2
            default: 0
            }
        }

        /// Where a byte leads to from this step; nil: nowhere.
        func target(of byte: UInt8, from place: Int) -> Int? {
            switch self {
            case .byte(let own): byte == own ? place + 1 : nil
            case .anyButSlash: byte != slash ? place + 1 : nil
            case .oneOf(let ranges, let isNegated):
                byte != slash && ranges.contains { $0.contains(byte) } != isNegated
                    ? place + 1 : nil
            case .run: byte != slash ? place : nil
            case .folders: byte != slash ? place + 1 : nil
            case .folder: byte == slash ? place - 1 : place
            case .any: place + 1
            case .rest: place
            case .never: nil
            }
        }
    }

    private struct Parser {
        private(set) var steps: [Step] = []
        private let bytes: [UInt8]
        private var place = 0

        init(_ pattern: [UInt8]) {
            var bytes = pattern
            let isFolder = bytes.count > 1 && bytes.last == slash
            if isFolder { bytes.removeLast() }
            let isAnchored = bytes.contains(slash)
            if bytes.first == slash { bytes.removeFirst() }
            self.bytes = bytes
            if !isAnchored { steps += [.folders, .folder] }
            while place < bytes.count { parseNext() }
            if isFolder { steps += [.byte(slash), .any, .rest] }
        }

        private mutating func parseNext() {
            let byte = bytes[place]
            place += 1
            switch byte {
            case UInt8(ascii: "*"): parseStars()
            case UInt8(ascii: "?"): steps.append(.anyButSlash)
            case UInt8(ascii: "["): parseSet()
            case UInt8(ascii: "\\") where place < bytes.count:
                steps.append(.byte(bytes[place]))
                place += 1
            default: steps.append(.byte(byte))
            }
        }

        private mutating func parseStars() {
            let start = place - 1
            while place < bytes.count, bytes[place] == UInt8(ascii: "*") { place += 1 }
            let isAtStart = start == 0 || bytes[start - 1] == slash
            guard place - start == 2, isAtStart else { return steps.append(.run) }
            if place == bytes.count {
                steps += [.any, .rest]
            } else if bytes[place] == slash {
                place += 1
                steps += [.folders, .folder]
            } else {
                steps.append(.run)
            }
        }

        /// A bracket that nobody closes is a character like others.
        private mutating func parseSet() {
            var next = place
            let isNegated =
                next < bytes.count && [UInt8(ascii: "!"), UInt8(ascii: "^")].contains(bytes[next])
            if isNegated { next += 1 }
            var ranges: [ClosedRange<UInt8>] = []
            let first = next
            // A closing bracket in front is one of the set.
            while next < bytes.count, bytes[next] != UInt8(ascii: "]") || next == first {
                let low = Self.member(bytes, &next)
                if next + 1 < bytes.count, bytes[next] == UInt8(ascii: "-"),
                    bytes[next + 1] != UInt8(ascii: "]")
                {
                    next += 1
                    let high = Self.member(bytes, &next)
                    if low <= high { ranges.append(low...high) }
                } else {
                    ranges.append(low...low)
                }
            }
            guard next < bytes.count else { return steps.append(.byte(UInt8(ascii: "["))) }
            place = next + 1
            steps.append(.oneOf(ranges, isNegated: isNegated))
        }

        private static func member(_ bytes: [UInt8], _ place: inout Int) -> UInt8 {
            if bytes[place] == UInt8(ascii: "\\"), place + 1 < bytes.count { place += 1 }
            defer { place += 1 }
            return bytes[place]
        }
    }
}
