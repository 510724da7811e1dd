import HiveSignal

/// When a server wants to be asked again, by the headers of its refusal.
enum RetryAfter {
    /// No header is believed beyond a day.
    static let millisecondsMax = 86_400_000

    /// How long from now it wants to be left alone.
    ///
    /// `Retry-After` (RFC 9110 §10.2.3) goes before the headers that tell when a rate's window
    /// begins anew, which come in many forms.
    ///
    /// - Parameters:
    ///   - headers: By lower-case name.
    ///   - unixTime: Unix milliseconds, for dates where the server does not send its own.
    /// - Returns: Milliseconds; nil where no header says a time that is still to come.
    static func milliseconds(in headers: [String: String], unixTime: Int) -> Int? {
        let now = headers["date"].flatMap(HTTPDate.unixMilliseconds) ?? unixTime
        let exact = headers["retry-after-ms"].flatMap { number($0, unit: 1) }
        let told = exact ?? headers["retry-after"].flatMap { retryAfter($0, now: now) }
        let reset = resets.compactMap { header -> Int? in
            // What is not used up does not hold anybody up.
            guard header.isUsedUp(in: headers) else { return nil }
            return headers[header.name].flatMap { moment($0, now: now) }
        }
        guard let milliseconds = told ?? reset.max(), milliseconds > 0 else { return nil }
        return min(milliseconds, millisecondsMax)
    }

    private struct Reset {
        var name: String
        var remaining: String

        func isUsedUp(in headers: [String: String]) -> Bool {
            guard let left = headers[remaining] else { return true }
            return number(left, unit: 1) == 0
        }
    }

    private static let resets: [Reset] =
        ["", "-requests", "-tokens"].map { subject in
            Reset(
                name: "x-ratelimit-reset\(subject)",
                remaining: "x-ratelimit-remaining\(subject)"
            )
        }
        + ["requests", "tokens", "input-tokens", "output-tokens"].map { subject in
            Reset(
                name: "anthropic-ratelimit-\(subject)-reset",
                remaining: "anthropic-ratelimit-\(subject)-remaining"
            )
        }
        + [Reset(name: "ratelimit-reset", remaining: "ratelimit-remaining")]

    private static func retryAfter(_ text: String, now: Int) -> Int? {
        number(text, unit: 1_000) ?? HTTPDate.unixMilliseconds(text).map { $0 - now }
    }

    /// A moment in any of the forms that are seen: seconds from now, Unix seconds or milliseconds,
    /// RFC 3339, durations such as `6m0s` or `20ms`.
    private static func moment(_ text: String, now: Int) -> Int? {
        if let value = number(text, unit: 1) {
            // Neither 31 years nor the year 33,658 is meant.
            if value >= 1_000_000_000_000 { return value - now }
            return value >= 1_000_000_000 ? value * 1_000 - now : number(text, unit: 1_000)
        }
        if let moment = Timestamp(rfc3339: text) { return Int(moment.milliseconds) - now }
        return duration(text)
    }

    /// Units of a decimal number of at most 15 digits before its point, rounded up; nil for
    /// anything else.
    private static func number(_ text: some StringProtocol, unit: Int) -> Int? {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count <= 2, let whole = parts.first, (1...15).contains(whole.count),
            parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(isDigit) })
        else { return nil }
        let value = whole.reduce(0) { $0 * 10 + Int($1 & 0x0F) } * unit
        guard parts.count == 2 else { return value }
        // Three digits are a thousandth; whatever follows them rounds up.
        let digits = parts[1].prefix(3).map { Int($0 & 0x0F) } + [0, 0]
        let thousandths = digits[0] * 100 + digits[1] * 10 + digits[2]
        let hasMore = parts[1].dropFirst(3).contains { $0 != UInt8(ascii: "0") }
        return value + ((thousandths + (hasMore ? 1 : 0)) * unit + 999) / 1_000
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    /// As Go writes durations: `1h2m3.5s`, `20ms`.
    private static func duration(_ text: String) -> Int? {
        let units = ["h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1]
        guard text.utf8.count <= 32 else { return nil }
        var rest = text[...]
        var total = 0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
            let name = rest.dropFirst(digits.count).prefix { $0.isLetter }
            guard digits.utf8.count <= 12, let unit = units[String(name)],
                let part = number(digits, unit: unit)
            else { return nil }
            total += min(part, millisecondsMax)
            rest = rest.dropFirst(digits.count + name.count)
        }
        return text.isEmpty ? nil : total
    }
}

/// Dates as HTTP writes them (RFC 9110 §5.6.7): the form of today and two of the past.
enum HTTPDate {
    /// Unix milliseconds; nil where it is no date.
    static func unixMilliseconds(_ text: String) -> Int? {
        guard text.utf8.count <= 40 else { return nil }
        let words = text.split { $0 == " " || $0 == "," || $0 == "-" }.map(String.init)
        // Sun, 06 Nov 1994 08:49:37 GMT, or Sunday, 06-Nov-94 08:49:37 GMT
        if words.count == 6, words[5] == "GMT" || words[5] == "UTC" {
            return unixMilliseconds(
                year: words[3],
                month: words[2],
                day: words[1],
                time: words[4]
            )
        }
        // Sun Nov  6 08:49:37 1994
        guard words.count == 5 else { return nil }
        return unixMilliseconds(year: words[4], month: words[1], day: words[2], time: words[3])
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func unixMilliseconds(
        year: String,
        month: String,
        day: String,
        time: String
    ) -> Int? {
        guard let month = months.firstIndex(of: month) else { return nil }
        // Two digits are a year of the past or of the next fifty.
        let isOld = year.count == 2 && year >= "77"
        let year = year.count == 2 ? (isOld ? "19" : "20") + year : year
        let day = day.count == 1 ? "0" + day : day
        let number = month + 1 < 10 ? "0\(month + 1)" : "\(month + 1)"
        return Timestamp(rfc3339: "\(year)-\(number)-\(day)T\(time)Z").map { Int($0.milliseconds) }
    }
}
