/// Why a control call gave no result: a JSON-RPC error, or a fault of the socket.
package struct ControlError: Error, Sendable, Hashable {
    /// JSON-RPC 2.0 §5.1 codes, and hive's own, which are the command line's exit codes.
    package struct Code: RawRepresentable, Sendable, Hashable {
        package let rawValue: Int64

        package init(rawValue: Int64) { self.rawValue = rawValue }

        /// The message is no JSON, or is longer than `ControlLimits.messageBytesMax`.
        package static let parseError = Code(rawValue: -32700)
        /// JSON, and no JSON-RPC 2.0 message.
        package static let invalidRequest = Code(rawValue: -32600)
        package static let methodNotFound = Code(rawValue: -32601)
        package static let invalidParams = Code(rawValue: -32602)
        package static let internalError = Code(rawValue: -32603)
        /// The rules refuse what was asked for.
        package static let rulesSayNo = Code(rawValue: 1)
        /// What was asked for makes no sense: an unknown id, a missing file.
        package static let usage = Code(rawValue: 2)
        /// A file, the socket or the network failed.
        package static let machineFailed = Code(rawValue: 3)
    }

    package var code: Code
    /// What happened, without a full stop.
    package var message: String
    /// What to do next; empty where there is nothing to advise.
    package var hint: String

    package init(_ code: Code, _ message: String, hint: String = "") {
        self.code = code
        self.message = message
        self.hint = hint
    }

    /// The exit code of a command that ends with this error: 1, 2 or 3.
    package var exitCode: Int32 {
        switch code {
        case .rulesSayNo: 1
        case .usage, .invalidParams: 2
        default: 3
        }
    }
}
