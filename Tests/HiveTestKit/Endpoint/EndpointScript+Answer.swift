import HiveSignal

// From a request to its answer: the route finds the API, the API writes what its real server
// would, and the fault, where there is one, spoils it.

extension EndpointScript {
    /// The whole answer to a request, its faults in it.
    func answer(to request: EndpointRequest) -> EndpointAnswer {
        let fault = chosenFault(for: request)
        var answer = fault.map { spoiled(by: $0, request) } ?? goodAnswer(to: request)
        answer.faultName = fault?.name
        if request.acceptsGzip { answer.compress() }
        return answer
    }

    private func goodAnswer(to request: EndpointRequest) -> EndpointAnswer {
        guard let route = EndpointRoute(path: request.path) else {
            return errorAnswer(404, "there is no \(request.path) here", request)
        }
        guard request.method == route.method else {
            return errorAnswer(405, "\(request.path) takes \(route.method)", request)
        }
        guard keys.isEmpty || request.key.map(keys.contains) == true else {
            return errorAnswer(401, "the key is not one that this server knows", request)
        }
        let completion = Completion(text: reply(request), of: request)
        var answer: EndpointAnswer
        if request.method == "POST" {
            if let fault = route.complaint(about: request) {
                return errorAnswer(400, fault, request)
            }
            answer = route.answer(completion, request, self)
        } else {
            answer = route.models(models, request)
        }
        if answer.isStream, pieceMilliseconds > 0 {
            answer.pace = .pieces(milliseconds: pieceMilliseconds)
        }
        return answer
    }

    /// An error as the API that was asked tells it.
    func errorAnswer(
        _ status: Int,
        _ message: String,
        _ request: EndpointRequest
    ) -> EndpointAnswer {
        let api = EndpointRoute.api(of: request.path, request.headers)
        return EndpointAnswer(
            status: status,
            contentType: "application/json",
            body: BytePieces(api.error(status, message).text)
        )
    }

    private func spoiled(by fault: Fault, _ request: EndpointRequest) -> EndpointAnswer {
        switch fault {
        case .cut, .slowLoris, .malformedSSE, .hugeBody:
            return spoiledBody(of: goodAnswer(to: request), fault)
        case .reset: return EndpointAnswer(.reset)
        case .hang: return EndpointAnswer(.silent)
        case .closeBeforeAnswer: return EndpointAnswer(.closed)
        case .noHeadersEnd: return EndpointAnswer(.endlessHeaders)
        case .status(let status, let retryAfter, let body):
            var answer = errorAnswer(status, "scripted: \(status)", request)
            if let body { answer.body = BytePieces(body) }
            if let retryAfter { answer.headers.append(("retry-after", "\(retryAfter)")) }
            return answer
        case .redirect(let address):
            var answer = EndpointAnswer(status: 307, contentType: "text/plain", body: BytePieces())
            answer.headers.append(("location", address))
            return answer
        case .wrongContentType:
            let page = "<!DOCTYPE html><html><body><h1>A page for people</h1></body></html>"
            return EndpointAnswer(contentType: "text/html", body: BytePieces(page))
        case .notJSON:
            return EndpointAnswer(
                contentType: "application/json",
                body: BytePieces("{\"choices\": this is not JSON")
            )
        case .gzipBomb(let bytes):
            var answer = EndpointAnswer(contentType: "application/json", body: BytePieces())
            answer.body = Gzip.bomb(of: bytes)
            answer.headers.append(("content-encoding", "gzip"))
            return answer
        case .echoKeys:
            let sent = [request.headers["authorization"], request.headers["x-api-key"]]
            var echoing = self
            echoing.reply = { _ in sent.compactMap { $0 }.joined(separator: " ") }
            var answer = echoing.goodAnswer(to: request)
            answer.headers.append(("x-echo", sent.compactMap { $0 }.joined(separator: " ")))
            return answer
        }
    }

    private func spoiledBody(of good: EndpointAnswer, _ fault: Fault) -> EndpointAnswer {
        var answer = good
        switch fault {
        case .cut(let bytes):
            answer.ending = .cut(afterBytes: bytes)
        case .slowLoris:
            answer.pace = .bytes(milliseconds: slowLorisMilliseconds)
        case .hugeBody(let bytes):
            answer.body.append(.run([UInt8(ascii: " ")], count: max(0, bytes - answer.body.count)))
        case .malformedSSE:
            let broken = Array("data: {\"choices\":[{\"delta\":{\"content\":\n\nda".utf8)
            let kept = answer.body.pieces.prefix(answer.body.pieces.count / 2)
            answer.body = BytePieces()
            for piece in kept { answer.body.append(piece) }
            answer.body.append(.bytes(broken))
        default: break
        }
        return answer
    }
}

extension Fault {
    /// A word for it, as the program's `--share` takes it.
    package var name: String {
        switch self {
        case .status(let status, _, _): "\(status)"
        case .cut: "cut"
        case .reset: "reset"
        case .hang: "hang"
        case .slowLoris: "slowLoris"
        case .malformedSSE: "malformedSSE"
        case .wrongContentType: "wrongContentType"
        case .notJSON: "notJSON"
        case .hugeBody: "hugeBody"
        case .gzipBomb: "gzipBomb"
        case .echoKeys: "echoKeys"
        case .noHeadersEnd: "noHeadersEnd"
        case .redirect: "redirect"
        case .closeBeforeAnswer: "closeBeforeAnswer"
        }
    }
}
