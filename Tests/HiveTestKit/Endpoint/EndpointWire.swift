/// A version of HTTP on one connection: bytes in, requests out; answers in, bytes out.
///
/// It has no I/O and no clock: those are the loop's.
protocol EndpointWire {
    var isHTTP2: Bool { get }
    /// False: read no more for now.
    var wantsInput: Bool { get }
    /// How the connection is to end; nil: it stays open.
    var end: WireEnd? { get }

    mutating func receive(_ bytes: UnsafeRawBufferPointer)
    /// The next request that is whole.
    mutating func nextRequest() -> (exchange: UInt32, message: EndpointMessage)?
    mutating func answer(_ exchange: UInt32, _ answer: EndpointAnswer)
    /// Adds what may go out, until `output` has `limit` bytes or a little more.
    mutating func fill(_ output: inout [UInt8], upTo limit: Int)
    /// The pause of an answer that goes out slowly is over.
    mutating func resume(_ exchange: UInt32)
    /// What has happened since the last call.
    mutating func takeNews() -> [WireNews]
}

enum WireEnd {
    /// When what waits has gone out.
    case afterOutput
    /// At once, with RST.
    case reset
}

enum WireNews: Equatable {
    /// The last byte of an answer is on its way; false: the answer was not whole.
    case answered(UInt32, isWhole: Bool)
    /// The client wants the answer no more.
    case abandoned(UInt32)
    /// `resume` is due after so long.
    case paused(UInt32, milliseconds: Int)
}
