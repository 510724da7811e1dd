package import HiveProcess
import CCurl
import Glibc

// One thread carries every request. It sleeps in epoll_wait(2) on libcurl's sockets and an eventfd,
// for as long as the next deadline is away; with no request under way it does not wake at all.
//
//     task ─ submit ─▶ CurlMailbox ─ eventfd ─▶ CurlLoop ─ curl_multi_socket_action ─▶ sockets
//      ▲                                               │
//      └─────────── continuation, resumed once ────────┘
//
// Tasks never call libcurl and the thread never waits for a task. A request is a `CurlTransfer`:
// the task fills it in and hands it over; from then on it is the thread's, until its continuation
// is resumed. Cancelling is a note in the same mailbox: the request ends on the thread, so that a
// piece of its body cannot come after its end.
//
// libcurl keeps the deadline of the connection. The others are ours (`DeadlineHeap`), because they
// count from `send` on, and a request may wait before libcurl has it (`ConnectGate`).

/// Carries HTTP requests on libcurl, all of them on one thread of its own.
///
/// HTTP/1.1, and HTTP/2 over TLS where the server speaks it; connections are kept and shared.
/// Certificates are verified. Redirections are not followed, cookies and `.netrc` not used; proxies
/// are as the environment says (`https_proxy`, `no_proxy`), but none for this machine itself.
package final class CurlEngine: HTTPTransport, Sendable {
    /// Servers and what lies between close what is idle, many after 120 s: rather be first.
    package static let idleSecondsMax = 100

    private let mailbox: CurlMailbox

    /// Once in a process; libcurl would do it by itself, but not safely on two threads.
    private static let setUp: CURLcode = ccurl_global_init()

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - speaksHTTP2OverTCP: True: HTTP/2 with prior knowledge to `http://` addresses (h2c).
    ///   - proxy: The address of a proxy, instead of what the environment says.
    ///   - trusted: A file of certificates (PEM) to trust, instead of the system's.
    ///   - idleSecondsMax: A connection that nobody used for longer is not used again.
    /// - Throws: Where the system gives no thread, no memory or no descriptors.
    package init(
        speaksHTTP2OverTCP: Bool = false,
        proxy: String? = nil,
        trusted: String? = nil,
        idleSecondsMax: Int = idleSecondsMax
    ) throws(WorkerError) {
        guard Self.setUp == CURLE_OK else {
            throw WorkerError(
                message:
                    "libcurl cannot be set up: \(String(cString: curl_easy_strerror(Self.setUp)))",
                hint: "install libcurl4 anew"
            )
        }
        mailbox = try CurlMailbox()
        let manner = CurlHandle.Manner(
            http2OverTCP: speaksHTTP2OverTCP,
            proxy: proxy,
            trusted: trusted,
            idleSecondsMax: idleSecondsMax
        )
        try Self.start(CurlLoop(mailbox: mailbox, manner: manner))
    }

    deinit { mailbox.close() }

    package func send(
        _ request: HTTPRequest,
        onBytes: (@Sendable ([UInt8]) -> Void)?
    ) async throws(HTTPFailure) -> HTTPResponse {
        let place = try HTTPPlace(of: request.url)
        try Self.check(request.headers)
        let transfer = CurlTransfer(request, to: place, onBytes: onBytes)
        guard !Task.isCancelled else { throw .cancelled }
        let answer: CurlTransfer.Answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                transfer.continuation = continuation
                guard !mailbox.submit(transfer) else { return }
                transfer.continuation = nil
                continuation.resume(returning: .failure(.shutDown))
            }
        } onCancel: {
            mailbox.cancel(transfer)
        }
        return try answer.get()
    }

    /// Ends the thread; every request under way fails as cancelled, and each one from now on.
    ///
    /// It does not wait for the end.
    package func shutDown() { mailbox.close() }

    /// Refuses what could end a line, and so smuggle in another.
    private static func check(_ fields: [HTTPField]) throws(HTTPFailure) {
        for field in fields {
            guard HTTPText.isName(field.name) else {
                throw HTTPFailure(
                    .unusable,
                    "a header's name is empty or has a character that none may have"
                )
            }
            guard HTTPText.isValue(field.value) else {
                throw HTTPFailure(
                    .unusable,
                    "the header \(field.name) has a control character in its value; take it out"
                )
            }
        }
    }

    private static func start(_ loop: CurlLoop) throws(WorkerError) {
        let box = Unmanaged.passRetained(loop)
        var thread = pthread_t()
        let code = pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument else { return nil }
                let loop = Unmanaged<CurlLoop>.fromOpaque(argument).takeRetainedValue()
                // libcurl leaves the signal of a broken pipe to its caller (CURLOPT_NOSIGNAL).
                var blocked = sigset_t()
                sigemptyset(&blocked)
                sigaddset(&blocked, SIGPIPE)
                pthread_sigmask(SIG_BLOCK, &blocked, nil)
                loop.run()
                return nil
            },
            box.toOpaque()
        )
        guard code != 0 else {
            pthread_detach(thread)
            return
        }
        box.release()
        throw WorkerError(
            message: "cannot start a thread: \(String(cString: strerror(code)))",
            hint: "look at the limits of processes and memory (ulimit -a)"
        )
    }
}
