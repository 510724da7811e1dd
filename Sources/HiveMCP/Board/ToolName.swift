internal import HiveSignal

/// The tools, in the order they are listed in.
enum ToolName: String, Sendable, CaseIterable {
    case validateSignal = "hive_validateSignal"
    case emitSignal = "hive_emitSignal"
    case checkPhase = "hive_checkPhase"
    case getState = "hive_getState"
    case allowedTools = "hive_allowedTools"
    case search = "hive_search"
    case quarantine = "hive_quarantine"
    case witness = "hive_witness"
    case scatter = "hive_scatter"
    case gather = "hive_gather"
    case ask = "hive_ask"
    case flip = "hive_flip"

    /// What the phase must allow for the tool to be there; nil: it always is.
    ///
    /// What only looks, and what is judged anyway, is never hidden.
    var need: Need? {
        switch self {
        case .validateSignal, .emitSignal, .checkPhase, .getState, .allowedTools, .search,
            .quarantine:
            nil
        case .witness: .action("run.other")
        case .scatter, .gather, .ask: .action("search")
        case .flip: .reached("E")
        }
    }

    enum Need: Sendable, Hashable {
        /// An action of the rule book's `tools.phases`.
        case action(String)
        /// A phase that the trace's cycle has reached.
        case reached(String)
    }

    /// True where it waits for others' work.
    var isLong: Bool {
        switch self {
        case .witness, .scatter, .gather, .ask, .flip: true
        default: false
        }
    }
}
