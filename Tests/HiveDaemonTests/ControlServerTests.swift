import Glibc
import HiveControl
import HiveSignal
import Testing

@testable import HiveDaemon

/// The server over real sockets.
///
/// A client blocks, so it works on threads of its own.
@Suite(.timeLimit(.minutes(10)))
struct ControlServerTests {
    @Test func `a request is answered with its id, and the handler knows who asked`() async throws {
        try await withServer { path in
            let answer = try await offPool {
                try RawClient(path).call(ControlRequest(id: 7, method: "whoami"))
            }
            #expect(answer?["id"] == 7)
            #expect(answer?["result"]?["uid"] == .integer(Int64(geteuid())))
            #expect(answer?["result"]?["pid"] == .integer(Int64(getpid())))
        }
    }

    @Test func `hive's own client gets results and errors`() async throws {
        try await withServer { path in
            let result = try await offPool {
                try ControlClient.connect(path: path).call("echo", ["word": "hunt"])
            }
            #expect(result == ["word": "hunt"])
            let refusal = await #expect(throws: ControlError.self) {
                try await offPool { try ControlClient.connect(path: path).call("refuse") }
            }
            #expect(refusal == ControlError(.rulesSayNo, "the rules say no", hint: "ask a person"))
        }
    }

    @Test func `more requests than may wait are all answered, in order`() async throws {
        let count = Int64(SocketConnection.pendingMessagesMax * 10)
        try await withServer { path in
            let ids = try await offPool {
                let client = try RawClient(path)
                client.send((1...count).flatMap { ControlRequest(id: $0, method: "echo").line })
                return try (1...count).map { _ in try client.next()?["id"]?.integerValue }
            }
            #expect(ids == Array(1...count))
        }
    }

    @Test func `a request may come in any two pieces`() async throws {
        let line = ControlRequest(id: 1, method: "echo", params: ["é": "\n"]).line
        try await withServer { path in
            let answers = try await offPool {
                let client = try RawClient(path)
                return try line.indices.map { cut in
                    client.send(Array(line[..<cut]))
                    client.send(Array(line[cut...]))
                    return try client.next()?["result"]
                }
            }
            #expect(answers == Array(repeating: ["é": "\n"], count: line.count))
        }
    }

    @Test func `a notification is handled and not answered`() async throws {
        try await withServer { path in
            let answer = try await offPool {
                let client = try RawClient(path)
                client.send(ControlRequest(id: nil, method: "echo").line)
                return try client.call(ControlRequest(id: 2, method: "echo"))
            }
            #expect(answer?["id"] == 2)
        }
    }

    @Test(arguments: [
        ("{\"jsonrpc\":", Int64(-32700)), ("nonsense", -32700), ("{}", -32600),
        ("{\"jsonrpc\":\"2.0\",\"id\":1}", -32600),
        ("[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"echo\"}]", -32600),
    ])
    func `a bad message is answered with its error and harms no other`(
        text: String,
        code: Int64
    ) async throws {
        try await withServer { path in
            let (first, second) = try await offPool {
                let client = try RawClient(path)
                client.send(Array("\(text)\n".utf8))
                return (
                    try client.next(), try client.call(ControlRequest(id: 3, method: "echo"))
                )
            }
            #expect(first?["error"]?["code"] == .integer(code))
            #expect(first?["id"] == .null)
            #expect(second?["id"] == 3)
        }
    }

    @Test func `a message over the bound gets an error, then the connection is closed`()
        async throws
    {
        try await withServer { path in
            let (answer, end) = try await offPool {
                let client = try RawClient(path)
                client.send(Array(repeating: 0x20, count: ControlLimits.messageBytesMax + 1))
                return (try client.next(), try client.next())
            }
            #expect(answer?["error"]?["code"] == -32700)
            #expect(
                answer?["error"]?["message"]
                    == .string("a message is longer than \(ControlLimits.messageBytesMax) bytes")
            )
            #expect(end == nil)
        }
    }

    @Test func `a client that has sent everything still gets its answers`() async throws {
        try await withServer { path in
            let answers = try await offPool {
                let client = try RawClient(path)
                let lines = (1...3).flatMap { ControlRequest(id: $0, method: "echo").line }
                // The last one without its LF, as a person at a shell would send it.
                client.send(Array(lines.dropLast()))
                shutdown(client.descriptor, Int32(SHUT_WR))
                return try (1...4).map { _ in try client.next()?["id"] }
            }
            #expect(answers == [1, 2, 3, nil])
        }
    }

    @Test func `what a client sent before it hung up is handled`() async throws {
        let (handled, noteHandled) = AsyncStream<Int64?>.makeStream()
        let handler: ControlServer.Handler = { request, _, _ in
            noteHandled.yield(request.params["number"]?.integerValue)
            return nil
        }
        try await withServer(handler) { path in
            try await offPool {
                let client = try RawClient(path)
                for number in 1...3 {
                    let params: JSONValue = ["number": .integer(Int64(number))]
                    client.send(ControlRequest(id: nil, method: "note", params: params).line)
                }
            }
            var numbers: [Int64?] = []
            for await number in handled {
                numbers.append(number)
                if numbers.count == 3 { break }
            }
            #expect(numbers == [1, 2, 3])
        }
    }
}

