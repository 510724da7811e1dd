import HiveSignal

// TAP 13 and 14, read line by line
//
// Subtests are indented by four blanks and come before the test point that sums them up, so a
// stack holds the documents that are still open, one for each step of indentation. A diagnostic
// block belongs to the point above it and is read as far as its keys `code`, `name` and the like.

/// A Test Anything Protocol document.
struct TAPReader {
    static let linesMax = 2_000_000
    static let depthMax = 32
    private static let indent = 4

    struct Point {
        /// The descriptions from the outermost test inwards.
        var path: [String]
        var isOK: Bool
        /// What marks it as skipped or still to be done, with what stands behind it.
        var directive: String?
        /// True where it sums up subtests.
        var isSummary = false
        /// The diagnostic block's plain keys, of those that are asked for.
        var details: [String: String] = [:]
    }

    /// A document whose end has not come.
    private struct Document {
        var planned: Int?
        var seen = 0
        /// The points of subtests, which wait for the point that names them.
        var points: [Point] = []
    }

    private(set) var points: [Point] = []
    private(set) var faults: [String] = []
    private var open: [Document] = [Document()]
    /// The indentation of the diagnostic block that is open.
    private var block: Int?
    /// The key whose text begins on the next line of the block.
    private var folded: String?

    init(_ bytes: [UInt8]) {
        var count = 0
        for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: true) {
            count += 1
            guard count <= Self.linesMax else {
                faults.append("there are more than \(Self.linesMax) lines")
                break
            }
            read(line.last == 0x0D ? line.dropLast() : line)
        }
        if block != nil { faults.append("it ends inside of a diagnostic block") }
        finish()
    }

    private mutating func finish() {
        if open.count > 1 { faults.append("it ends inside of a subtest") }
        check(open[0])
        points = open[0].points
    }

    private mutating func read(_ line: ArraySlice<UInt8>) {
        let blanks = line.prefix { $0 == 0x20 }.count
        let text = String(decoding: line.dropFirst(blanks), as: UTF8.self)
        if let block {
            readBlock(text, blanks: blanks, block: block)
            return
        }
        if text == "---", blanks % Self.indent == 2 {
            block = blanks
            return
        }
        guard blanks % Self.indent == 0, blanks / Self.indent <= Self.depthMax else { return }
        let depth = blanks / Self.indent
        if let plan = Self.plan(text) {
            take(plan: plan, depth: depth)
        } else if let point = Self.point(text) {
            take(point, depth: depth)
        } else if text.lowercased().hasPrefix("bail out!") {
            faults.append("the run was given up: \(text)")
        }
        // Anything else is a comment, a pragma, the version, or what a test printed.
    }
}

// MARK: - Documents

extension TAPReader {
    private mutating func take(plan: Int, depth: Int) {
        guard openDocument(at: depth) else { return }
        if open[depth].planned != nil { faults.append("there are two plans in one document") }
        open[depth].planned = plan
    }

    private mutating func take(_ point: Point, depth: Int) {
        guard openDocument(at: depth) else { return }
        open[depth].seen += 1
        var point = point
        if point.path[0].isEmpty { point.path[0] = "#\(open[depth].seen)" }
        if open.count == depth + 2 {
            let subtest = open.removeLast()
            check(subtest)
            for var inner in subtest.points {
                inner.path.insert(point.path[0], at: 0)
                open[depth].points.append(inner)
            }
            point.isSummary = true
        }
        open[depth].points.append(point)
    }

    /// Opens a subtest one step deeper; false where the indentation skips a step.
    private mutating func openDocument(at depth: Int) -> Bool {
        if depth == open.count { open.append(Document()) }
        guard depth < open.count else {
            faults.append("a subtest is indented too far")
            return false
        }
        if depth < open.count - 2 {
            faults.append("a subtest has no test point that sums it up")
            open.removeLast(open.count - 1 - depth)
        }
        return true
    }

    private mutating func check(_ document: Document) {
        guard let planned = document.planned else {
            faults.append("it has no plan, so nobody knows how many tests there should be")
            return
        }
        guard planned != document.seen else { return }
        faults.append("\(planned) tests were planned, \(document.seen) are there")
    }
}

// MARK: - Lines

extension TAPReader {
    /// `1..12`; more may follow behind a `#`.
    private static func plan(_ text: String) -> Int? {
        guard text.hasPrefix("1..") else { return nil }
        let digits = text.dropFirst(3).prefix { $0.isASCII && $0.isNumber }
        let rest = text.dropFirst(3 + digits.count).drop { $0 == " " }
        return rest.isEmpty || rest.hasPrefix("#") ? Int(digits) : nil
    }

    /// The test point of a line such as `ok 3 - what it tests # SKIP why`.
    private static func point(_ text: String) -> Point? {
        let isOK = !text.hasPrefix("not ok")
        guard isOK ? text.hasPrefix("ok") : true else { return nil }
        var rest = text.dropFirst(isOK ? 2 : 6)
        guard rest.isEmpty || rest.hasPrefix(" ") else { return nil }
        rest = rest.drop { $0 == " " }
        rest = rest.drop { $0.isASCII && $0.isNumber }
        rest = rest.drop { $0 == " " }
        if rest.hasPrefix("- ") { rest = rest.dropFirst(2) }
        let (description, directive) = split(rest)
        return Point(path: [description], isOK: isOK, directive: directive)
    }

    /// A description, its escapes undone, and the directive behind the first bare `#`.
    private static func split(_ text: Substring) -> (String, String?) {
        var description = ""
        var isEscaped = false
        for (index, character) in zip(text.indices, text) {
            if isEscaped || (character != "\\" && character != "#") {
                description.append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else {
                let directive = text[text.index(after: index)...].drop { $0 == " " }
                let word = directive.prefix(4).lowercased()
                if word == "skip" || word == "todo" {
                    return (trimmed(description), String(directive))
                }
                description.append(character)
            }
        }
        return (trimmed(description), nil)
    }

    private static func trimmed(_ text: String) -> String {
        String(text.reversed().drop { $0 == " " }.reversed())
    }

    /// The keys that tell one kind of failure from another, and its text.
    private static let keys: Set<Substring> = [
        "code", "name", "type", "failureType", "error", "message",
    ]

    private mutating func readBlock(_ text: String, blanks: Int, block: Int) {
        let depth = block / Self.indent
        guard depth < open.count, let last = open[depth].points.indices.last else {
            faults.append("a diagnostic block belongs to no test point")
            self.block = nil
            return
        }
        if text == "...", blanks == block {
            self.block = nil
            folded = nil
        } else if let key = folded, blanks > block {
            open[depth].points[last].details[key] = text
            folded = nil
        } else if blanks == block, let colon = text.firstIndex(of: ":") {
            let key = text[..<colon]
            let value = text[text.index(after: colon)...].drop { $0 == " " }
            guard Self.keys.contains(key) else { return }
            if value.hasPrefix("|") || value.hasPrefix(">") {
                folded = String(key)
            } else {
                let bare = value.drop { $0 == "'" || $0 == "\"" }
                open[depth].points[last].details[String(key)] = String(
                    bare.reversed().drop { $0 == "'" || $0 == "\"" }.reversed()
                )
            }
        }
    }
}
