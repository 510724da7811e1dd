package import HiveSignal

/// A JSON-RPC 2.0 request, or a notification where it has no id.
package struct ControlRequest: Sendable, Hashable {
    package var id: Int64?
    package var method: String
    /// An object; empty where the message has none.
    package var params: JSONValue

    package init(id: Int64?, method: String, params: JSONValue = [:]) {
        self.id = id
        self.method = method
        self.params = params
    }

    /// Reads one message.
    ///
    /// - Throws: `.parseError` for what is no JSON, `.invalidRequest` for JSON that is no request.
    package init(parsing message: [UInt8]) throws(ControlError) {
        try self.init(try parseJSON(message))
    }

    init(_ json: JSONValue) throws(ControlError) {
        try checkVersion(json)
        guard let method = json["method"]?.stringValue else {
            throw ControlError(.invalidRequest, "a request needs `method`, a string")
        }
        let params = json["params"] ?? [:]
        guard params.objectValue != nil else {
            throw ControlError(.invalidRequest, "`params` of \(method) is not an object")
        }
        self.init(id: try messageID(json), method: method, params: params)
    }

    /// The message with its LF.
    package var line: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("jsonrpc")
        writer.string("2.0")
        if let id {
            writer.key("id")
            writer.integer(id)
        }
        writer.key("method")
        writer.string(method)
        writer.key("params")
        writer.value(params)
        writer.endObject()
        writer.newline()
        return writer.bytes
    }
}

/// The answer to one request.
package struct ControlResponse: Sendable, Hashable {
    /// Nil only in an error about a request whose id could not be read.
    package var id: Int64?
    package var result: Result<JSONValue, ControlError>

    package init(id: Int64?, result: Result<JSONValue, ControlError>) {
        self.id = id
        self.result = result
    }

    /// Reads one message; throws as `ControlRequest.init(parsing:)` does.
    package init(parsing message: [UInt8]) throws(ControlError) {
        try self.init(try parseJSON(message))
    }

    init(_ json: JSONValue) throws(ControlError) {
        try checkVersion(json)
        let id = try messageID(json)
        switch (json["result"], json["error"]) {
        case (let result?, nil) where id != nil:
            self.init(id: id, result: .success(result))
        case (nil, let error?):
            self.init(id: id, result: .failure(try ControlError(json: error)))
        default:
            throw ControlError(.invalidRequest, "a response needs `id`, and `result` or `error`")
        }
    }

    /// The message with its LF.
    package var line: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("jsonrpc")
        writer.string("2.0")
        writer.key("id")
        writer.value(id.map(JSONValue.integer) ?? .null)
        switch result {
        case .success(let value):
            writer.key("result")
            writer.value(value)
        case .failure(let error):
            writer.key("error")
            writer.value(error.json)
        }
        writer.endObject()
        writer.newline()
        return writer.bytes
    }
}

/// What a client receives.
package enum ControlMessage: Sendable, Hashable {
    case response(ControlResponse)
    case notification(ControlRequest)

    /// Reads one message; throws as `ControlRequest.init(parsing:)` does.
    package init(parsing message: [UInt8]) throws(ControlError) {
        let json = try parseJSON(message)
        if json["method"] == nil {
            self = .response(try ControlResponse(json))
        } else {
            self = .notification(try ControlRequest(json))
        }
    }
}

extension ControlError {
    /// `{"code","message","data":{"hint"}}`, without `data` where there is no hint.
    var json: JSONValue {
        var object: JSONObject = ["code": .integer(code.rawValue), "message": .string(message)]
        if !hint.isEmpty { object["data"] = ["hint": .string(hint)] }
        return .object(object)
    }

    init(json: JSONValue) throws(ControlError) {
        guard let code = json["code"]?.integerValue, let message = json["message"]?.stringValue
        else { throw ControlError(.invalidRequest, "an error needs `code` and `message`") }
        let hint = json["data"]?["hint"]?.stringValue ?? ""
        self.init(Code(rawValue: code), message, hint: hint)
    }
}

private func parseJSON(_ message: [UInt8]) throws(ControlError) -> JSONValue {
    do {
        return try JSONValue(parsing: message, depthMax: JSONValue.depthMaxAroundLine)
    } catch {
        throw ControlError(.parseError, "a message is \(error)", hint: error.hint)
    }
}

private func checkVersion(_ json: JSONValue) throws(ControlError) {
    guard json["jsonrpc"]?.stringValue == "2.0" else {
        throw ControlError(.invalidRequest, "a message needs `\"jsonrpc\":\"2.0\"`")
    }
}

/// The id: an integer, or none.
///
/// JSON-RPC allows strings too; hive's clients count.
private func messageID(_ json: JSONValue) throws(ControlError) -> Int64? {
    switch json["id"] {
    case nil, .null: return nil
    case .integer(let id): return id
    default: throw ControlError(.invalidRequest, "`id` of a message is not an integer")
    }
}