// MARK: - Many, slow and absent clients

extension ControlServerTests {
    @Test func `a hundred connections at once are served`() async throws {
        try await withServer { path in
            let ids = try await offPool {
                let clients = try (0..<100).map { _ in try RawClient(path) }
                for (id, client) in clients.enumerated() {
                    client.send(ControlRequest(id: Int64(id), method: "echo").line)
                }
                return try clients.map { try $0.next()?["id"]?.integerValue }
            }
            #expect(ids == Array(0..<100))
        }
    }

    @Test func `one connection too many is told so, and a place that gets free is given out`()
        async throws
    {
        try await withServer { path in
            let (served, refusal, end, last) = try await offPool {
                var clients = try (0..<SocketLoop.connectionsMax).map { _ in try RawClient(path) }
                let served = try clients.count {
                    try $0.call(ControlRequest(id: 1, method: "echo")) != nil
                }
                let extra = try RawClient(path)
                let refusal = try extra.next()?["error"]?["message"]
                let end = try extra.next()
                clients.removeLast()
                // The server learns of the hang-up in its own time: until then, it refuses.
                var last: JSONValue?
                while last?["id"] != 2 {
                    last = try RawClient(path).call(ControlRequest(id: 2, method: "echo"))
                }
                return (served, refusal, end, last)
            }
            #expect(served == SocketLoop.connectionsMax)
            #expect(refusal == "too many connections (128)")
            #expect(end == nil)
            #expect(last?["id"] == 2)
        }
    }

    @Test func `a client that does not read holds up nobody, and misses nothing`() async throws {
        let bytes = Int64(SocketConnection.outgoingBytesMax) + 1
        try await withServer { path in
            let (other, lengths) = try await offPool {
                let slow = try RawClient(path)
                for id in Int64(1)...3 {
                    let params: JSONValue = ["bytes": .integer(bytes)]
                    slow.send(ControlRequest(id: id, method: "large", params: params).line)
                }
                let other = try RawClient(path).call(ControlRequest(id: 9, method: "echo"))
                let lengths = try (1...3).map { _ in
                    try slow.next()?["result"]?.stringValue?.utf8.count
                }
                return (other, lengths)
            }
            #expect(other?["id"] == 9)
            #expect(lengths == Array(repeating: Int(bytes), count: 3))
        }
    }

    @Test func `a stream ends when its client has gone`() async throws {
        let (endings, noteEnding) = AsyncStream<ControlError?>.makeStream()
        let handler: ControlServer.Handler = { _, _, sink in
            // Far behind after a while: `notify` suspends until the client goes.
            let line: JSONValue = .string(String(repeating: "x", count: 1 << 16))
            do throws(ControlError) {
                while true { try await sink.notify("log", ["line": line]) }
            } catch {
                noteEnding.yield(error)
            }
            return nil
        }
        try await withServer(handler) { path in
            let first = try await offPool {
                let client = try RawClient(path)
                client.send(ControlRequest(id: 1, method: "log.follow").line)
                return try client.next()
            }
            #expect(first?["method"] == "log")
            let ending = await endings.first { _ in true }
            #expect(ending??.code == .machineFailed)
            #expect(ending??.message == "the client has gone")
        }
    }

    @Test func `a stream with nothing to say is cancelled when its client has gone`() async throws {
        let (endings, noteEnding) = AsyncStream<Bool>.makeStream()
        let handler: ControlServer.Handler = { _, _, sink in
            try? await sink.notify("log", ["line": 1])
            await Self.untilCancelled()
            noteEnding.yield(Task.isCancelled)
            return nil
        }
        try await withServer(handler) { path in
            _ = try await offPool {
                try RawClient(path).call(ControlRequest(id: 1, method: "log.follow"))
            }
            #expect(await endings.first { _ in true } == true)
        }
    }

