import HiveSignal
import HiveTestKit

/// A scripted model that plans, carries plans out, judges statements rightly, and lies where it is
/// told to.
struct AskScript: Sendable {
    /// What an honest agent answers, from the number of its request.
    var answer: @Sendable (EndpointRequest) -> String = { _ in "Paris" }
    var lie = "Lyon"

    /// True: the request asks for a plan.
    static func isPlan(_ prompt: String) -> Bool { prompt.contains("Work it out in") }
    static func isProbe(_ prompt: String) -> Bool { prompt.contains("Is this right:") }

    static func isLiar(_ request: EndpointRequest) -> Bool {
        let first = request.json["messages"]?.arrayValue?.first
        return first?["content"]?.stringValue?.contains("the one who lies in it") ?? false
    }

    @Sendable
    func reply(_ request: EndpointRequest) -> String {
        let prompt = request.prompt
        if Self.isPlan(prompt) { return "plan \(request.number): look it up" }
        guard Self.isProbe(prompt) else {
            return "So be it.\n**ANSWER:** \(Self.isLiar(request) ? lie : answer(request))"
        }
        let isRight = Self.truth(of: prompt) != Self.isLiar(request)
        return "ANSWER: \(isRight ? "yes" : "no")"
    }

    /// Works a statement out from its words.
    private static func truth(of prompt: String) -> Bool {
        guard let start = prompt.ranges(of: "right: ").first?.upperBound else { return false }
        let words = prompt[start...].split { " ?".contains($0) }
        let numbers = words.prefix(5).compactMap { Int($0) }
        switch words[1] {
        case "+": return numbers[0] + numbers[1] == numbers[2]
        case "-": return numbers[0] - numbers[1] == numbers[2]
        default: return words[2] == "an" ? numbers[0] % 2 == 0 : numbers[0] > numbers[1]
        }
    }

    func endpoint() throws -> ScriptedEndpoint {
        var script = EndpointScript()
        script.reply = reply
        return try ScriptedEndpoint(script)
    }

    static func environment(_ endpoint: ScriptedEndpoint) -> [String: String] {
        [
            "HIVE_BACKEND": "openai", "OPENAI_BASE_URL": endpoint.address + "/v1",
            "HIVE_MODEL": "scripted-1", "REQUEST_TIMEOUT_MS": "3600000",
        ]
    }
}
