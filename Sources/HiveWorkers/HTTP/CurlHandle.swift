import CCurl

/// An easy handle of libcurl, used for one request after the other.
///
/// Owned by the engine's thread.
final class CurlHandle {
    /// How the engine speaks, the same for every request.
    struct Manner: Sendable {
        /// HTTP/2 with prior knowledge to `http://` addresses.
        var http2OverTCP = false
        /// Instead of what the environment says; nil: as the environment says.
        var proxy: String?
        /// A file of certificates in PEM to trust, instead of the system's; nil: the system's.
        var trusted: String?
        /// A connection that nobody used for longer is not used again.
        var idleSecondsMax = CurlEngine.idleSecondsMax

        /// True: requests in plain text share connections.
        var sharesPlainConnections: Bool { http2OverTCP && ccurl_shares_plain_http2() != 0 }
    }

    /// How long libcurl remembers the addresses of a name.
    static let nameCacheSeconds = 60
    /// What is read at once; each request under way has a buffer of this size.
    static let readBufferBytes = 16_384
    /// libcurl's least.
    static let sendBufferBytes = 16_384

    let easy: UnsafeMutableRawPointer
    private let errorBuffer: UnsafeMutablePointer<CChar>
    private var headers: UnsafeMutablePointer<curl_slist>?

    /// Nil where there is no memory for one.
    init?() {
        guard let easy = curl_easy_init() else { return nil }
        self.easy = easy
        errorBuffer = .allocate(capacity: Int(CURL_ERROR_SIZE))
    }

    deinit {
        curl_easy_cleanup(easy)
        curl_slist_free_all(headers)
        errorBuffer.deallocate()
    }

    /// What libcurl says of the failure, in its own words; empty where it says nothing.
    ///
    /// Only of a failing connection: later it may quote the server.
    var complaint: String { String(cString: errorBuffer) }

    /// The system's code of the last failed call; 0: none.
    var systemErrorCode: Int32 { Int32(truncatingIfNeeded: number(CURLINFO_OS_ERRNO)) }

    /// The answer's status.
    var status: Int { number(CURLINFO_RESPONSE_CODE) }

    /// Makes the handle ready for a request.
    ///
    /// - Returns: False where libcurl does not take it.
    func prepare(_ transfer: CurlTransfer, _ request: HTTPRequest, _ manner: Manner) -> Bool {
        errorBuffer.pointee = 0
        setUsual(manner)
        setVersion(for: transfer.place, manner)
        setProxy(for: transfer.place, manner)
        let connect = min(max(request.limits.connectMilliseconds, 1), CurlTransfer.millisecondsMax)
        set(CURLOPT_CONNECTTIMEOUT_MS, connect)
        let context = Unmanaged.passUnretained(transfer).toOpaque()
        ccurl_set_callbacks(
            easy,
            context,
            CurlCallbacks.head,
            CurlCallbacks.body,
            CurlCallbacks.beforeRequest,
            CurlCallbacks.openSocket
        )
        guard ccurl_set_text(easy, CURLOPT_URL, request.url) == CURLE_OK,
            makeHeaders(request), ccurl_set_headers(easy, headers) == CURLE_OK
        else { return false }
        guard request.method == .post else { return true }
        set(CURLOPT_POST, 1)
        return request.body.withUnsafeBytes { body in
            // An empty array may have no address, and libcurl would then read the body from stdin.
            let start = body.baseAddress ?? UnsafeRawPointer(errorBuffer)
            return ccurl_set_body(easy, start, curl_off_t(body.count)) == CURLE_OK
        }
    }

    /// Forgets the request; connections and names are the multi handle's, and stay.
    func clear() {
        curl_easy_reset(easy)
        curl_slist_free_all(headers)
        headers = nil
    }

    private func setUsual(_ manner: Manner) {
        set(CURLOPT_NOSIGNAL, 1)
        // A look-up that nobody waits for any more is left to end by itself.
        set(CURLOPT_QUICK_EXIT, 1)
        set(CURLOPT_MAXAGE_CONN, manner.idleSecondsMax)
        set(CURLOPT_DNS_CACHE_TIMEOUT, Self.nameCacheSeconds)
        set(CURLOPT_BUFFERSIZE, Self.readBufferBytes)
        set(CURLOPT_UPLOAD_BUFFERSIZE, Self.sendBufferBytes)
        set(CURLOPT_TCP_NODELAY, 1)
        set(CURLOPT_TCP_KEEPALIVE, 1)
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        ccurl_set_text(easy, CURLOPT_PROTOCOLS_STR, "http,https")
        ccurl_set_text(easy, CURLOPT_USERAGENT, "hive")
        // Every encoding that libcurl can take back.
        ccurl_set_text(easy, CURLOPT_ACCEPT_ENCODING, "")
        ccurl_set_error_buffer(easy, errorBuffer)
        if let trusted = manner.trusted { ccurl_set_text(easy, CURLOPT_CAINFO, trusted) }
    }

    private func setVersion(for place: HTTPPlace, _ manner: Manner) {
        if place.isSecure {
            set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        } else if manner.http2OverTCP {
            set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE))
            guard manner.sharesPlainConnections else {
                set(CURLOPT_FRESH_CONNECT, 1)
                return set(CURLOPT_FORBID_REUSE, 1)
            }
        } else {
            return set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        }
        // Rather a stream on a connection that is being made than a connection of its own.
        set(CURLOPT_PIPEWAIT, 1)
    }

    private func setProxy(for place: HTTPPlace, _ manner: Manner) {
        if let proxy = manner.proxy { ccurl_set_text(easy, CURLOPT_PROXY, proxy) }
        if place.isLoopback { ccurl_set_text(easy, CURLOPT_NOPROXY, "*") }
    }

    /// Builds the header lines; false where there is no memory.
    private func makeHeaders(_ request: HTTPRequest) -> Bool {
        // Not to wait for "100 Continue", which model servers do not say.
        guard addHeader("Expect:") else { return false }
        var namesType = false
        for field in request.headers {
            namesType = namesType || field.name.lowercased() == "content-type"
            // libcurl's way to say that a header is there and empty.
            let line = field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)"
            guard addHeader(line) else { return false }
        }
        // libcurl would call any body a form.
        return namesType || addHeader("Content-Type:")
    }

    private func addHeader(_ line: String) -> Bool {
        guard let longer = curl_slist_append(headers, line) else { return false }
        headers = longer
        return true
    }

    private func set(_ option: CURLoption, _ value: Int) {
        ccurl_set_long(easy, option, value)
    }

    private func number(_ info: CURLINFO) -> Int { ccurl_get_long(easy, info) }
}
