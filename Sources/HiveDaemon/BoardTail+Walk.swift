import HiveBlackboard
import HiveSignal

extension BoardTail {
    /// Hands out every whole line that is there now, for those who only look.
    ///
    /// - `body`: false ends the walk.
    func walk(
        _ board: BoardFile,
        _ body: (FramedLine, UnsafeRawBufferPointer?) throws(BoardError) -> Bool
    ) throws(BoardError) {
        var goesOn = true
        while goesOn {
            let progress = try next(
                from: board,
                now: .now,
                linesMax: Engine.linesPerBatchMax,
                bytesMax: Engine.bytesPerBatchMax
            ) { frame, bytes throws(BoardError) in
                if goesOn { goesOn = try body(frame, bytes) }
            }
            if progress != .more { return }
        }
    }
}
