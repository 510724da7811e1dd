import HiveSignal
package import HiveWitness

extension WitnessDesk {
    /// Where on a board a receipt is to count.
    package struct Place: Sendable, Hashable {
        package var boardID: String
        package var generation: Int64
        /// The trace's cycle as it stands; 0 where none has begun.
        package var cycle: Int64
        /// Names the trace; nil for the generation's own.
        package var traceparent: String?

        package init(boardID: String, generation: Int64, cycle: Int64, traceparent: String?) {
            self.boardID = boardID
            self.generation = generation
            self.cycle = cycle
            self.traceparent = traceparent
        }
    }

    /// The line that tells a board of a receipt, signed by this machine's witness key.
    ///
    /// - Parameters:
    ///   - signed: the receipt.
    ///   - place: where it is to count.
    ///   - message: what it says, for people.
    /// - Returns: the line, without LF.
    /// - Throws: exit code 3 where the key cannot be used.
    package func line(
        telling signed: SignedReceipt,
        at place: Place,
        message: String
    ) throws(HiveError) -> String {
        guard let receipt = ReceiptName(signed.id) else {
            throw .machine("\(signed.id) is no receipt's id", hint: "run hive witness again")
        }
        do throws(WitnessError) {
            let key = try keys.witnessKey()
            let claim = WitnessClaim(
                receipt: receipt,
                kind: signed.receipt.kind,
                isProven: signed.receipt.isProven,
                tree: signed.receipt.tree,
                boardID: place.boardID,
                generation: place.generation,
                cycle: place.cycle,
                key: key.owner.fingerprint
            )
            let line = WitnessLine(
                claim: claim,
                timestamp: SystemClock.now().rfc3339,
                message: message,
                traceparent: place.traceparent
            )
            return String(decoding: try key.sign(line), as: UTF8.self)
        } catch {
            throw HiveError(error)
        }
    }
}
