package import HiveSignal

/// Numbers for people.
package enum Format {
    /// A number in groups: `1,234,567`.
    package static func count(_ value: Int64) -> String {
        let digits = Array(String(value.magnitude))
        var text = value < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0 && (digits.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return text
    }

    /// A number and its noun: `1 line`, `2 lines`.
    package static func count(_ value: Int64, _ noun: String) -> String {
        "\(count(value)) \(noun)\(value == 1 ? "" : "s")"
    }

    /// A size: `17 bytes`, `3.4 MiB`.
    package static func bytes(_ value: Int64) -> String {
        guard value >= 1024 else { return count(value, "byte") }
        var amount = Double(value) / 1024
        var unit = "KiB"
        for larger in ["MiB", "GiB", "TiB"] where amount >= 1024 {
            amount /= 1024
            unit = larger
        }
        return "\(decimal(amount)) \(unit)"
    }

    /// A time in its two largest units: `42 s`, `3 min 5 s`, `2 h 7 min`, `4 d 1 h`.
    package static func duration(seconds: Int64) -> String {
        let units: [(name: String, seconds: Int64)] = [
            ("d", 86_400), ("h", 3600), ("min", 60), ("s", 1),
        ]
        guard let first = units.firstIndex(where: { seconds >= $0.seconds }) else { return "0 s" }
        let unit = units[first]
        let whole = "\(seconds / unit.seconds) \(unit.name)"
        guard first + 1 < units.count else { return whole }
        let rest = seconds % unit.seconds / units[first + 1].seconds
        return rest == 0 ? whole : "\(whole) \(rest) \(units[first + 1].name)"
    }

    /// One digit after the point.
    package static func decimal(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
        let tenths = Int64((value * 10).rounded())
        let sign = tenths < 0 ? "-" : ""
        return "\(sign)\(tenths.magnitude / 10).\(tenths.magnitude % 10)"
    }

    /// Two digits after the point: `0.07`, `12.00`.
    package static func dollars(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
        let cents = Int64((value * 100).rounded())
        let rest = cents.magnitude % 100
        let sign = cents < 0 ? "-" : ""
        return "\(sign)\(cents.magnitude / 100).\(rest < 10 ? "0" : "")\(rest)"
    }

    /// Enough of an entry's id to name it: `q-` and ten digits.
    package static func shortID(_ id: String) -> String { String(id.prefix(12)) }

    /// Enough of a hex digest to recognise it.
    package static func shortHex(_ hex: String) -> String { String(hex.prefix(16)) }
}

/// Reading answers: what is absent and what has another type are one, nothing to show.
extension JSONValue {
    package func text(_ key: String) -> String? { self[key]?.stringValue }
    package func integer(_ key: String) -> Int64? { self[key]?.integerValue }
    package func flag(_ key: String) -> Bool { self[key]?.boolValue ?? false }
    package func strings(_ key: String) -> [String] {
        self[key]?.arrayValue?.compactMap(\.stringValue) ?? []
    }

    /// Everything a line failed, gates first.
    package var codes: [String] { strings("gates") + strings("violations") }

    package var isAccepted: Bool { text("verdict") == "accepted" }
}
