package import HiveSignal

/// What a server offers: the Model Context Protocol knows no more of it than this.
package protocol MCPFeatures: Sendable {
    /// Who the server is, and what a model is told of it.
    var identity: MCPIdentity { get }
    /// The prompts that there are, as `prompts/list` has them.
    var prompts: [JSONValue] { get }
    /// The resources that have a fixed address, as `resources/list` has them.
    var resources: [JSONValue] { get }
    /// The others, as `resources/templates/list` has them.
    var resourceTemplates: [JSONValue] { get }

    /// The tools that may be used now, as `tools/list` has them.
    func tools(_ session: MCPSession) async throws(MCPError) -> [JSONValue]

    /// Uses a tool; the answer is a `CallToolResult`.
    ///
    /// - Throws: `invalidParams` for a tool that there is not; what else goes wrong is a result.
    func call(
        tool: String,
        _ arguments: JSONObject,
        _ context: MCPContext
    ) async throws(MCPError) -> JSONValue

    /// The contents of a resource, as `resources/read` has them.
    func read(_ uri: String, _ context: MCPContext) async throws(MCPError) -> [JSONValue]

    /// Refuses to watch what is no resource.
    func checkSubscription(_ uri: String) throws(MCPError)

    /// A prompt filled in: a `GetPromptResult`.
    func prompt(
        _ name: String,
        _ arguments: JSONObject,
        _ context: MCPContext
    ) async throws(MCPError) -> JSONValue

    /// What an argument may go on as, the likeliest first.
    func completions(
        of reference: JSONValue,
        argument: String,
        beginning: String,
        _ context: MCPContext
    ) async throws(MCPError) -> [String]

    /// True for a request that may take as long as others' work does: it ends with the input.
    func isLong(_ request: MCPRequest) -> Bool

    /// Runs beside a session, and tells it what changes, until cancelled.
    func accompany(_ session: MCPSession) async
}

/// Who a server is.
package struct MCPIdentity: Sendable {
    package var name: String
    package var title: String
    package var version: String
    /// How a model is to use it.
    package var instructions: String

    package init(name: String, title: String, version: String, instructions: String) {
        self.name = name
        self.title = title
        self.version = version
        self.instructions = instructions
    }
}

/// What a feature may do for the request it answers.
package struct MCPContext: Sendable {
    package let session: MCPSession
    /// `params._meta`; empty where there is none.
    package let meta: JSONObject
    private let progressMeter: ProgressMeter?

    init(session: MCPSession, meta: JSONObject) {
        self.session = session
        self.meta = meta
        progressMeter = meta["progressToken"].flatMap { ProgressMeter($0, session) }
    }

    /// Tells how far the request is, where the client wants to know.
    ///
    /// What is no progress over what was told last is left out.
    package func progress(_ done: Double, of total: Double? = nil, _ message: String) {
        progressMeter?.tell(done, of: total, message)
    }

    /// Tells that something goes on of which nobody knows how long it takes.
    package func progress(_ message: String) { progressMeter?.tell(message) }
}
