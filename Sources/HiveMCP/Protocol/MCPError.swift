internal import HiveSignal

/// Why a request gets no result: a JSON-RPC 2.0 error.
package struct MCPError: Error, Sendable, Hashable {
    /// JSON-RPC 2.0 §5.1, and what the Model Context Protocol adds.
    package enum Code: Int64, Sendable {
        /// The message is no JSON.
        case parseError = -32700
        /// JSON, and no message that may come now.
        case invalidRequest = -32600
        case methodNotFound = -32601
        case invalidParams = -32602
        case internalError = -32603
        /// A resource that is not there (MCP, Resources, "Error Handling").
        case resourceNotFound = -32002
        /// More requests are under way than the server takes on at once.
        case busy = -32000
    }

    package var code: Int64
    /// What happened and what to do, without a full stop.
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code.rawValue
        self.message = message
    }

    init(code: Int64, message: String) {
        self.code = code
        self.message = message
    }

    var json: JSONValue { ["code": .integer(code), "message": .string(message)] }
}
