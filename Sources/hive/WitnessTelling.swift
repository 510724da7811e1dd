import Glibc
import HiveConsole
import HiveControl
import HiveDaemon
import HiveSignal
import HiveWitness

/// Tells the board of a receipt: a metric of port 4 that carries its own proof.
///
/// The receipt stands without it, so that what hinders it is told and is no failure.
struct WitnessTelling {
    let desk: WitnessDesk
    let settings: Settings
    /// Names the trace; nil for the generation's own.
    let traceparent: String?

    /// What became of the line; nil where there is no board, or it could not be told.
    func tell(_ signed: SignedReceipt) -> JSONValue? {
        guard access(settings.board, F_OK) == 0 else {
            EmitAnswer.advise("no board is at \(settings.board): it is told on none")
            return nil
        }
        do throws(CommandError) {
            let connection = try Connection(settings: settings)
            let place = try place(on: connection)
            let line = try line(signed, at: place)
            let result = try connection.list(
                Method.emit,
                ["lines": [.string(line)]],
                "results"
            ).first
            if signed.receipt.isProven, let result { advise(about: result, place) }
            return result
        } catch {
            let told = CommandError(
                exitCode: 3,
                "the receipt is kept, but the board was not told: \(error.message)",
                hint: error.hint
            )
            told.report()
            return nil
        }
    }

    private func line(
        _ signed: SignedReceipt,
        at place: WitnessDesk.Place
    ) throws(CommandError) -> String {
        do throws(HiveError) {
            let message = Rendering.receiptSummary(signed.json)
            return try desk.line(telling: signed, at: place, message: message)
        } catch {
            throw CommandError(error)
        }
    }

    private func place(on connection: Connection) throws(CommandError) -> WitnessDesk.Place {
        let basis = try connection.call(Method.overrideBasis)
        guard let boardID = basis.text("boardId"), let generation = basis.integer("gen") else {
            throw CommandError(
                exitCode: 3,
                "the answer to `\(Method.overrideBasis)` names no board",
                hint: "is the daemon another version? see hive status"
            )
        }
        let own = traceparent.flatMap { Traceparent($0) }?.trace.hex
        return WitnessDesk.Place(
            boardID: boardID,
            generation: generation,
            cycle: try cycle(of: own ?? basis.text("traceId") ?? "", connection),
            traceparent: traceparent
        )
    }

    /// The cycle that the trace stands in; 0 where none has begun.
    private func cycle(
        of trace: String,
        _ connection: Connection
    ) throws(CommandError) -> Int64 {
        do throws(CommandError) {
            let moves = try connection.call(Method.moves, ["trace": .string(trace), "to": "H"])
            return moves["trace"]?["cycle"]?.integerValue ?? 0
        } catch {
            // A trace in which nobody has spoken is unknown.
            guard error.exitCode == CommandError.usageExitCode else { throw error }
            return 0
        }
    }

    /// Says why a receipt that proves something counts for nothing on the board.
    private func advise(about result: JSONValue, _ place: WitnessDesk.Place) {
        guard result.isAccepted else { return EmitAnswer.advise(about: result) }
        if place.cycle == 0 {
            EmitAnswer.advise("no cycle has begun in the trace: say H first, then witness again")
        } else if result.strings("warnings").contains("BAD_EVIDENCE") {
            EmitAnswer.advise(
                "the board counts no receipt of this machine: hive override approve-rules"
            )
        }
    }
}

extension CommandError {
    fileprivate static let usageExitCode: Int32 = 2
}
