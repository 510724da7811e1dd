import HiveControl
import HiveSignal
import Testing

@Suite struct ControlMessageTests {
    @Test func `a request survives its line`() throws {
        let request = ControlRequest(id: 7, method: "emit", params: ["lines": ["a\nb", "ü"]])
        #expect(request.line.last == 0x0A)
        #expect(request.line.count(where: { $0 == 0x0A }) == 1)
        #expect(try ControlRequest(parsing: Array(request.line.dropLast())) == request)
        #expect(
            String(decoding: ControlRequest(id: nil, method: "log").line, as: UTF8.self)
                == #"{"jsonrpc":"2.0","method":"log","params":{}}"# + "\n"
        )
    }

    @Test func `a request without params has empty ones`() throws {
        let request = try ControlRequest(parsing: bytes(#"{"jsonrpc":"2.0","id":1,"method":"m"}"#))
        #expect(request == ControlRequest(id: 1, method: "m", params: [:]))
    }

    @Test(arguments: [
        ("{", ControlError.Code.parseError, "a message is not JSON"),
        ("[]", .invalidRequest, #"a message needs `"jsonrpc":"2.0"`"#),
        (#"{"jsonrpc":"1.0","method":"m"}"#, .invalidRequest, "needs `\"jsonrpc\":\"2.0\"`"),
        (#"{"jsonrpc":"2.0","id":1}"#, .invalidRequest, "a request needs `method`, a string"),
        (#"{"jsonrpc":"2.0","id":"a","method":"m"}"#, .invalidRequest, "not an integer"),
        (#"{"jsonrpc":"2.0","method":"m","params":[1]}"#, .invalidRequest, "not an object"),
    ])
    func `what is no request is refused with a reason`(
        text: String,
        code: ControlError.Code,
        reason: String
    ) {
        let error = #expect(throws: ControlError.self) {
            try ControlRequest(parsing: bytes(text))
        }
        #expect(error?.code == code)
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
    }

    @Test func `a result survives its line, null too`() throws {
        for value: JSONValue in [["stopping": true], .null, [1, 2.5, "x"]] {
            let response = ControlResponse(id: 3, result: .success(value))
            #expect(try ControlResponse(parsing: Array(response.line.dropLast())) == response)
        }
    }

    @Test func `an error carries its hint in data`() throws {
        let error = ControlError(.rulesSayNo, "flip refused", hint: "reach E first")
        let response = ControlResponse(id: nil, result: .failure(error))
        #expect(
            String(decoding: response.line, as: UTF8.self)
                == #"{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"flip refused","#
                + #""data":{"hint":"reach E first"}}}"# + "\n"
        )
        #expect(try ControlResponse(parsing: Array(response.line.dropLast())) == response)
    }

    @Test func `an error without data has no hint`() throws {
        let text = #"{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"what?"}}"#
        let response = try ControlResponse(parsing: bytes(text))
        #expect(response.result == .failure(ControlError(.methodNotFound, "what?")))
    }

    @Test(arguments: [
        #"{"jsonrpc":"2.0","id":1}"#,
        #"{"jsonrpc":"2.0","result":1}"#,
        #"{"jsonrpc":"2.0","id":1,"result":1,"error":{"code":1,"message":""}}"#,
        #"{"jsonrpc":"2.0","id":1,"error":{"code":"x"}}"#,
    ])
    func `what is no response is refused`(text: String) {
        let error = #expect(throws: ControlError.self) {
            try ControlResponse(parsing: bytes(text))
        }
        #expect(error?.code == .invalidRequest)
    }

    @Test func `a client tells notifications from responses`() throws {
        let note = #"{"jsonrpc":"2.0","method":"log","params":{"sequence":1}}"#
        #expect(
            try ControlMessage(parsing: bytes(note))
                == .notification(ControlRequest(id: nil, method: "log", params: ["sequence": 1]))
        )
        let answer = #"{"jsonrpc":"2.0","id":1,"result":{}}"#
        #expect(
            try ControlMessage(parsing: bytes(answer))
                == .response(ControlResponse(id: 1, result: .success([:])))
        )
    }

    @Test(arguments: [
        (ControlError.Code.rulesSayNo, Int32(1)), (.usage, 2), (.invalidParams, 2),
        (.machineFailed, 3), (.internalError, 3), (.methodNotFound, 3), (.parseError, 3),
    ])
    func `an error code has its exit code`(code: ControlError.Code, exitCode: Int32) {
        #expect(ControlError(code, "").exitCode == exitCode)
    }

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
}
