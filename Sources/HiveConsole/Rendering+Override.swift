package import HiveSignal

/// What an override did.
extension Rendering {
    /// The answer to `override`: its own verdict, and what became of what it forced.
    package static func override(_ result: JSONValue, on terminal: Terminal) -> [Line] {
        var lines = [verdict(result, on: terminal)]
        if let released = result["released"], !released.isNull {
            var line = Line("released: ", .dim)
            line.add(verdict(released, on: terminal))
            lines.append(line)
        }
        if let flip = result["flip"], flip.flag("flipped") {
            let ended = flip.integer("gen").map(String.init) ?? "?"
            let next = flip.integer("next").map(String.init) ?? "?"
            let count = Format.count(flip.integer("lines") ?? 0)
            lines.append(Line("generation \(ended) has ended with \(count) lines; \(next) begins"))
            if let archive = flip.text("archive") { lines.append(Line("  " + archive, .dim)) }
        }
        return lines
    }

    /// Whether all that was to be forced was forced.
    package static func isForced(_ result: JSONValue) -> Bool {
        guard result.isAccepted else { return false }
        guard let released = result["released"], !released.isNull else { return true }
        return released.isAccepted
    }
}
