/// The character a port's worker takes on: `agents/*.agent.md` (SPEC §9).
package struct Persona: Sendable, Hashable {
    package var port: Port
    /// A short name, fit for a signal's `agent`.
    package var name: String
    /// What the port does, one word.
    package var verb: String
    /// The model it wants; nil: the backend's.
    package var model: String?
    /// Names of tools it may use.
    package var tools: [String]
    /// Sampling temperature, 0…2; nil: the model's own.
    package var temperature: Double?
    /// The system prompt.
    package var prompt: String

    package init(
        port: Port,
        name: String,
        verb: String,
        model: String?,
        tools: [String],
        temperature: Double?,
        prompt: String
    ) {
        self.port = port
        self.name = name
        self.verb = verb
        self.model = model
        self.tools = tools
        self.temperature = temperature
        self.prompt = prompt
    }

    package var json: JSONValue {
        [
            "port": .integer(Int64(port.rawValue)),
            "name": .string(name),
            "verb": .string(verb),
            "model": model.map { .string($0) } ?? .null,
            "tools": .array(tools.map { .string($0) }),
            "temperature": temperature.map { .double($0) } ?? .null,
            "prompt": .string(prompt),
        ]
    }
}
