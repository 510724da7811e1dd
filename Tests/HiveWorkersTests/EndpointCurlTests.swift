import Foundation
import HiveSignal
import HiveTestKit
import Testing

/// The scripted endpoint as the command-line curl sees it.
@Suite(.enabled(if: CurlProgram.isInstalled, "curl is not installed"))
struct EndpointCurlTests {
    @Test(arguments: ["--http1.1", "--http2-prior-knowledge"])
    func `both versions of HTTP answer a question`(version: String) throws {
        let endpoint = try ScriptedEndpoint()
        let output = try CurlProgram.run([
            version, "-w", "\n%{http_version} %{http_code} %{content_type}", "-H",
            "content-type: application/json", "-H", "authorization: Bearer k-1", "-d",
            JSONValue.question("hello").text, "\(endpoint.address)/v1/chat/completions",
        ])
        #expect(output.exitCode == 0)
        let json = try JSONValue(parsing: output.lines.first ?? "")
        #expect(json["choices"]?.arrayValue?.first?["message"]?["content"] == "olleh")
        let number = version == "--http1.1" ? "1.1" : "2"
        #expect(output.lines.last == "\(number) 200 application/json")
        #expect(endpoint.seen().entries.first?.key == "k-1")
        #expect(endpoint.seen().answersWhole == 1)
    }

    @Test(arguments: ["--http1.1", "--http2-prior-knowledge"])
    func `gzip comes to those who ask for it`(version: String) throws {
        let endpoint = try ScriptedEndpoint()
        let prompt = String(repeating: "long ", count: 20_000)
        let folder = try TemporaryFolder()
        try folder.write(
            Array(JSONValue.question(prompt, more: ["stream": true]).text.utf8),
            to: "body"
        )
        for asks in [true, false] {
            let output = try CurlProgram.run(
                (asks ? ["--compressed"] : []) + [
                    version, "-D", folder.at("head"), "-H", "expect:", "-d",
                    "@\(folder.at("body"))", "\(endpoint.address)/v1/chat/completions",
                ]
            )
            #expect(output.exitCode == 0)
            #expect(output.standardOutput.hasSuffix("data: [DONE]\n\n"))
            #expect(output.standardOutput.count > prompt.count)
            let head = String(decoding: folder.bytes("head"), as: UTF8.self)
            #expect(head.contains("content-encoding: gzip") == asks)
        }
    }

    @Test(arguments: ["--http1.1", "--http2-prior-knowledge"])
    func `a stream that takes its time is whole`(version: String) throws {
        var script = EndpointScript()
        script.pieceMilliseconds = 2
        let endpoint = try ScriptedEndpoint(script)
        let question = JSONValue.question(
            "a prompt of several pieces, each on its own",
            more: ["stream": true, "stream_options": ["include_usage": true]]
        )
        let output = try CurlProgram.run([
            version, "-N", "-d", question.text, "\(endpoint.address)/v1/chat/completions",
        ])
        #expect(output.exitCode == 0)
        #expect(output.standardOutput.contains("\"total_tokens\":22"))
        #expect(output.standardOutput.hasSuffix("\n\ndata: [DONE]\n\n"))
        #expect(endpoint.seen().answersWhole == 1)
    }

    @Test(arguments: ["--http1.1", "--http2-prior-knowledge"], [0, 1, 259, 1_000_003])
    func `a gzip bomb is as long as it says`(version: String, bytes: Int) throws {
        let endpoint = try ScriptedEndpoint(EndpointScript { _ in .gzipBomb(bytes: bytes) })
        let output = try CurlProgram.run([
            version, "--compressed", "-d", JSONValue.question("x").text, "-w", "%{size_download}",
            "\(endpoint.address)/v1/chat/completions",
        ])
        #expect(output.exitCode == 0)
        let blanks = output.standardOutput.prefix { $0 == " " }
        #expect(blanks.count == bytes)
        let sent = Int(output.standardOutput.dropFirst(blanks.count)) ?? .max
        #expect(sent < 60 + bytes / 500)
    }

