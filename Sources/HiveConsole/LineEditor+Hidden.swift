import Glibc

/// Reading what must not be seen.
extension LineEditor {
    /// A line of which nothing is shown, remembered or completed; nil for Ctrl-C, Ctrl-D, the end.
    ///
    /// libedit has no part in it: between two of its lines the terminal does not echo, and the keys
    /// are taken from where libedit would take them. News prints above the question.
    func readHidden(_ question: Line) -> [UInt8]? {
        hiddenQuestion = question
        defer {
            hiddenQuestion = nil
            endHiddenKeys()
            write("\r\n")
        }
        write(question.text(for: Terminal(descriptor: STDOUT_FILENO)))
        var input = HiddenInput()
        while let byte = nextHiddenKey() {
            switch input.take(byte) {
            case .more: continue
            case .done: return input.bytes
            case .cancelled: return nil
            }
        }
        return nil
    }
}
