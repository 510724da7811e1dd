import Testing

@testable import HiveConsole

@Suite struct HiddenInputTests {
    private func typed(_ text: String) -> (HiddenInput, HiddenInput.Next) {
        var input = HiddenInput()
        var next = HiddenInput.Next.more
        for byte in text.utf8 {
            next = input.take(byte)
            if next != .more { break }
        }
        return (input, next)
    }

    @Test(arguments: [
        ("abc\r", "abc"), ("abc\n", "abc"), ("a b\r", "a b"), ("\r", ""),
        ("abd\u{7F}c\r", "abc"), ("ü\u{08}u\r", "u"), ("a漢\u{7F}\r", "a"), ("\u{7F}a\r", "a"),
        ("wrong\u{15}right\r", "right"), ("a\u{04}b\r", "ab"), ("a\u{1B}b\r", "ab"),
    ])
    func `what is typed is what is meant`(_ keys: String, _ meant: String) {
        let (input, next) = typed(keys)
        #expect(next == .done)
        #expect(String(decoding: input.bytes, as: UTF8.self) == meant)
    }

    @Test(arguments: ["\u{03}", "abc\u{03}", "\u{04}", "abc\u{15}\u{04}"])
    func `it can be given up`(_ keys: String) {
        #expect(typed(keys).1 == .cancelled)
    }
}
