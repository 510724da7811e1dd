import Glibc
import HiveProcess

/// The hook that was there before hive's, which goes on running.
package enum EarlierHook {
    private static let headBytesMax = 256
    private static let shells: Set<String> = ["sh", "bash", "dash", "ash", "ksh", "zsh"]

    /// Runs it, as git would.
    ///
    /// A script of a shell's is read by that shell under the name that git knows it by: some, such
    /// as husky's, look at the name to tell what they are.
    ///
    /// - Parameters:
    ///   - script: the path of hive's own script, as git called it.
    ///   - arguments: what git gives to the hook.
    ///   - input: what git tells it on standard input; nil: it may read what there is.
    /// - Returns: its exit code; 0 where there is none.
    /// - Throws: exit code 3 where it cannot be started.
    package static func run(
        of script: String,
        _ arguments: [String],
        input: [UInt8]?
    ) async throws(HiveError) -> Int32 {
        let relative = script + HookScript.beforeSuffix
        guard access(relative, X_OK) == 0, let path = resolvedPath(relative) else { return 0 }
        do {
            guard let shell = shell(of: path) else {
                return try await PassThrough.run(path, arguments, input: input)
            }
            let command = ". \(ShellWord.quoted(path))"
            return try await PassThrough.run(
                shell.program,
                shell.options + ["-c", command, script] + arguments,
                input: input
            )
        } catch {
            throw .machine(error.message, hint: error.hint)
        }
    }

    private static func resolvedPath(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }

    /// The shell that a script names on its first line; nil: it names none.
    private static func shell(of path: String) -> (program: String, options: [String])? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var head = [UInt8](repeating: 0, count: headBytesMax)
        let count = read(descriptor, &head, head.count)
        guard count > 2, head[0] == UInt8(ascii: "#"), head[1] == UInt8(ascii: "!") else {
            return nil
        }
        let line = String(
            decoding: head[2..<count].prefix { $0 != UInt8(ascii: "\n") },
            as: UTF8.self
        )
        var words = line.split(whereSeparator: \.isWhitespace).map(String.init)
        guard let program = words.first else { return nil }
        words.removeFirst()
        let name = program.split(separator: "/").last.map(String.init) ?? program
        if name == "env", words.count == 1, shells.contains(words[0]) {
            return ("/usr/bin/env", words)
        }
        return shells.contains(name) ? (program, words) : nil
    }
}