    @Test func `a user who is not admitted is told so and closed`() async throws {
        try await withServer(policy: PeerPolicy(users: [])) { path in
            let (answer, end) = try await offPool {
                let client = try RawClient(path)
                return (try client.next(), try client.next())
            }
            #expect(
                answer?["error"]?["message"]
                    == .string("user \(geteuid()) may not use this daemon's socket")
            )
            #expect(end == nil)
        }
    }

    @Test func `a group admits its members and nobody else`() throws {
        let policy = PeerPolicy(users: [1], group: try SocketGroup(named: "root"))
        #expect(policy.admits(PeerCredentials(uid: 1, gid: 9_999, pid: 1)))
        #expect(policy.admits(PeerCredentials(uid: 9_999, gid: 0, pid: 1)))
        #expect(policy.admits(PeerCredentials(uid: 0, gid: 9_999, pid: 1)))
        #expect(!policy.admits(PeerCredentials(uid: 9_999, gid: 9_999, pid: 1)))
    }
}

// MARK: - The socket's file, and the end

extension ControlServerTests {
    @Test func `shutdown answers what is in flight, closes all, and removes the file`()
        async throws
    {
        let (arrivals, noteArrival) = AsyncStream<Void>.makeStream()
        let handler: ControlServer.Handler = { request, _, _ in
            noteArrival.yield()
            await Self.untilCancelled()
            return ControlResponse(id: request.id, result: .success("done"))
        }
        try await withFolder { folder in
            let path = "\(folder)/hive.sock"
            let clients = try await serving(path, handler) {
                let clients = try await offPool { [try RawClient(path), try RawClient(path)] }
                for client in clients { client.send(ControlRequest(id: 1, method: "wait").line) }
                var count = 0
                for await _ in arrivals {
                    count += 1
                    if count == clients.count { break }
                }
                return clients
            }
            #expect(access(path, F_OK) == -1)
            for client in clients {
                #expect(try client.next()?["result"] == "done")
                #expect(try client.next() == nil)
            }
        }
    }

    @Test func `cancellation ends the server as well`() async throws {
        try await withFolder { folder in
            let path = "\(folder)/hive.sock"
            let server = ControlServer(
                path: path,
                group: nil,
                logger: Self.quietLogger,
                handler: Self.echo
            )
            try server.start()
            let client = try await withThrowingTaskGroup { tasks in
                tasks.addTask { try await server.run() }
                let client = try await offPool {
                    let client = try RawClient(path)
                    _ = try client.call(ControlRequest(id: 1, method: "echo"))
                    return client
                }
                tasks.cancelAll()
                try await tasks.waitForAll()
                return client
            }
            #expect(try client.next() == nil)
            #expect(access(path, F_OK) == -1)
        }
    }

    @Test func `a stale socket file is replaced, and only its user may use the new one`()
        async throws
    {
        try await withFolder { folder in
            let path = "\(folder)/hive.sock"
            try makeStaleSocket(path)
            let answer = try await serving(path, Self.echo) {
                #expect(try mode(of: path) == 0o600)
                return try await offPool {
                    try RawClient(path).call(ControlRequest(id: 1, method: "echo"))
                }
            }
            #expect(answer?["id"] == 1)
        }
    }

    @Test func `a group may use the socket where one is set`() async throws {
        try await withFolder { folder in
            let path = "\(folder)/hive.sock"
            let own = try #require(getgrgid(getegid()))
            let name = String(cString: own.pointee.gr_name)
            let server = ControlServer(
                path: path,
                group: name,
                logger: Self.quietLogger,
                handler: Self.echo
            )
            try server.start()
            #expect(try mode(of: path) == 0o660)
        }
    }

    @Test func `a group that is not there stops the start`() async throws {
        try await withFolder { folder in
            let path = "\(folder)/hive.sock"
            let group = "no-such-group"
            let server = ControlServer(
                path: path,
                group: group,
                logger: Self.quietLogger,
                handler: Self.echo
            )
            let error = #expect(throws: HiveError.self) { try server.start() }
            #expect(error?.exitCode == 2)
            #expect(error?.message.contains("no-such-group: there is no such group") == true)
            #expect(access(path, F_OK) == -1)
        }
    }

    @Test func `a file that is no socket is left alone`() async throws {
        try await withFolder { folder in
            let path = "\(folder)/hive.sock"
            close(open(path, O_CREAT | O_WRONLY, 0o644))
            let server = ControlServer(
                path: path,
                group: nil,
                logger: Self.quietLogger,
                handler: Self.echo
            )
            let error = #expect(throws: HiveError.self) { try server.start() }
            #expect(error?.exitCode == 3)
            #expect(error?.message.contains("a file that is no socket is in the way") == true)
            let kept = try mode(of: path)
            #expect(kept == 0o644)
        }
    }

    @Test func `a path too long for a socket is named`() async throws {
        let path = "/tmp/" + String(repeating: "x", count: 103)
        let server = ControlServer(
            path: path,
            group: nil,
            logger: Self.quietLogger,
            handler: Self.echo
        )
        let error = #expect(throws: HiveError.self) { try server.start() }
        #expect(error?.message.contains("the path is too long for a Unix socket") == true)
    }
}
