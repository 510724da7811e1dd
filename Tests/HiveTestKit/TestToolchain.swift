import Foundation

/// The programs that projects of other languages are tested with, where the machine has them.
package struct TestToolchain: Sendable {
    /// The folders that the programs are in, in front of the system's.
    package let path: String

    /// Node with its own test runner (18 or later).
    package static let node = found(
        "node --test --test-reporter=tap /dev/null >/dev/null 2>&1; command -v node"
    )
    /// A Python that has pytest; the interpreter itself, not a launcher that wants a home.
    package static let pytest = found("python3 -c 'import sys, pytest; print(sys.executable)'")
    /// The toolchain's cargo; rustup's launcher looks for it in the home.
    package static let cargo = found(#"echo "$(rustc --print sysroot)/bin/cargo""#)
    package static let swift = found("command -v swift")
    package static let go = found("command -v go")

    /// Asks a shell for the path of a program.
    private static func found(_ question: String) -> TestToolchain? {
        let own = ProcessInfo.processInfo.environment
        let inherited = own["PATH"] ?? "/usr/bin:/bin"
        let answer = try? Spawned.run(
            "/bin/sh",
            ["-c", question],
            in: "/",
            environment: ["PATH": inherited, "HOME": own["HOME"] ?? "/"]
        )
        guard let answer, answer.exitCode == 0, let program = answer.lines.last,
            program.hasPrefix("/"), access(program, X_OK) == 0,
            let slash = program.lastIndex(of: "/")
        else { return nil }
        return TestToolchain(path: "\(program[..<slash]):/usr/bin:/bin")
    }
}
