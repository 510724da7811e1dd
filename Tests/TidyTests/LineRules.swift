/// Rules that one line can break.
enum LineRules {
    static let columnsMax = 100
    /// How far above an unsafe marker its reason may stand.
    static let linesAboveMarkerMax = 3

    /// The one file that may: before a server is asked again there is no event to await.
    static let sleeperPath = "Sources/HiveWorkers/Model/Client/ModelClock.swift"

    /// Waiting by the clock: tests and code await events.
    static func sleeping(in file: SourceFile) -> [Finding] {
        guard file.path != sleeperPath else { return [] }
        let sleepers: Set<Substring> = ["sleep", "usleep", "nanosleep", "clock_nanosleep"]
        return findings(in: file, "sleeps", "await an event instead") { line in
            line.code.contains("sleep")
                && line.code.split(separator: "(").dropLast().contains { part in
                    part.last != " " && part.words.last.map(sleepers.contains) == true
                }
        }
    }

    /// `try!`, `as!`, `x!` and `Type!`.
    static func forcing(in file: SourceFile) -> [Finding] {
        let cure = "use guard, ??, try or #require"
        return findings(in: file, "forces with !", cure) { line in
            var before: Character = " "
            var isMarked = false
            for character in line.code {
                if isMarked && character != "=" { return true }
                let isAfterValue = before.isLetter || before.isNumber || "_)]}`".contains(before)
                isMarked = character == "!" && isAfterValue
                before = character
            }
            return isMarked
        }
    }

    static func trapping(in file: SourceFile) -> [Finding] {
        let cure = "return an error, or precondition for a broken invariant"
        return findings(in: file, "calls fatalError", cure) { line in
            line.code.contains("fatalError")
        }
    }

    /// Notes to oneself, in code and comments.
    static func postponing(in file: SourceFile) -> [Finding] {
        let notes: Set<Substring> = ["TODO", "FIXME", "XXX"]
        return findings(in: file, "postpones", "do it now, or write an issue") { line in
            (line.code.words + line.comment.words).contains(where: notes.contains)
        }
    }

    /// `async` and `await` in the kernel, which is a pure fold.
    static func waiting(in file: SourceFile) -> [Finding] {
        guard file.room == "HiveKernel" else { return [] }
        return findings(in: file, "is not synchronous", "decide here, wait elsewhere") { line in
            line.code.words.contains { $0 == "async" || $0 == "await" }
        }
    }

    /// Unsafe sharing that no comment explains.
    static func unexplained(in file: SourceFile) -> [Finding] {
        let lines = file.text.lines
        let cure = "say in a comment on the line or just above why it is safe"
        return findings(in: file, "switches checks off", cure) { line in
            let words = line.code.words
            let isUnchecked = words.contains("unchecked") && words.contains("Sendable")
            guard isUnchecked || line.code.contains("nonisolated(unsafe)") else { return false }
            let first = max(0, line.number - 1 - linesAboveMarkerMax)
            return !lines[first..<line.number].contains { !$0.comment.words.isEmpty }
        }
    }

    /// Lines too wide, but for a literal or an address that no line could hold.
    static func overflowing(in file: SourceFile) -> [Finding] {
        let cure = "break it at \(columnsMax)"
        return findings(in: file, "is over \(columnsMax) columns", cure) { line in
            guard line.raw.utf8.count > columnsMax, line.raw.count > columnsMax else {
                return false
            }
            let indentation = line.raw.prefix { $0 == " " }.count
            let isUnbreakable = indentation + line.literalBytesMax + 2 > columnsMax
            return !isUnbreakable && !line.beginsInLiteral && !line.raw.contains("://")
        }
    }

    static func blanks(in file: SourceFile) -> [Finding] {
        let tabs = findings(in: file, "has a tab", "write spaces") { $0.raw.contains("\t") }
        let ends = findings(in: file, "ends in white space", "cut it off") { line in
            line.raw.last?.isWhitespace == true
        }
        return tabs + ends
    }

    private static func findings(
        in file: SourceFile,
        _ problem: String,
        _ cure: String,
        where breaks: (SourceText.Line) -> Bool
    ) -> [Finding] {
        file.text.lines.filter(breaks).map { Finding(file, line: $0.number, problem, cure) }
    }
}
