import Glibc
import HiveControl
import HiveSignal
import Testing

@Suite struct ControlClientTests {
    private let folder: TemporaryFolder
    private var path: String { folder.path + "/hive.sock" }

    init() throws { folder = try TemporaryFolder() }

    @Test func `no socket file means that no daemon runs`() throws {
        #expect(try ControlClient.connectIfRunning(path: path) == nil)
        let below = folder.path + "/missing/hive.sock"
        #expect(try ControlClient.connectIfRunning(path: below) == nil)
        let error = #expect(throws: ControlError.self) { try ControlClient.connect(path: path) }
        #expect(error?.message == "no daemon listens at \(path)")
        #expect(error?.hint == "start one: hive up --detach")
        #expect(error?.exitCode == 3)
    }

    @Test func `a stale socket file means that no daemon runs`() throws {
        close(try ScriptedServer.listen(path: path))
        #expect(access(path, F_OK) == 0)
        #expect(try ControlClient.connectIfRunning(path: path) == nil)
    }

    @Test func `a path that is too long is a usage error`() {
        let long = "/" + String(repeating: "p", count: 97) + "/hive.sock"
        let error = #expect(throws: ControlError.self) {
            try ControlClient.connectIfRunning(path: long)
        }
        #expect(error?.code == .usage)
    }

    @Test func `a call gives the result`() throws {
        let server = try ScriptedServer(path: path) { request in
            let echo: JSONValue = ["method": .string(request.method), "params": request.params]
            return ControlResponse(id: request.id, result: .success(echo)).line
        }
        do {
            let client = try ControlClient.connect(path: path)
            #expect(try client.call("status") == ["method": "status", "params": [:]])
            let long = JSONValue.string(String(repeating: "é", count: 1 << 20))
            let answer = try client.call("emit", ["lines": [long]])
            #expect(answer["params"]?["lines"] == [long])
        }
        server.join()
    }

    @Test func `a call throws the daemon's error`() throws {
        let refusal = ControlError(.rulesSayNo, "no such entry", hint: "hive quarantine list")
        let server = try ScriptedServer(path: path) { request in
            ControlResponse(id: request.id, result: .failure(refusal)).line
        }
        do {
            let client = try ControlClient.connect(path: path)
            let error = #expect(throws: ControlError.self) { try client.call("quarantine.show") }
            #expect(error == refusal)
        }
        server.join()
    }

    @Test func `a call passes over notifications and the answers of others`() throws {
        let server = try ScriptedServer(path: path) { request in
            ControlRequest(id: nil, method: "log", params: ["sequence": 1]).line
                + ControlResponse(id: 99, result: .success("not this")).line
                + ControlResponse(id: request.id, result: .success("this")).line
        }
        do {
            let client = try ControlClient.connect(path: path)
            #expect(try client.call("status") == "this")
        }
        server.join()
    }

    @Test func `a daemon that hangs up is an error`() throws {
        let server = try ScriptedServer(path: path) { _ in nil }
        let client = try ControlClient.connect(path: path)
        let error = #expect(throws: ControlError.self) { try client.call("status") }
        #expect(error?.code == .machineFailed)
        #expect(
            error?.message == "the daemon closed the connection before it answered `status`"
        )
        server.join()
    }

    @Test func `an answer that is no message is an error`() throws {
        let server = try ScriptedServer(path: path) { _ in Array("HTTP/1.1 200 OK\n".utf8) }
        do {
            let client = try ControlClient.connect(path: path)
            let error = #expect(throws: ControlError.self) { try client.call("status") }
            #expect(error?.code == .parseError)
        }
        server.join()
    }

    @Test func `follow gives every notification until the daemon hangs up`() throws {
        let server = try ScriptedServer(path: path) { request in
            guard request.method == Method.logFollow else { return nil }
            return ControlResponse(id: request.id, result: .success([:])).line
                + ControlRequest(id: nil, method: Method.log, params: ["sequence": 1]).line
                + ControlRequest(id: nil, method: Method.log, params: ["sequence": 2]).line
                // The script's next request makes the server hang up.
                + ControlRequest(id: nil, method: Method.log, params: ["sequence": 3]).line
        }
        let descriptor = try UnixSocket.make()
        let connected = try UnixSocket.withAddress(of: path) { connect(descriptor, $0, $1) }
        #expect(connected == 0)
        let client = ControlClient(connectedDescriptor: descriptor)
        var sequences: [Int64?] = []
        try client.follow(Method.logFollow) { notification in
            #expect(notification.method == Method.log)
            sequences.append(notification.params["sequence"]?.integerValue)
            if sequences.count == 3 {
                let end = ControlRequest(id: nil, method: "end").line
                #expect(UnixSocket.send(end, to: descriptor))
            }
        }
        #expect(sequences == [1, 2, 3])
        server.join()
    }

    @Test func `follow throws what the daemon refuses`() throws {
        let refusal = ControlError(.invalidParams, "no such phase")
        let server = try ScriptedServer(path: path) { request in
            ControlResponse(id: request.id, result: .failure(refusal)).line
        }
        do {
            let client = try ControlClient.connect(path: path)
            let error = #expect(throws: ControlError.self) {
                try client.follow(Method.logFollow, ["phase": "Q"]) { _ in
                    Issue.record("a notification came")
                }
            }
            #expect(error == refusal)
        }
        server.join()
    }

    @Test func `a message over the bound is not sent`() throws {
        let server = try ScriptedServer(path: path) { _ in nil }
        do {
            let client = try ControlClient.connect(path: path)
            let long = String(repeating: "x", count: ControlLimits.messageBytesMax)
            let error = #expect(throws: ControlError.self) {
                try client.call("emit", ["lines": [.string(long)]])
            }
            #expect(error?.code == .usage)
        }
        server.join()
    }

    @Test func `a wait has its bound where one is set`() throws {
        let listener = try ScriptedServer.listen(path: path)
        defer { close(listener) }
        let client = try ControlClient.connect(path: path)
        client.limitWaits(toMilliseconds: 1)
        let error = #expect(throws: ControlError.self) { try client.call("status") }
        #expect(error?.message == "could not hear from the daemon in time")
    }
}
