import Testing

@testable import HiveSignal

@Suite struct PathGlobTests {
    @Test(arguments: [
        ("*.lock", "Cargo.lock"), ("*.lock", "a/b/Cargo.lock"),
        ("Package.resolved", "Package.resolved"), ("Package.resolved", "tools/Package.resolved"),
        ("/go.sum", "go.sum"), ("tests/*.py", "tests/test_a.py"),
        ("tests/**", "tests/a"), ("tests/**", "tests/a/b/c"), ("**", "a"), ("**", "a/b"),
        ("**/conftest.py", "conftest.py"), ("**/conftest.py", "a/b/conftest.py"),
        ("a/**/z", "a/z"), ("a/**/z", "a/b/c/z"), ("**/a/**/b/**", "x/a/y/z/b/c"),
        ("tests/", "tests/a/b"), ("tests/", "x/tests/a"), ("/tests/", "tests/a"),
        ("?.txt", "a.txt"), ("[a-c]?.t[!x]", "bz.ty"), ("[]]", "]"), ("[a-]", "-"),
        ("a[b", "a[b"), (#"\*"#, "*"), (#"a\[b"#, "a[b"), ("a**b", "axyb"),
        ("*", "x/y"), ("a/*/c", "a/b/c"), ("***", "abc"), ("[^a]", "b"), (#"[\]]"#, "]"),
        ("*a*b*c*", "xxaxxbxxcxx"), ("__tests__/", "src/__tests__/a.js"),
    ])
    func `a pattern takes the paths that it stands for`(_ pattern: String, _ path: String) {
        #expect(PathGlob(pattern).matches(path))
    }

    @Test(arguments: [
        ("*.lock", "Cargo.lock/x"), ("/go.sum", "a/go.sum"), ("tests/*.py", "a/tests/test_a.py"),
        ("tests/*.py", "tests/a/test_a.py"), ("tests/**", "tests"), ("tests/", "tests"),
        ("tests/**", "mytests/a"), ("/tests/", "x/tests/a"), ("**/a.py", "xa.py"),
        ("a/**/z", "a/bz"), ("a/**/z", "az"), ("?", "/"), ("a?c", "a/c"), ("a[!b]c", "a/c"),
        ("a[/]c", "a/c"), ("[z-a]", "m"), ("", ""), ("", "a"), ("a", ""), ("/", "a"), ("[", "a"),
        ("a/*/c", "a/c"), ("a/*/c", "a/b/b/c"), ("a**b", "a/b"), (#"\*"#, "a"), ("a\\", "a"),
    ])
    func `a pattern leaves the others`(_ pattern: String, _ path: String) {
        #expect(!PathGlob(pattern).matches(path))
    }

    @Test func `bytes that are no text are matched as they are`() {
        #expect(PathGlob("*.bin").matches([0xFF, 0xFE] + Array(".bin".utf8)))
        #expect(PathGlob("a\n*").matches(Array("a\nb".utf8)))
    }

    @Test func `what is longer than the bounds matches nothing`() {
        let long = String(repeating: "a", count: PathGlob.patternBytesMax)
        #expect(PathGlob(long).matches(long))
        #expect(!PathGlob(long + "a").matches(long + "a"))
        #expect(!PathGlob("*").matches([UInt8](repeating: 97, count: PathGlob.pathBytesMax + 1)))
    }

    /// What a backtracking matcher would need longer than the universe for.
    @Test func `no pattern is a trap`() {
        let pattern = String(repeating: "**/*a*", count: 100)
        let path = [UInt8](repeating: UInt8(ascii: "a"), count: PathGlob.pathBytesMax)
        #expect(!PathGlob(pattern + "/b").matches(path))
        #expect(PathGlob(String(repeating: "*a", count: 200)).matches(path))
    }

    @Test func `random patterns agree with a plain matcher`() {
        let seed = UInt64.random(in: 0...UInt64(UInt32.max))
        var random = SeededGenerator(seed: seed)
        let letters = Array("ab/*?".utf8)
        for _ in 0..<20_000 {
            let pattern = (0..<Int.random(in: 1...7, using: &random)).map { _ in
                letters.randomElement(using: &random) ?? 97
            }
            let path = (0..<Int.random(in: 1...7, using: &random)).map { _ in
                letters.prefix(3).randomElement(using: &random) ?? 97
            }
            let text = String(decoding: pattern, as: UTF8.self)
            // What follows from the rules with `/` at either end is tested above.
            guard pattern.first != 47, pattern.last != 47, pattern.contains(47),
                path.first != 47, path.last != 47, !text.contains("**"), !text.contains("//")
            else { continue }
            let expected = Self.plain(pattern[...], path[...])
            #expect(
                PathGlob(text).matches(path) == expected,
                "\(text) on \(String(decoding: path, as: UTF8.self)), seed \(seed)"
            )
        }
    }

    private static func plain(_ pattern: ArraySlice<UInt8>, _ path: ArraySlice<UInt8>) -> Bool {
        guard let first = pattern.first else { return path.isEmpty }
        switch first {
        case UInt8(ascii: "*"):
            if plain(pattern.dropFirst(), path) { return true }
            guard let next = path.first, next != 47 else { return false }
            return plain(pattern, path.dropFirst())
        case UInt8(ascii: "?"):
            guard let next = path.first, next != 47 else { return false }
            return plain(pattern.dropFirst(), path.dropFirst())
        default: return path.first == first && plain(pattern.dropFirst(), path.dropFirst())
        }
    }
}