    // Streams that share a connection are tried without curl: 7.88 cannot use a connection of
    // HTTP/2 with prior knowledge twice (curl's issue 10634).
    @Test func `512 connections are carried at once`() throws {
        let endpoint = try ScriptedEndpoint(EndpointScript(latencyMilliseconds: 200))
        // curl has 300 transfers at once at most.
        let curls = try (0..<2).map { _ in
            try CurlProgram.start([
                "--parallel", "--parallel-immediate", "--parallel-max", "256",
                "\(endpoint.address)/v1/models?[1-256]",
            ])
        }
        for curl in curls { #expect(curl.wait() == 0) }
        let seen = endpoint.seen()
        #expect(seen.requests == 512)
        #expect(seen.answersWhole == 512)
        #expect(seen.byStatus == [200: 512])
    }

    @Test func `a body larger than every window goes through HTTP2 whole`() throws {
        let bytes = 3 << 20
        let endpoint = try ScriptedEndpoint(EndpointScript { _ in .hugeBody(bytes: bytes) })
        let output = try CurlProgram.run([
            "--http2-prior-knowledge", "-d", JSONValue.question("x").text,
            "\(endpoint.address)/v1/chat/completions",
        ])
        #expect(output.exitCode == 0)
        #expect(output.standardOutput.utf8.count == bytes)
    }

    @Test func `a large request goes through HTTP2 whole, and a larger one is refused`() throws {
        let endpoint = try ScriptedEndpoint()
        let folder = try TemporaryFolder()
        for (count, isTaken) in [(1_000_000, true), (1_100_000, false)] {
            let prompt = String(repeating: "z", count: count)
            try folder.write(Array(JSONValue.question(prompt).text.utf8), to: "body")
            let output = try CurlProgram.run([
                "--http2-prior-knowledge", "-d", "@\(folder.at("body"))",
                "\(endpoint.address)/v1/chat/completions",
            ])
            #expect((output.exitCode == 0) == isTaken)
            #expect(output.standardOutput.contains(prompt) == isTaken)
        }
    }

    /// curl's exit codes: 18 a partial file, 52 nothing came, 55 and 56 a failure to send or to
    /// receive, 92 a fault of an HTTP/2 stream, 16 one of the framing, 28 a timeout, 27, 43 and
    /// 100 too much in headers.
    @Test(arguments: [
        (Fault.cut(afterBytes: 10), [18, 92]), (.reset, [56, 55, 16, 92]),
        (.closeBeforeAnswer, [52, 16, 18, 92, 55, 56]), (.hang, [28]),
        (.noHeadersEnd, [56, 92, 16, 27, 43, 28, 100]),
    ])
    func `faults of the wire are faults for curl`(fault: Fault, codes: [Int32]) throws {
        for version in ["--http1.1", "--http2-prior-knowledge"] {
            let endpoint = try ScriptedEndpoint(EndpointScript { _ in fault })
            let patience = fault == .hang ? "0.5" : "60"
            let output = try CurlProgram.run([
                version, "--max-time", patience, "-d", JSONValue.question("x").text,
                "\(endpoint.address)/v1/chat/completions",
            ])
            #expect(codes.contains(output.exitCode), "\(version): \(output.exitCode)")
            #expect(endpoint.seen().answersWhole == 0)
            #expect(endpoint.seen().byFault == (fault == .hang ? ["hang": 1] : [fault.name: 1]))
        }
    }
}

/// The command-line curl.
enum CurlProgram {
    static let path = "/usr/bin/curl"
    static let isInstalled = FileManager.default.isExecutableFile(atPath: path)

    private static let patience = ["--silent", "--max-time", "120"]

    static func run(_ arguments: [String]) throws -> HiveProgram.Output {
        try Spawned.run(path, patience + arguments, in: "/tmp")
    }

    static func start(_ arguments: [String]) throws -> Spawned {
        try Spawned.start(path, patience + ["--output", "/dev/null"] + arguments, in: "/tmp")
    }
}
