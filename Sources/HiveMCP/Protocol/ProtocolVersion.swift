/// The revisions of the Model Context Protocol that begin with `initialize`.
package enum ProtocolVersion: String, Sendable, CaseIterable, Comparable {
    case november2024 = "2024-11-05"
    /// The only one with batches; the first with annotations of tools and with `completions`.
    case march2025 = "2025-03-26"
    /// The first with structured content, output schemas and elicitation.
    case june2025 = "2025-06-18"
    case november2025 = "2025-11-25"

    /// The newest that is spoken.
    package static let newest = november2025

    /// The one that both speak: the client's, or the newest where the client's is unknown
    /// (MCP, Lifecycle, "Version Negotiation").
    init(asked: String) { self = Self(rawValue: asked) ?? .newest }

    var hasBatches: Bool { self == .march2025 }
    var hasStructuredContent: Bool { self >= .june2025 }

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// How grave a log message is: RFC 5424, the least grave first.
package enum LogLevel: String, Sendable, CaseIterable, Comparable {
    case debug, info, notice, warning, error, critical, alert, emergency

    private var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    package static func < (left: Self, right: Self) -> Bool { left.order < right.order }
}
