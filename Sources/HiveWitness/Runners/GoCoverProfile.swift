/// What `go test -coverprofile` writes: blocks of lines, and how often each was run.
struct GoCoverProfile {
    /// How many lines of one block, and how many in all, are worth counting.
    static let blockLinesMax = 10_000
    static let linesMax = 2_000_000

    /// By the path from the module's folder.
    private(set) var covered: [String: Set<Int>] = [:]

    /// Reads a profile.
    ///
    /// The profile names files by import path, and only the package names can tell where the
    /// module's own path ends in that. Where they leave it open, or for a profile that is none,
    /// the answer is nil.
    init?(_ bytes: [UInt8], packages: [String]) {
        guard let module = Self.module(of: packages) else { return nil }
        var lines = bytes.split(separator: 0x0A)[...]
        guard let mode = lines.popFirst(), mode.starts(with: "mode: ".utf8) else { return nil }
        var count = 0
        for line in lines {
            guard let block = Block(String(decoding: line, as: UTF8.self)) else { return nil }
            guard block.isRun else { continue }
            guard let path = Self.path(of: block.file, in: module) else { continue }
            count += block.lines.count
            guard count <= Self.linesMax else { return nil }
            covered[path, default: []].formUnion(block.lines)
        }
    }

    /// A line such as `example.org/demo/sum.go:3.24,4.12 1 1`.
    private struct Block {
        var file: String
        var lines: ClosedRange<Int>
        var isRun: Bool

        init?(_ line: String) {
            guard let colon = line.lastIndex(of: ":") else { return nil }
            let numbers = line[line.index(after: colon)...].split { " ,.".contains($0) }
                .map { Int($0) ?? -1 }
            guard numbers.count == 6, numbers.allSatisfy({ $0 >= 0 }), numbers[0] <= numbers[2],
                numbers[2] - numbers[0] < GoCoverProfile.blockLinesMax
            else { return nil }
            file = String(line[..<colon])
            lines = numbers[0]...numbers[2]
            isRun = numbers[5] > 0
        }
    }

    /// Hosts whose modules are two steps below them, but for the version.
    private static let hosts: Set<Substring> = ["github.com", "gitlab.com", "bitbucket.org"]

    /// The path that all packages share; a single package in some folder says nothing about how
    /// much of its path is above the module.
    private static func module(of packages: [String]) -> String? {
        guard let first = packages.first else { return nil }
        var common = first.split(separator: "/")
        for package in packages.dropFirst() {
            let parts = package.split(separator: "/")
            common = Array(zip(common, parts).prefix { $0 == $1 }.map(\.0))
        }
        if let host = common.first, hosts.contains(host), common.count >= 3 {
            let isVersioned =
                common.count > 3 && common[3].first == "v" && Int(common[3].dropFirst()) != nil
            return common.prefix(isVersioned ? 4 : 3).joined(separator: "/")
        }
        guard !common.isEmpty, packages.count > 1 || common.count <= 2 else { return nil }
        return common.joined(separator: "/")
    }

    private static func path(of file: String, in module: String) -> String? {
        guard file.hasPrefix(module + "/") else { return nil }
        return String(file.dropFirst(module.count + 1))
    }
}
