import CCurl
import Glibc

/// What libcurl calls, always on the engine's thread.
///
/// None of them calls libcurl back to add or remove a request, which it forbids: they leave notes
/// that the loop reads when libcurl has returned.
enum CurlCallbacks {
    /// A line of the head.
    static let head: curl_write_callback = { bytes, size, count, context in
        guard let transfer = transfer(context), let bytes else { return failed }
        let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
        begin(transfer)
        return transfer.takeHead(line) ? line.count : failed
    }

    /// A piece of the body, decoded.
    static let body: curl_write_callback = { bytes, size, count, context in
        guard let transfer = transfer(context), let bytes else { return failed }
        let piece = UnsafeRawBufferPointer(start: bytes, count: size * count)
        begin(transfer)
        let isTaken = transfer.takeBody(piece) { transfer.handle?.status ?? 0 }
        return isTaken ? piece.count : failed
    }

    /// A connection stands, new or kept, and the request is about to be sent.
    static let beforeRequest: curl_prereq_callback = { context, _, _, _, _ in
        guard let transfer = transfer(context) else { return CURL_PREREQFUNC_ABORT }
        transfer.loop?.isConnected(transfer)
        transfer.sendings += 1
        // libcurl would send a request again where a connection that was kept breaks before the
        // answer; whether the server has acted on it nobody knows, and it may cost money.
        return transfer.sendings == 1 ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
    }

    /// An address is known, and a socket is wanted for it.
    static let openSocket: curl_opensocket_callback = { context, _, address in
        guard let address else { return CURL_SOCKET_BAD }
        if let transfer = transfer(context) { transfer.loop?.hasAddress(transfer) }
        // Programs that workers start must not inherit it.
        let type = address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue)
        return socket(address.pointee.family, type, address.pointee.protocol)
    }

    /// A socket to watch, or to watch no longer.
    static let watchSocket: curl_socket_callback = { _, socket, interest, context, known in
        loop(context)?.watch(socket, interest, isKnown: known != nil)
        return 0
    }

    /// When libcurl wants to be called at the latest; negative: never.
    static let setTimer: curl_multi_timer_callback = { _, milliseconds, context in
        loop(context)?.setTimer(milliseconds)
        return 0
    }

    /// What a write callback returns to end the request.
    private static let failed = Int(CURL_WRITEFUNC_ERROR)

    private static func begin(_ transfer: CurlTransfer) {
        guard !transfer.hasBegun else { return }
        transfer.hasBegun = true
        transfer.loop?.hasBegun(transfer)
    }

    private static func transfer(_ context: UnsafeMutableRawPointer?) -> CurlTransfer? {
        context.map { Unmanaged<CurlTransfer>.fromOpaque($0).takeUnretainedValue() }
    }

    private static func loop(_ context: UnsafeMutableRawPointer?) -> CurlLoop? {
        context.map { Unmanaged<CurlLoop>.fromOpaque($0).takeUnretainedValue() }
    }
}
