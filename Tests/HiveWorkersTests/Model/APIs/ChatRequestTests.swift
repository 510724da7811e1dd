import HiveProcess
import HiveSignal
import Testing

@testable import HiveWorkers

/// What goes out: every byte of it.
struct ChatRequestTests {
    private func sent(
        _ kind: ModelAPIKind,
        at base: String? = nil,
        key: String? = "k-1",
        streams: Bool = false,
        _ question: ModelRequest = Wire.question()
    ) throws -> HTTPRequest {
        try ModelAPIs.make(kind, baseURL: base).request(for: question, key: key, streams: streams)
    }

    private func headers(_ request: HTTPRequest) -> [String] {
        request.headers.map { "\($0.name): \($0.value)" }
    }

    private func body(_ request: HTTPRequest) -> String {
        String(decoding: request.body, as: UTF8.self)
    }

    private static let messages =
        #""messages":[{"role":"system","content":"be brief"},{"role":"user","content":"say \"hi\"\n"}]"#

    @Test func `an OpenAI-compatible server gets max_tokens and a bearer`() throws {
        let request = try sent(.openai, at: "http://127.0.0.1:8080/v1/")
        #expect(request.method == .post)
        #expect(request.url == "http://127.0.0.1:8080/v1/chat/completions")
        #expect(
            headers(request) == [
                "Content-Type: application/json", "Accept: application/json",
                "Authorization: Bearer k-1",
            ]
        )
        #expect(
            body(request) == #"{"model":"m-1",\#(Self.messages),"max_tokens":64,"stream":false}"#
        )
    }

    @Test(arguments: [
        ("https://api.openai.com/v1", true), ("https://eu.api.openai.com/v1", true),
        ("https://mine.openai.azure.com/openai/v1", true),
        ("https://api.groq.com/openai/v1", false),
        ("https://notapi.openai.com.example.org/v1", false),
    ])
    func `only OpenAI's own service gets max_completion_tokens`(_ base: String, _ isOwn: Bool)
        throws
    {
        let members = try JSONValue(parsing: sent(.openai, at: base).body)
        #expect((members["max_completion_tokens"] == 64) == isOwn)
        #expect((members["max_tokens"] == 64) == !isOwn)
    }

    @Test func `a stream asks for usage in its last chunk`() throws {
        let request = try sent(.openai, at: "http://h/v1", streams: true)
        #expect(headers(request).contains("Accept: text/event-stream"))
        let members = try JSONValue(parsing: request.body)
        #expect(members["stream"] == true)
        #expect(members["stream_options"] == ["include_usage": true])
    }

    @Test func `OpenRouter hears who asks, and is asked what it costs`() throws {
        let request = try sent(.openrouter)
        #expect(request.url == "https://openrouter.ai/api/v1/chat/completions")
        #expect(headers(request).contains("X-Title: hive"))
        #expect(headers(request).contains("HTTP-Referer: http://localhost/hive"))
        #expect(try JSONValue(parsing: request.body)["usage"] == ["include": true])
    }

    @Test func `Ollama gets its own API, with options`() throws {
        let request = try sent(.ollama, key: nil, streams: true, Wire.question(temperature: 0.5))
        #expect(request.url == "http://127.0.0.1:11434/api/chat")
        #expect(
            headers(request) == [
                "Content-Type: application/json", "Accept: application/x-ndjson",
            ]
        )
        let options = #""options":{"num_predict":64,"temperature":0.5}"#
        #expect(body(request) == #"{"model":"m-1",\#(Self.messages),"stream":true,\#(options)}"#)
    }

    @Test(arguments: [
        ("http://box:11434/", "http://box:11434/api/chat"),
        ("http://box:11434/api", "http://box:11434/api/chat"),
        ("http://box:11434/v1", "http://box:11434/v1/chat/completions"),
    ])
    func `Ollama below v1 speaks as OpenAI does`(_ base: String, _ url: String) throws {
        #expect(try sent(.ollama, at: base).url == url)
    }

    @Test(arguments: ["https://api.anthropic.com", "https://api.anthropic.com/v1/"])
    func `Anthropic gets its version, its key and the system prompt apart`(_ base: String) throws {
        let request = try sent(.anthropic, at: base, Wire.question(temperature: 1.5))
        #expect(request.url == "https://api.anthropic.com/v1/messages")
        #expect(
            headers(request).suffix(2) == ["anthropic-version: 2023-06-01", "x-api-key: k-1"]
        )
        #expect(
            body(request) == #"""
                {"model":"m-1","max_tokens":64,"system":"be brief",\#
                "messages":[{"role":"user","content":"say \"hi\"\n"}],"temperature":1.0,"stream":false}
                """#
        )
    }

    @Test(arguments: ModelAPIKind.allCases)
    func `what is not given is not sent`(_ kind: ModelAPIKind) throws {
        let question = Wire.question(system: nil, temperature: .nan)
        let request = try sent(kind, key: nil, question)
        let names = request.headers.map { $0.name.lowercased() }
        #expect(!names.contains("authorization") && !names.contains("x-api-key"))
        let text = body(request)
        #expect(!text.contains("system") && !text.contains("temperature"))
    }

    @Test(arguments: ModelAPIKind.allCases)
    func `a key cannot end its header`(_ kind: ModelAPIKind) throws {
        let request = try sent(kind, key: "k-1\r\nX-Evil: 1\n")
        let isPlain = request.headers.allSatisfy { field in
            field.value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
        }
        #expect(isPlain)
        #expect(!body(request).contains("k-1"))
    }

    @Test(arguments: [
        (ModelAPIKind.openai, "https://api.openai.com/v1/models"),
        (.openrouter, "https://openrouter.ai/api/v1/models"),
        (.ollama, "http://127.0.0.1:11434/api/tags"),
        (.anthropic, "https://api.anthropic.com/v1/models?limit=1000"),
        (.copilotAPI, "http://127.0.0.1:4141/v1/models"),
    ])
    func `the models are asked for with the key and no body`(
        _ kind: ModelAPIKind,
        _ url: String
    ) throws {
        let request = try ModelAPIs.make(kind).modelsRequest(key: "k-1")
        #expect(request.method == .get)
        #expect(request.url == url)
        #expect(request.body.isEmpty)
        #expect(request.headers.contains { $0.value.hasSuffix("k-1") })
    }
}

/// Base addresses.
struct BaseURLTests {
    @Test(arguments: [
        ("https://api.openai.com/v1", "https://api.openai.com/v1"),
        (" HTTPS://API.OpenAI.com/V1//\n", "https://api.openai.com/V1"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
        ("http://[::1]:8080/v1", "http://[::1]:8080/v1"),
        ("http://[FE80::1]/", "http://[fe80::1]"),
        ("http://my_box.local/a%20b/", "http://my_box.local/a%20b"),
    ])
    func `an address has one form`(_ given: String, _ expected: String) throws {
        #expect(try ModelAPIs.baseURL(given) == expected)
    }

    @Test(arguments: [
        ("", "is empty"), (" \n", "is empty"), ("api.openai.com/v1", "http:// or https://"),
        ("ftp://h/v1", "http:// or https://"), ("http://", "no host"), ("http:///v1", "no host"),
        ("http://..", "no host"), ("http://a*b/", "no host"), ("http://[/v1", "bracket"),
        ("http://[]/v1", "no host"), ("http://[zz]/", "no host"), ("http://h:/", "port"),
        ("http://h:0", "port"), ("http://h:65536", "port"), ("http://h:+1", "port"),
        ("http://[::1]x", "port"), ("http://u:hunter2222@h/", "password"),
        ("http://h/v1?api-key=hunter2222", "query"), ("http://h/#x", "query"),
        ("http://h/a b", "blank"), ("http://h/\u{7}", "blank"), ("http://hé/", "blank"),
        ("http://h\\x", "blank"), ("sk-hunter2222", "http:// or https://"),
        ("http://" + String(repeating: "a", count: 3_000), "longer than"),
    ])
    func `what is no address is refused in words and not repeated`(
        _ given: String,
        _ words: String
    ) throws {
        let error = try #require(throws: WorkerError.self) { try ModelAPIs.baseURL(given) }
        #expect(error.message.contains(words), "\(error)")
        #expect(!error.hint.isEmpty)
        #expect(!error.description.contains("hunter2222"))
    }

    @Test func `the default addresses are in their normal form`() throws {
        for kind in ModelAPIKind.allCases {
            #expect(try ModelAPIs.baseURL(kind.defaultBaseURL) == kind.defaultBaseURL)
            #expect(try ModelAPIs.make(kind).baseURL == kind.defaultBaseURL)
        }
    }
}
