package import HiveSignal

/// What a request is answered by: JSON-RPC allows strings and numbers, MCP forbids null.
package enum RequestID: Sendable, Hashable {
    case integer(Int64)
    case string(String)

    init?(_ json: JSONValue) {
        switch json {
        case .integer(let number): self = .integer(number)
        case .string(let text) where text.utf8.count <= Self.bytesMax: self = .string(text)
        default: return nil
        }
    }

    /// An id is kept for as long as its request runs, and repeated in what answers it.
    static let bytesMax = 1_024

    var json: JSONValue {
        switch self {
        case .integer(let number): .integer(number)
        case .string(let text): .string(text)
        }
    }
}

/// A request of the client's.
package struct MCPRequest: Sendable {
    package var id: RequestID
    package var method: String
    package var params: JSONObject

    /// `params._meta`; empty where there is none.
    var meta: JSONObject { params["_meta"]?.objectValue ?? [:] }
}

/// One message of the client's, as JSON-RPC 2.0 has them.
enum MCPMessage: Sendable {
    case request(MCPRequest)
    case notification(method: String, params: JSONObject)
    /// What the client answers to a request of ours; nil: to one whose id it could not read.
    case response(RequestID?, Result<JSONValue, MCPError>)

    /// A message that cannot be taken: what to answer, and to which request.
    struct Fault: Error {
        var id: RequestID?
        var error: MCPError

        init(_ id: RequestID?, _ code: MCPError.Code, _ message: String) {
            self.id = id
            error = MCPError(code, message)
        }
    }

    init(_ json: JSONValue) throws(Fault) {
        guard case .object(let message) = json else {
            throw Fault(nil, .invalidRequest, "a message is a JSON object")
        }
        let id = message["id"].flatMap(RequestID.init)
        guard message["jsonrpc"]?.stringValue == "2.0" else {
            throw Fault(id, .invalidRequest, "a message needs `\"jsonrpc\":\"2.0\"`")
        }
        if message["id"] != nil && id == nil && message["error"] == nil {
            throw Fault(
                nil,
                .invalidRequest,
                "`id` is a string of at most \(RequestID.bytesMax) bytes or an integer"
            )
        }
        guard let name = message["method"] else {
            self = .response(id, try Self.answer(message, id))
            return
        }
        guard let method = name.stringValue else {
            throw Fault(id, .invalidRequest, "`method` is a string")
        }
        var given = message["params"] ?? [:]
        if given.isNull { given = [:] }
        guard let params = given.objectValue else {
            throw Fault(id, .invalidParams, "`params` of \(method.shown) is a JSON object")
        }
        if let id {
            self = .request(MCPRequest(id: id, method: method, params: params))
        } else {
            self = .notification(method: method, params: params)
        }
    }

    private static func answer(
        _ message: JSONObject,
        _ id: RequestID?
    ) throws(Fault) -> Result<JSONValue, MCPError> {
        switch (message["result"], message["error"]) {
        case (let result?, nil) where id != nil: return .success(result)
        case (nil, let error?):
            let code = error["code"]?.integerValue ?? MCPError.Code.internalError.rawValue
            return .failure(MCPError(code: code, message: error["message"]?.stringValue ?? ""))
        default:
            throw Fault(id, .invalidRequest, "a message needs `method`, or `result` or `error`")
        }
    }
}

/// What the server writes.
enum OutgoingMessage {
    static func answer(_ id: RequestID?, _ result: Result<JSONValue, MCPError>) -> JSONValue {
        var message: JSONObject = ["jsonrpc": "2.0", "id": id?.json ?? .null]
        switch result {
        case .success(let value): message["result"] = value
        case .failure(let error): message["error"] = error.json
        }
        return .object(message)
    }

    static func notification(_ method: String, _ params: JSONObject) -> JSONValue {
        var message: JSONObject = ["jsonrpc": "2.0", "method": .string(method)]
        if !params.isEmpty { message["params"] = .object(params) }
        return .object(message)
    }

    static func request(_ id: RequestID, _ method: String, _ params: JSONValue) -> JSONValue {
        ["jsonrpc": "2.0", "id": id.json, "method": .string(method), "params": params]
    }
}

extension String {
    /// A name of the client's as it is repeated in an error: cut, and quoted by JSON.
    var shown: String { "`\(cut(toBytes: 64))`" }
}

extension JSONValue {
    /// The value and an LF: one message.
    var line: [UInt8] {
        var writer = JSONWriter()
        writer.value(self)
        writer.newline()
        return writer.bytes
    }
}
