extension Timestamp {
    /// Parses an RFC 3339 §5.6 date-time, all of the text; nil for anything else.
    ///
    /// A real calendar date, `T` and `Z` of either case, `Z` or an offset with a colon, second 60
    /// anywhere, a fraction of any length (digits after the ninth are cut).
    package init?(rfc3339 text: String) {
        let moment = Array(text.utf8).withUnsafeBytes { Timestamp(rfc3339: $0) }
        guard let moment else { return nil }
        self = moment
    }

    /// Parses an RFC 3339 §5.6 date-time, all of the bytes; nil for anything else.
    @inline(__always)
    package init?(rfc3339 bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, bytes.count >= 20 else { return nil }
        let reader = DateTimeReader(
            base: base.assumingMemoryBound(to: UInt8.self),
            count: bytes.count
        )
        guard let local = reader.localSeconds(), let rest = reader.fractionAndOffset() else {
            return nil
        }
        self.init(seconds: local &- rest.offsetSeconds, nanoseconds: rest.nanoseconds)
    }

    /// In UTC, with `Z` and milliseconds: `2025-12-29T10:00:00.000Z`.
    ///
    /// Years beyond 0000…9999, which RFC 3339 cannot say, are cut to the first or last moment.
    package var rfc3339: String {
        let first: Int64 = -62_167_219_200
        let last: Int64 = 253_402_300_799
        let seconds = max(first, min(last, seconds))
        let day = (seconds - first) / 86_400
        let second = (seconds - first) % 86_400
        let date = Timestamp.date(day: day)
        var text: [UInt8] = []
        text.reserveCapacity(24)
        func append(_ value: Int64, digits: Int, then separator: Character) {
            var divisor: Int64 = digits == 4 ? 1000 : digits == 3 ? 100 : 10
            while divisor > 0 {
                text.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / divisor % 10))
                divisor /= 10
            }
            text.append(contentsOf: separator.utf8)
        }
        append(date.year, digits: 4, then: "-")
        append(date.month, digits: 2, then: "-")
        append(date.day, digits: 2, then: "T")
        append(second / 3600, digits: 2, then: ":")
        append(second / 60 % 60, digits: 2, then: ":")
        append(second % 60, digits: 2, then: ".")
        append(Int64(nanoseconds / 1_000_000), digits: 3, then: "Z")
        return String(decoding: text, as: UTF8.self)
    }

    /// The civil date of a day counted from 0000-01-01 (proleptic Gregorian calendar).
    ///
    /// Years are taken to start in March, so that a leap day is a year's last (Hinnant,
    /// "chrono-Compatible Low-Level Date Algorithms").
    private static func date(day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = day - 60 + 146_097
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let civilMonth = month < 10 ? month + 3 : month - 9
        let year = yearOfEra + (era - 1) * 400 + (civilMonth <= 2 ? 1 : 0)
        return (year, civilMonth, dayOfYear - (153 * month + 2) / 5 + 1)
    }
}

/// Reads a date-time of at least 20 bytes, `YYYY-MM-DDThh:mm:ssZ`.
private struct DateTimeReader {
    let base: UnsafePointer<UInt8>
    let count: Int

    /// Unix seconds of the first 19 bytes read as UTC; nil where they are no date and time.
    @inline(__always)
    func localSeconds() -> Int64? {
        guard base[4] == UInt8(ascii: "-"), base[7] == UInt8(ascii: "-"),
            base[10] | 0x20 == UInt8(ascii: "t"), base[13] == UInt8(ascii: ":"),
            base[16] == UInt8(ascii: ":")
        else { return nil }
        let century = pair(at: 0)
        let yearOfCentury = pair(at: 2)
        let month = pair(at: 5)
        let day = pair(at: 8)
        let hour = pair(at: 11)
        let minute = pair(at: 14)
        let second = pair(at: 17)
        let isNumeric = century | yearOfCentury | month | day | hour | minute | second >= 0
        let year = century &* 100 &+ yearOfCentury
        guard isNumeric, hour < 24, minute < 60, second <= 60, month >= 1, month <= 12, day >= 1,
            day <= 28 || day <= DateTimeReader.days(inMonth: month, year: year)
        else { return nil }
        let days = DateTimeReader.days(toYear: year, month: month, day: day)
        return ((days &* 24 &+ hour) &* 60 &+ minute) &* 60 &+ second
    }

    /// What follows the seconds: an optional fraction, then `Z` or ±hh:mm, then nothing.
    @inline(__always)
    func fractionAndOffset() -> (nanoseconds: UInt32, offsetSeconds: Int64)? {
        if count == 20, base[19] | 0x20 == UInt8(ascii: "z") { return (0, 0) }
        return slowFractionAndOffset()
    }

    @inline(never)
    private func slowFractionAndOffset() -> (nanoseconds: UInt32, offsetSeconds: Int64)? {
        var index = 19
        var nanoseconds: UInt32 = 0
        if base[index] == UInt8(ascii: ".") {
            var unit: UInt32 = 100_000_000
            index &+= 1
            while index < count, JSONBytes.isDigit(base[index]) {
                nanoseconds &+= UInt32(base[index] &- 0x30) &* unit
                unit /= 10
                index &+= 1
            }
            if index == 20 { return nil }
        }
        guard index < count else { return nil }
        let sign = base[index]
        if sign | 0x20 == UInt8(ascii: "z") { return index &+ 1 == count ? (nanoseconds, 0) : nil }
        guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), index &+ 6 == count,
            base[index &+ 3] == UInt8(ascii: ":")
        else { return nil }
        let hours = pair(at: index &+ 1)
        let minutes = pair(at: index &+ 4)
        guard hours | minutes >= 0, hours < 24, minutes < 60 else { return nil }
        let offset = (hours &* 60 &+ minutes) &* 60
        return (nanoseconds, sign == UInt8(ascii: "-") ? 0 &- offset : offset)
    }

    /// Two decimal digits; negative where one of them is none.
    @inline(__always)
    private func pair(at index: Int) -> Int64 {
        let tens = base[index] &- 0x30
        let ones = base[index &+ 1] &- 0x30
        return tens < 10 && ones < 10 ? Int64(tens &* 10 &+ ones) : -1
    }

    private static func days(inMonth month: Int64, year: Int64) -> Int64 {
        if month == 2 {
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            return isLeap ? 29 : 28
        }
        return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31
    }

    /// Days from 1970-01-01 to a date of the years 0…9999.
    ///
    /// Years start in March, as in `Timestamp.date(day:)`.
    @inline(__always)
    private static func days(toYear year: Int64, month: Int64, day: Int64) -> Int64 {
        // 400 years more keep every division at or above zero.
        let shifted = UInt64(truncatingIfNeeded: (month <= 2 ? year &- 1 : year) &+ 400)
        let dayOfYear = (153 &* UInt64(month > 2 ? month &- 3 : month &+ 9) &+ 2) / 5
        let days = shifted &* 365 &+ shifted / 4 &- shifted / 100 &+ shifted / 400 &+ dayOfYear
        return Int64(days) &+ day &- 1 &- 719_468 &- 146_097
    }
}
