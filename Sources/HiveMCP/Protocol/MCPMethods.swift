internal import HiveSignal

/// The methods of the protocol that a client calls.
struct MCPMethods: Sendable {
    let features: any MCPFeatures
    let session: MCPSession

    /// Answers what needs no waiting; nil: `answer` is to.
    ///
    /// - Throws: also for whatever comes before `initialize`.
    func answerAtOnce(_ request: MCPRequest) throws(MCPError) -> JSONValue? {
        switch request.method {
        case "initialize": return try initialize(request.params)
        case "ping": return [:]
        case "logging/setLevel":
            try requireSession()
            guard let level = request.params["level"]?.stringValue.flatMap(LogLevel.init) else {
                let levels = LogLevel.allCases.map(\.rawValue).joined(separator: ", ")
                throw MCPError(.invalidParams, "`level` is one of \(levels)")
            }
            session.setLogLevel(level)
            return [:]
        case "resources/subscribe":
            try requireSession()
            let uri = try text("uri", request.params)
            try features.checkSubscription(uri)
            try session.subscribe(uri)
            return [:]
        case "resources/unsubscribe":
            try requireSession()
            session.unsubscribe(try text("uri", request.params))
            return [:]
        case "tools/list", "tools/call", "resources/list", "resources/templates/list",
            "resources/read", "prompts/list", "prompts/get", "completion/complete":
            try requireSession()
            return nil
        default:
            throw MCPError(.methodNotFound, "no method \(request.method.shown)")
        }
    }

    /// Answers what may take a while.
    func answer(_ request: MCPRequest) async throws(MCPError) -> JSONValue {
        let params = request.params
        let context = MCPContext(session: session, meta: request.meta)
        switch request.method {
        case "tools/list":
            try refuseCursor(params)
            return ["tools": .array(try await features.tools(session))]
        case "tools/call":
            let name = try text("name", params)
            return try await features.call(tool: name, try arguments(params), context)
        case "resources/list":
            try refuseCursor(params)
            return ["resources": .array(features.resources)]
        case "resources/templates/list":
            try refuseCursor(params)
            return ["resourceTemplates": .array(features.resourceTemplates)]
        case "resources/read":
            let contents = try await features.read(try text("uri", params), context)
            return ["contents": .array(contents)]
        case "prompts/list":
            try refuseCursor(params)
            return ["prompts": .array(features.prompts)]
        case "prompts/get":
            let name = try text("name", params)
            return try await features.prompt(name, try arguments(params), context)
        case "completion/complete": return try await complete(params, context)
        default:
            throw MCPError(.methodNotFound, "no method \(request.method.shown)")
        }
    }

    // MARK: The lifecycle

    private func initialize(_ params: JSONObject) throws(MCPError) -> JSONValue {
        let asked = try text("protocolVersion", params)
        let version = ProtocolVersion(asked: asked)
        let name = params["clientInfo"]?["name"]?.stringValue ?? ""
        let client = MCPSession.Client(
            name: name.cut(toBytes: Self.nameBytesMax),
            canElicit: params["capabilities"]?["elicitation"]?.objectValue.map(Self.hasForms)
                ?? false
        )
        guard session.begin(version, client) else {
            throw MCPError(.invalidRequest, "the session is initialized already")
        }
        let identity = features.identity
        return [
            "protocolVersion": .string(version.rawValue),
            "capabilities": [
                "tools": ["listChanged": true],
                "resources": ["subscribe": true, "listChanged": false],
                "prompts": ["listChanged": false],
                "completions": [:],
                "logging": [:],
            ],
            "serverInfo": [
                "name": .string(identity.name),
                "title": .string(identity.title),
                "version": .string(identity.version),
            ],
            "instructions": .string(identity.instructions),
        ]
    }

    private static let nameBytesMax = 256

    /// `{}` means forms, as it did when there was nothing else (2025-06-18).
    private static func hasForms(_ elicitation: JSONObject) -> Bool {
        elicitation.isEmpty || elicitation["form"] != nil
    }

    private func requireSession() throws(MCPError) {
        guard session.version != nil else {
            throw MCPError(.invalidRequest, "the session is not initialized: send `initialize`")
        }
    }

    // MARK: Completion

    /// Values that one completion gives (MCP, Completion).
    private static let completionsMax = 100

    private func complete(
        _ params: JSONObject,
        _ context: MCPContext
    ) async throws(MCPError) -> JSONValue {
        guard let reference = params["ref"], reference.objectValue != nil,
            let name = params["argument"]?["name"]?.stringValue
        else { throw MCPError(.invalidParams, "`ref` and `argument.name` are needed") }
        let beginning = params["argument"]?["value"]?.stringValue ?? ""
        let values = try await features.completions(
            of: reference,
            argument: name,
            beginning: beginning,
            context
        )
        return [
            "completion": [
                "values": .array(values.prefix(Self.completionsMax).map { .string($0) }),
                "total": .integer(Int64(values.count)),
                "hasMore": .bool(values.count > Self.completionsMax),
            ]
        ]
    }

    // MARK: Parameters

    private func text(_ key: String, _ params: JSONObject) throws(MCPError) -> String {
        guard let text = params[key]?.stringValue else {
            throw MCPError(.invalidParams, "`\(key)` is needed, a string")
        }
        return text
    }

    /// `null` is as if it were not there.
    private func arguments(_ params: JSONObject) throws(MCPError) -> JSONObject {
        guard let given = params["arguments"], !given.isNull else { return [:] }
        guard let arguments = given.objectValue else {
            throw MCPError(.invalidParams, "`arguments` is a JSON object")
        }
        return arguments
    }

    /// Every list is one page, so that no cursor was ever given out.
    private func refuseCursor(_ params: JSONObject) throws(MCPError) {
        guard params["cursor"]?.isNull ?? true else {
            throw MCPError(.invalidParams, "`cursor` is none of this server's: lists are one page")
        }
    }
}
