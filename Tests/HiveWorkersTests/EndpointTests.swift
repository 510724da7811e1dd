import HiveSignal
import HiveTestKit
import Testing

/// The scripted endpoint over HTTP/1.1, driven by raw sockets.
struct EndpointTests {
    @Test func `a question is answered by its prompt turned round, with usage`() throws {
        let endpoint = try ScriptedEndpoint()
        let connection = try RawConnection(to: endpoint)
        try connection.post("/v1/chat/completions", .question("abcde"))
        let answer = try connection.readAnswer()
        let json = try answer.json()
        #expect(answer.status == 200)
        #expect(answer.headers["content-type"] == "application/json")
        let choice = json["choices"]?.arrayValue?.first
        #expect(choice?["message"]?["content"] == "edcba")
        #expect(choice?["finish_reason"] == "stop")
        #expect(json["usage"]?["prompt_tokens"] == 2)
        #expect(json["usage"]?["total_tokens"] == 4)
    }
}
