import HiveProcess
import HiveSignal
import Testing

@testable import HiveWorkers

/// Models' answers as outcomes.
struct ModelOutcomeTests {
    private func outcome(
        _ text: String,
        isCut: Bool = false,
        model: String? = "m-1",
        dollars: Double? = nil,
        price: Price? = Price(inputPerMillion: 1, outputPerMillion: 2)
    ) -> Outcome {
        let answer = ModelAnswer(
            text: text,
            model: model,
            usage: TokenUsage(inputTokens: 1_000, outputTokens: 500),
            dollars: dollars,
            isCut: isCut
        )
        let reply = ModelReply(answer: answer, attempts: 2, latencyMilliseconds: 340)
        return ModelOutcome.outcome(of: reply, model: "asked", price: price)
    }

    @Test func `text is the message, and the facts are details`() {
        let outcome = outcome(" the parser is in a.c\u{1B}[0m\n")
        #expect(outcome.message == "the parser is in a.c")
        #expect(outcome.confidence == 0.6)
        #expect(!outcome.isFailure)
        #expect(
            outcome.details == [
                "model": "m-1", "inputTokens": 1_000, "outputTokens": 500, "latencyMs": 340,
                "attempts": 2,
            ]
        )
    }

    @Test(arguments: [
        #"{"msg":"three places","confidence":0.8,"result":{"places":3}}"#,
        #" {"message":"three places","confidence":0.8,"result":{"places":3}} "#,
        "```json\n{\"msg\":\"three places\",\n\"confidence\":0.8,\"result\":{\"places\":3}}\n```",
        "```\n{\"msg\":\"three places\",\"confidence\":0.8,\"result\":{\"places\":3}}\n```\n",
        "<think>hm {\"msg\":\"no\"}</think>\n{\"msg\":\"three places\",\"confidence\":0.8,\"result\":{\"places\":3}}",
    ])
    func `an object is message, confidence and details`(_ text: String) {
        let outcome = outcome(text)
        #expect(outcome.message == "three places")
        #expect(outcome.confidence == 0.8)
        #expect(outcome.details["places"] == 3)
        #expect(outcome.details["model"] == "m-1")
    }

    @Test(arguments: [
        #"{"answer":"a"}"#, #"{"msg":"a""#, #"[{"msg":"a"}]"#, #"Here: {"msg":"a"}"#,
        "```python\n{\"msg\":\"a\"}\n```", "see\n```json\n{\"msg\":\"a\"}\n```", "``````",
        "```json```",
        #"{"msg":"a","msg":"b"}"#,
    ])
    func `what is no such object is text`(_ text: String) {
        #expect(outcome(text).message == text)
        #expect(outcome(text).confidence == 0.6)
    }

    @Test(arguments: [
        (#"{"msg":"a","confidence":7}"#, 0.9), (#"{"msg":"a","confidence":-1}"#, 0),
        (#"{"msg":"a","confidence":"high"}"#, 0.6), (#"{"msg":"a"}"#, 0.6),
    ])
    func `confidence stays in its range`(_ text: String, _ confidence: Double) {
        #expect(outcome(text).confidence == confidence)
    }

    @Test func `an answer that was cut is less sure, unless it says`() {
        #expect(outcome("half an", isCut: true).confidence == 0.4)
        #expect(outcome(#"{"msg":"a","confidence":0.7}"#, isCut: true).confidence == 0.7)
    }

    @Test(arguments: ["", " \n", "\u{1B}[0m\u{200B}", "<think>all of it", "<think>x</think> "])
    func `an answer that says nothing is a failure`(_ text: String) {
        let outcome = outcome(text)
        #expect(outcome.isFailure)
        #expect(outcome.message == "m-1 answered nothing")
        #expect(outcome.confidence == 0.3)
        #expect(outcome.details["outputTokens"] == 500)
        #expect(outcome.dollars == 0.002)
    }

    @Test func `the server's figure counts before the price, and a model's own does not`() {
        #expect(outcome("a").dollars == 0.002)
        #expect(outcome("a", dollars: 0.5).dollars == 0.5)
        #expect(outcome("a", price: nil).dollars == nil)
        #expect(outcome(#"{"msg":"a","dollars":9}"#).dollars == 0.002)
    }

    @Test func `a model cannot overwrite the facts, nor crowd them out`() {
        let forged = outcome(#"{"msg":"a","result":{"model":"other","attempts":0,"x":1}}"#)
        #expect(forged.details["model"] == "m-1")
        #expect(forged.details["attempts"] == 2)
        #expect(forged.details["x"] == 1)
        let long = String(repeating: "x", count: Outcome.detailsBytesMax)
        let crowded = outcome(#"{"msg":"a","result":{"x":"\#(long)"}}"#)
        #expect(crowded.details["x"] == nil)
        #expect(crowded.details["model"] == "m-1")
    }

    @Test func `a long answer is cut`() {
        let message = outcome(String(repeating: "é", count: 10_000)).message
        #expect(message.utf8.count <= Outcome.messageBytesMax)
        #expect(message.hasSuffix("…"))
    }

    @Test func `the model that was asked is named where the server names none`() {
        #expect(outcome("a", model: nil).details["model"] == "asked")
    }

    @Test func `a call that failed is a failure that says why`() {
        let error = ModelError(.failed, "the server says 500", hint: "try later", attempts: 4)
        let outcome = ModelOutcome.failure(error, model: "m-1")
        #expect(outcome.isFailure)
        #expect(outcome.message == "the server says 500; try later")
        #expect(outcome.details == ["model": "m-1", "attempts": 4])
    }

    @Test func `the secrets of the work are masked`() {
        SecretValues.$ofTheWork.withValue(SecretValues(["sk-1234567890"])) {
            let said = outcome(
                #"{"msg":"it is sk-\u0031234567890","result":{"k":"sk-1234567890"}}"#
            )
            #expect(said.message == "it is [secret]")
            #expect(said.details["k"] == "[secret]")
        }
    }
}
