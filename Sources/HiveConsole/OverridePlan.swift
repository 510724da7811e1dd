import HiveControl
package import HiveSignal

/// An order with all that it names looked up, and what follows from it in a sentence.
package struct OverridePlan: Sendable, Hashable {
    package var override: Override
    /// The trace that a phase is forced in; nil for the generation's own, and for all else.
    package var trace: TraceID?
    /// For the person who is asked to confirm it.
    package var consequence: String

    /// Calls a method of the hive.
    package typealias Call = (String, JSONValue) throws(CommandError) -> JSONValue

    /// Looks up what an order names.
    ///
    /// Throws exit code 2 for what is not there, 1 for what no override can do.
    package init(_ order: OverrideOrder, _ call: Call) throws(CommandError) {
        switch order {
        case .phase(let phase, let trace):
            let named = try Self.trace(trace)
            let state = try call(Method.state, [:])
            // Whatever a person says nothing of is the generation's own trace.
            let own = trace == nil ? try call(Method.overrideBasis, [:]).text("traceId") : nil
            try self.init(phase, named, state, own: own)
        case .release(let id):
            try self.init(releasing: try call(Method.quarantineShow, ["id": .string(id)]))
        case .generation(let next): try self.init(next, try call(Method.state, [:]))
        case .port(let port, let isMuted):
            let name = "port \(port.rawValue) (\(port.commander))"
            self.init(
                .port(port, isMuted: isMuted),
                isMuted
                    ? "\(name) is asked nothing more, and what it says is refused, until "
                        + "hive override port \(port.rawValue) unmute"
                    : "\(name) is asked again, and may speak again"
            )
        case .tampering:
            guard let fault = try call(Method.status, [:]).text("tampered") else {
                throw CommandError(
                    exitCode: 1,
                    "the board is not TAMPERED: there is nothing to force",
                    hint: "hive status shows how it stands"
                )
            }
            self.init(
                .tampering,
                "the board counts as it stands now (\(fault)): lines that were lost stay lost"
            )
        }
    }

    private init(_ override: Override, _ consequence: String) {
        self.override = override
        self.consequence = consequence
    }
}

// MARK: - A phase

extension OverridePlan {
    /// A trace as it was typed.
    private enum Trace {
        case generationsOwn
        case whole(TraceID)
        case beginning(String)
    }

    private static func trace(_ text: String?) throws(CommandError) -> Trace {
        guard let text else { return .generationsOwn }
        if let traceparent = Traceparent(text) { return .whole(traceparent.trace) }
        let id = text.lowercased()
        if let trace = TraceID(hex: id), !trace.isZero { return .whole(trace) }
        guard !id.isEmpty, id.utf8.count < 32,
            id.utf8.allSatisfy({ ($0 >= 0x30 && $0 <= 0x39) || ($0 >= 0x61 && $0 <= 0x66) })
        else {
            throw .usage(
                "no trace \(text)",
                hint: "a trace-id, the beginning of one that hive state lists, or a traceparent"
            )
        }
        return .beginning(id)
    }

    private init(
        _ phase: Phase,
        _ trace: Trace,
        _ state: JSONValue,
        own: String?
    ) throws(CommandError) {
        let cycles = state["cycles"]?.arrayValue ?? []
        let isNamed: Bool
        switch trace {
        case .generationsOwn:
            isNamed = false
            self.trace = nil
        case .whole(let id):
            isNamed = true
            self.trace = id
        case .beginning(let beginning):
            isNamed = true
            let found = Set(
                cycles.compactMap { $0.text("traceId") }.filter { $0.hasPrefix(beginning) }
            )
            guard found.count == 1, let id = found.first.flatMap({ TraceID(hex: $0) }) else {
                throw .usage(
                    found.isEmpty
                        ? "no trace begins with \(beginning)"
                        : "\(found.count) traces begin with \(beginning)",
                    hint: found.isEmpty ? "hive state lists them" : "type more of it"
                )
            }
            self.trace = id
        }
        override = .phase(phase)
        let name =
            isNamed
            ? "trace \(self.trace?.hex.prefix(8) ?? "")..." : "generation's own trace"
        let hex = self.trace?.hex ?? own
        let reached = cycles.first { $0.text("traceId") == hex }?.strings("reached") ?? []
        consequence = (isNamed ? "" : "the ") + name + Self.consequence(phase, reached)
    }

    /// What a trace may do from this phase on.
    private static func consequence(_ phase: Phase, _ reached: [String]) -> String {
        let before = Phase.cycle.filter { $0.rawValue < phase.rawValue }.map(\.letter)
        let after = reached.filter { letter in
            Phase(letter: letter).map { $0.rawValue > phase.rawValue && $0 != .handoff } ?? false
        }
        let first =
            switch phase {
            case .hunt, .handoff: " stands at H, the beginning of a cycle"
            case .interlock: " goes on as if H had been reached: I needs no research"
            case .validate:
                " goes on as if H and I had been reached: V needs no failing test in this cycle"
            case .evolve:
                " goes on as if \(before.joined(separator: ", ")) had been reached: "
                    + "E needs no test in this cycle, failing or passing"
            }
        guard !after.isEmpty else { return first }
        return first + "; \(after.joined(separator: " and ")) must be reached again"
    }
}

// MARK: - An entry, a generation

extension OverridePlan {
    /// An override lets a line pass the phase rules; what a gate found wrong stays wrong.
    private init(releasing entry: JSONValue) throws(CommandError) {
        let id = entry.text("id") ?? "?"
        guard let sha256 = entry.text("sha256").flatMap({ Hex.decode($0) }), sha256.count == 32
        else {
            throw CommandError(
                exitCode: 3,
                "the entry \(id) does not say what it holds",
                hint: "is the daemon another version? see hive status"
            )
        }
        let gates = entry.strings("gates")
        guard gates.isEmpty else {
            throw CommandError(
                exitCode: 1,
                "\(id) failed \(gates.joined(separator: ", ")), and no override mends a line",
                hint: "append it mended: hive quarantine release \(Format.shortID(id)) --line -"
            )
        }
        override = .release(sha256: sha256)
        let words = entry["signal"]?.text("msg").map { message in
            " \"" + SafeText.cut(message, toColumns: 60, ellipsis: "...") + "\""
        }
        let violations = entry.strings("violations").joined(separator: ", ")
        consequence =
            "the line\(words ?? "") of \(Format.shortID(id)) is appended anew and accepted, "
            + "though it is \(violations)"
    }

    private init(_ next: Int64, _ state: JSONValue) throws(CommandError) {
        let generation = state.integer("gen") ?? 0
        guard next > generation else {
            throw .usage(
                "generation \(next) is not after \(generation), which is this one",
                hint: "e.g. hive override gen \(generation.addingReportingOverflow(1).partialValue)"
            )
        }
        let open = (state["cycles"]?.arrayValue ?? []).count { cycle in
            let reached = cycle.strings("reached")
            return reached.contains("I") && !reached.contains("E")
        }
        override = .generation(next)
        let stay =
            switch open {
            case 0: "no cycle is open"
            case 1: "1 open cycle stays open"
            default: "\(open) open cycles stay open"
            }
        consequence = "generation \(generation) ends, \(stay); \(next) begins empty"
    }
}
