import HiveConsole
import HiveControl
import HiveDaemon
import HiveMCP
import HiveSignal

/// Tells an MCP session what is judged: from a daemon's log where one runs, else by looking
/// whenever the board's file changes.
struct MCPNews: Sendable {
    private let settings: Settings
    /// The last line judged before anything could be asked of the session: all after it is news.
    private let start: Int64

    /// Lines read at a time.
    private static let pageLines: Int64 = 256

    init(_ settings: Settings) {
        self.settings = settings
        start = Self.sequence(settings)
    }

    /// Begins to tell, on a thread that ends with the process.
    func follow(_ tell: @escaping @Sendable (BoardNews) -> Void) {
        // Without a thread there is no news; what is asked for is answered all the same.
        try? OwnThread.start { run(tell) }
    }

    private func run(_ tell: (BoardNews) -> Void) {
        // Watched before anything is looked at, so that nothing falls in between.
        let changes = try? BoardChanges(settings)
        var cursor = start
        while true {
            followDaemon(&cursor, tell)
            readLocally(&cursor, tell)
            guard let changes, (try? changes.wait()) != nil else { return }
        }
    }

    /// The last judged line of all; 0 where there is no board yet.
    private static func sequence(_ settings: Settings) -> Int64 {
        let client = try? CallThread.connect(settings)
        let status =
            if let client {
                try? client.call(Method.status)
            } else {
                try? LocalHive.call(Method.status, [:], settings: settings)
            }
        return status?["sequence"]?.integerValue ?? 0
    }

    /// Tells what a daemon judges, until it goes; returns at once where none runs.
    private func followDaemon(_ cursor: inout Int64, _ tell: (BoardNews) -> Void) {
        guard let client = try? CallThread.connect(settings) else { return }
        tell(.daemon(isThere: true))
        var last = cursor
        // How it ended does not matter: it is over.
        try? client.follow(Method.logFollow, ["after": .integer(last)]) { notification in
            switch notification.method {
            case Method.log:
                last = max(last, notification.params["sequence"]?.integerValue ?? last)
                tell(.judged(notification.params))
            case Method.flipped: tell(.flipped(notification.params))
            case Method.refused: tell(.refused)
            default: break
            }
        }
        cursor = last
        tell(.daemon(isThere: false))
    }

    /// Tells what is new on the board by judging it here; a board that cannot be read tells
    /// nothing.
    private func readLocally(_ cursor: inout Int64, _ tell: (BoardNews) -> Void) {
        while true {
            let params: JSONValue = [
                "after": .integer(cursor), "limit": .integer(Self.pageLines),
            ]
            let page = try? LocalHive.call(Method.logRead, params, settings: settings)
            let lines = page?["lines"]?.arrayValue ?? []
            for line in lines { tell(.judged(line)) }
            guard let last = lines.last?["sequence"]?.integerValue, last > cursor else { return }
            cursor = last
        }
    }
}
