import HiveKernel
import HiveSignal

// What an agent asks about a signal of its own before it speaks: whether it would pass, and that it
// be kept as a mistake.

extension Engine {
    /// How much of an agent's reason an entry keeps.
    static let reasonBytesMax = 4_096

    /// HiveControl's `Method.validate`.
    func validate(_ line: EmittedLine) throws(HiveError) -> JSONValue {
        try preview(try fold.bytes(of: line, now: clock())).0.json
    }

    /// HiveControl's `Method.quarantineAdd`: what its author finds wrong never reaches the board.
    func declare(_ params: JSONValue) throws(HiveError) -> EmitResult {
        let line = try Self.line(params).bytes
        let reason = params["reason"]?.stringValue ?? ""
        guard !reason.allSatisfy(\.isWhitespace) else {
            throw .usage("no reason given", hint: "say what is wrong with the signal")
        }
        let (preview, now) = try preview(line)
        var judgement = preview.judgement
        let declared = Violation(namedIn: reason) ?? .declared
        judgement.violations =
            [declared] + judgement.violations.filter { $0 != declared }
        let told = "declared: " + reason.cut(toBytes: Self.reasonBytesMax)
        let reasons = [told, preview.reason].filter { !$0.isEmpty }
        return try refuse(line, judgement, reasons.joined(separator: "; "), now)
    }
}

extension Violation {
    /// The violation whose name a reason begins with; nil where it begins with another word.
    init?(namedIn reason: String) {
        let word = reason.drop(while: \.isWhitespace).prefix {
            $0 == "_" || $0.isLetter || $0.isNumber
        }
        self.init(rawValue: word.uppercased())
    }
}

extension HiveReader {
    /// HiveControl's `Method.validate`, on the board as it is now.
    mutating func validate(_ params: JSONValue) throws(HiveError) -> JSONValue {
        let line = try Engine.line(params)
        fold.context.rules = settings.rules(of: book)
        let now = SystemClock.now()
        return try fold.preview(try fold.bytes(of: line, now: now), now: now).json
    }
}
