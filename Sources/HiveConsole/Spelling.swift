/// Which known word a person may have meant.
package enum Spelling {
    /// More slips than this, and it is another word.
    private static let slipsMax = 2
    /// A longer word is no command that somebody mistyped.
    private static let wordCharactersMax = 32

    /// The known word that is at most two slips away, the nearest first; nil where there is none.
    ///
    /// A slip is a letter too many, one missing, a wrong one, or two that changed places.
    package static func nearest(to word: String, among known: [String]) -> String? {
        guard word.count <= wordCharactersMax else { return nil }
        let typed = Array(word.lowercased())
        let found = known.map { (name: $0, slips: slips(typed, Array($0))) }
            .filter { $0.slips <= slipsMax && $0.slips < $0.name.count }
            .min { $0.slips < $1.slips }
        return found?.name
    }

    /// The optimal string alignment distance of two words.
    private static func slips(_ one: [Character], _ other: [Character]) -> Int {
        var twoAgo: [Int] = []
        var last = Array(0...other.count)
        for row in 1...max(one.count, 1) where row <= one.count {
            var this = [row]
            for column in 1...max(other.count, 1) where column <= other.count {
                let isSame = one[row - 1] == other[column - 1]
                var least = min(
                    last[column] + 1,
                    this[column - 1] + 1,
                    last[column - 1] + (isSame ? 0 : 1)
                )
                if row > 1, column > 1, one[row - 1] == other[column - 2],
                    one[row - 2] == other[column - 1]
                {
                    least = min(least, twoAgo[column - 2] + 1)
                }
                this.append(least)
            }
            (twoAgo, last) = (last, this)
        }
        return last[other.count]
    }
}
