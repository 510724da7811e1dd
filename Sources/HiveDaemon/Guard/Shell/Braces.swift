/// `a{b,c}d` as bash expands it.
enum Braces {
    /// Nil where there are more than `max`, or the braces are of another kind (`{1..9}`).
    static func expanded(_ text: String, max: Int) -> [String]? {
        var done: [String] = []
        var open = [text]
        while let next = open.popLast() {
            guard let start = next.firstIndex(of: "{"), let end = close(next, start) else {
                done.append(next)
                guard done.count + open.count <= max else { return nil }
                continue
            }
            let inside = next[next.index(after: start)..<end]
            let choices = parts(inside)
            guard choices.count > 1 else {
                // `{}` and `{a}` stay; a sequence is not counted out.
                guard !inside.contains("..") else { return nil }
                done.append(next)
                continue
            }
            let after = next[next.index(after: end)...]
            open += choices.reversed().map { String(next[..<start] + $0 + after) }
            guard done.count + open.count <= max else { return nil }
        }
        return done
    }

    private static func close(_ text: String, _ start: String.Index) -> String.Index? {
        var depth = 0
        for place in text[start...].indices {
            if text[place] == "{" { depth += 1 }
            if text[place] == "}" { depth -= 1 }
            if depth == 0 { return place }
        }
        return nil
    }

    /// Split at the commas that no inner brace holds.
    private static func parts(_ text: Substring) -> [Substring] {
        var parts: [Substring] = []
        var depth = 0
        var start = text.startIndex
        for place in text.indices {
            switch text[place] {
            case "{": depth += 1
            case "}": depth -= 1
            case "," where depth == 0:
                parts.append(text[start..<place])
                start = text.index(after: place)
            default: break
            }
        }
        return parts + [text[start...]]
    }
}
