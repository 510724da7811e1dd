import HiveProcess
import HiveTestKit
import Testing

@testable import HiveWorkers

/// What servers say is wrong.
struct ComplaintTests {
    private func complaint(_ body: String, type: String = "application/json") throws -> String {
        let response = Wire.answer(body, type: type, status: 500)
        return try ModelAPIs.make(.openai).complaint(in: response)
    }

    @Test(arguments: [
        (#"{"error":{"message":"no such model","type":null}}"#, "no such model"),
        (
            #"{"error":{"message":"You are over quota","type":"insufficient_quota"}}"#,
            "You are over quota (insufficient_quota)"
        ),
        (
            #"{"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: too large"}}"#,
            "max_tokens: too large (invalid_request_error)"
        ),
        (
            #"{"error":{"message":"Provider returned error","code":429,"metadata":{"raw":"slow down"}}}"#,
            "Provider returned error: slow down"
        ),
        (#"{"error":{"code":"model_not_found"}}"#, "model_not_found"),
        (#"{"error":"model 'x' not found"}"#, "model 'x' not found"),
        (#"{"message":"Unauthorized"}"#, "Unauthorized"),
        (#"{"error":null,"message":"Unauthorized"}"#, "Unauthorized"),
        (#"{"detail":"Not Found"}"#, "Not Found"),
        (
            #"{"detail":[{"loc":["body"],"msg":"Field required","type":"missing"}]}"#,
            "Field required"
        ),
        (#"[{"error":{"message":"API key not valid"}}]"#, "API key not valid"),
        (#""plain words""#, "plain words"),
        (#"{"other":1}"#, ""), ("7", ""), ("[]", ""), ("", ""), (" \n", ""),
        ("upstream connect error\nmore\n", "upstream connect error"),
        ("\n\n  second line first", "second line first"),
        ("<html><head><TITLE>502 Bad\nGateway</title>", "502 Bad Gateway"),
        ("<!DOCTYPE html><p>nothing", ""), ("<title", ""),
        (#"{"error":{"message":"two\nlines\tand \u001b[31mred\u202e"}}"#, "two lines and red"),
    ])
    func `the words are found wherever servers put them`(_ body: String, _ words: String) throws {
        #expect(try complaint(body) == words)
    }

    @Test func `a long complaint is cut between words`() throws {
        let key = "sk-" + String(repeating: "k", count: 60)
        for filler in 150..<240 {
            let text = String(repeating: "w ", count: filler / 2) + key + " " + key
            let said = try complaint(#"{"error":"\#(text)"}"#)
            #expect(said.utf8.count <= Complaint.bytesMax)
            #expect(said.hasSuffix("…"))
            let words = said.dropLast().split(separator: " ")
            #expect(words.allSatisfy { $0 == "w" || $0 == key }, "\(said)")
        }
    }

    @Test func `the secrets of the work are masked before the cut`() throws {
        let key = "sk-1234567890"
        let said = try SecretValues.$ofTheWork.withValue(SecretValues([key])) {
            try complaint(#"{"error":"Incorrect API key provided: \#(key)"}"#)
        }
        #expect(said == "Incorrect API key provided: [secret]")
    }
}
