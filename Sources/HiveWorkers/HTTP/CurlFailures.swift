import HiveProcess
import CCurl
import Glibc

// What libcurl says of a failure, in words that name the host and the reason. Nothing that the
// server sent and nothing of the address but host and port gets into a message.

extension CurlTransfer {
    /// Why the request has no whole answer.
    ///
    /// - Parameters:
    ///   - code: How libcurl ended it.
    ///   - handle: What it ran on, not yet cleared.
    /// - Returns: The kind, and a message.
    func failure(_ code: CURLcode, on handle: CurlHandle) -> HTTPFailure {
        if let givenUp { return givenUp }
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST:
            return HTTPFailure(.noConnection, "\(place.name): no such host")
        case CURLE_COULDNT_RESOLVE_PROXY:
            return HTTPFailure(.noConnection, "the proxy for \(place.name): no such host")
        case CURLE_COULDNT_CONNECT, CURLE_INTERFACE_FAILED:
            return noConnection(because: Self.words(ofSystemError: handle.systemErrorCode))
        case CURLE_PROXY:
            return noConnection(because: "the proxy refuses")
        case CURLE_OPERATION_TIMEDOUT:
            return failure(at: .connect)
        case _ where Self.codesOfTLS.contains(code.rawValue):
            return noConnection(because: Self.words(ofTLS: handle.complaint, code))
        case CURLE_ABORTED_BY_CALLBACK:
            return HTTPFailure(.broken, "\(place.name): the kept connection broke before an answer")
        case CURLE_OUT_OF_MEMORY where !head.isWhole && sendings > 0:
            // How libcurl says that one line of the head outgrows its own bound.
            return HTTPFailure(.tooLarge, "\(place.name): the answer's headers are too long")
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_FUNCTION_ARGUMENT:
            return HTTPFailure(.broken, "\(place.name): what came is no HTTP answer")
        case CURLE_BAD_CONTENT_ENCODING:
            return HTTPFailure(.broken, "\(place.name): the answer is not compressed as it says")
        case _ where sendings == 0:
            return noConnection(because: Self.words(ofSystemError: handle.systemErrorCode, code))
        case _ where !hasBegun:
            return HTTPFailure(.broken, "\(place.name): the connection broke before an answer")
        case _ where !head.isWhole:
            return HTTPFailure(.broken, "\(place.name): the answer broke off in its headers")
        default:
            return HTTPFailure(
                .broken,
                "\(place.name): the answer broke off after \(bodyBytes) bytes"
            )
        }
    }

    /// What a deadline that passed means.
    ///
    /// Whichever it is, where the connection never stood nothing was sent: that is no time-out of
    /// the question, which may have been paid for, but a host that cannot be reached.
    func failure(at deadline: Deadline) -> HTTPFailure {
        let milliseconds =
            switch deadline {
            case .connect: limits.connectMilliseconds
            case .firstByte: limits.firstByteMilliseconds ?? limits.totalMilliseconds
            case .total: limits.totalMilliseconds
            }
        let within = "within \(Self.words(ofMilliseconds: milliseconds))"
        guard sendings > 0 else {
            return HTTPFailure(.noConnection, "\(place.nameAndPort): no connection \(within)")
        }
        let missing =
            switch deadline {
            case .connect, .firstByte: "no first byte"
            case .total: "no whole answer"
            }
        return HTTPFailure(.timedOut, "\(place.name): \(missing) \(within)")
    }

    private func noConnection(because reason: String) -> HTTPFailure {
        HTTPFailure(.noConnection, "cannot connect to \(place.nameAndPort): \(reason)")
    }

    private static let codesOfTLS: Set<UInt32> = Set(
        [
            CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ENGINE_NOTFOUND,
            CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_USE_SSL_FAILED, CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_CRL_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_PINNEDPUBKEYNOTMATCH,
            CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT,
        ].map(\.rawValue)
    )

    private static func words(ofTLS complaint: String, _ code: CURLcode) -> String {
        let reason = complaint.isEmpty ? String(cString: curl_easy_strerror(code)) : complaint
        return PlainText.cut(PlainText.oneLine(reason), toBytes: PlainText.lineBytesMax)
    }

    private static func words(
        ofSystemError number: Int32,
        _ code: CURLcode = CURLE_COULDNT_CONNECT
    ) -> String {
        number == 0
            ? String(cString: curl_easy_strerror(code)) : String(cString: strerror(number))
    }

    /// `2 s`, `250 ms`.
    private static func words(ofMilliseconds milliseconds: Int) -> String {
        milliseconds % 1_000 == 0 && milliseconds > 0
            ? "\(milliseconds / 1_000) s" : "\(milliseconds) ms"
    }
}

extension HTTPFailure {
    /// libcurl did not take the request, which was looked at before: it has no memory.
    static func unmade(_ place: HTTPPlace) -> HTTPFailure {
        HTTPFailure(.unusable, "\(place.name): the request cannot be made: out of memory")
    }

    static let cancelled = HTTPFailure(.cancelled, "the request was cancelled")
    static let shutDown = HTTPFailure(.cancelled, "the request was given up: hive is going down")
}
