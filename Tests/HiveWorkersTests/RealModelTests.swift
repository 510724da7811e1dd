import HiveSignal
import HiveTestKit
import Testing

/// The small real model, where `make model` has installed it.
@Suite(.enabled(if: RealModel.isInstalled, "make model installs the small model"))
struct RealModelTests {
    @Test func `it answers a question and counts the tokens, and ends when it is told to`() throws {
        let model = try RealModel()
        let connection = try RawConnection(to: model.address)
        try connection.post(
            "/v1/chat/completions",
            [
                "model": .string(RealModel.name), "max_tokens": 8, "temperature": 0,
                "messages": [["role": "user", "content": "Say hello."]],
            ],
            headers: ["content-type: application/json"]
        )
        let answer = try connection.readAnswer()
        let json = try answer.json()
        #expect(answer.status == 200)
        #expect(json["model"] == .string(RealModel.name))
        let text = json["choices"]?.arrayValue?.first?["message"]?["content"]?.stringValue ?? ""
        #expect(!text.isEmpty)
        #expect((1...8).contains(json["usage"]?["completion_tokens"]?.integerValue ?? 0))
        #expect((1...200).contains(json["usage"]?["prompt_tokens"]?.integerValue ?? 0))
        #expect(model.stop() == 0)
    }

    @Test func `it ends with whoever started it`() throws {
        let model = try RealModel()
        #expect(model.endInput() == 0)
    }
}
