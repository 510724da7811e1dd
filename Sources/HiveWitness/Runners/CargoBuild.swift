import HiveSignal

/// What cargo says of a build with `--message-format=json`: one message a line, before any test
/// runs.
struct CargoBuild {
    /// A test program that cargo built and will run.
    struct Program {
        var package: String
        /// One of `order`.
        var kind: String
        var target: String
        var executable: String

        /// What goes in front of its tests' names.
        var label: String { "\(package)/\(kind == "lib" ? kind : "\(kind):\(target)")" }
    }

    /// In the order in which cargo runs them: by package, kind and name.
    private(set) var programs: [Program] = []
    /// True where the build ended and all went well.
    private(set) var isFinished = false
    /// Where the tests' own output begins.
    private(set) var end: Int

    init(_ output: [UInt8]) {
        end = output.startIndex
        for line in output.split(separator: 0x0A, omittingEmptySubsequences: true) {
            // Build scripts and macros cannot write here: cargo keeps what they print.
            guard let message = try? JSONValue(parsing: Array(line)) else { return }
            switch message["reason"]?.stringValue {
            case "compiler-artifact": take(message)
            case "build-finished":
                isFinished = message["success"]?.boolValue == true
                end = line.endIndex
                sort()
                return
            default: break
            }
        }
    }

    private mutating func take(_ message: JSONValue) {
        guard message["profile"]?["test"]?.boolValue == true,
            let executable = message["executable"]?.stringValue,
            let target = message["target"], let name = target["name"]?.stringValue,
            let kind = target["kind"]?.arrayValue?.first?.stringValue
        else { return }
        programs.append(
            Program(
                package: Self.package(of: message["package_id"]?.stringValue ?? ""),
                kind: Self.order.contains(kind) ? kind : "lib",
                target: name,
                executable: executable
            )
        )
    }

    /// Every other kind is a sort of library.
    private static let order = ["lib", "bin", "test", "bench", "example"]

    private mutating func sort() {
        programs.sort { one, other in
            let kinds = [one, other].map { Self.order.firstIndex(of: $0.kind) ?? 0 }
            return (one.package, kinds[0], one.target) < (other.package, kinds[1], other.target)
        }
    }

    /// The name in `path+file:///a/demo#0.1.0`, `…#demo@0.1.0` or, before Rust 1.77,
    /// `demo 0.1.0 (path+file:///a/demo)`.
    private static func package(of id: String) -> String {
        guard let hash = id.lastIndex(of: "#") else {
            return String(id.prefix { $0 != " " })
        }
        let version = id[id.index(after: hash)...]
        guard let at = version.firstIndex(of: "@") else {
            return String(String(id[..<hash]).lastPathPart)
        }
        return String(version[..<at])
    }
}
