import HiveConsole
import HiveControl
import HiveDaemon
import HiveMCP
import HiveSignal

/// Tells an MCP session what is judged: from a daemon's log where one runs, else by looking
/// whenever the board's file changes.
struct MCPNews: Sendable {
    private let settings: Settings
    private let tell: @Sendable (BoardNews) -> Void

    /// Lines read at a time.
    private static let pageLines: Int64 = 256

    init(_ settings: Settings, _ tell: @escaping @Sendable (BoardNews) -> Void) {
        self.settings = settings
        self.tell = tell
    }

    /// Starts to tell; the thread ends with the process.
    func start() {
        // Without a thread there is no news; what is asked for is answered all the same.
        try? OwnThread.start(follow)
    }

    @Sendable
    private func follow() {
        // Watched before anything is looked at, so that nothing falls in between.
        let changes = try? BoardChanges(settings)
        var cursor = sequence()
        while true {
            followDaemon(&cursor)
            readLocally(&cursor)
            guard let changes, (try? changes.wait()) != nil else { return }
        }
    }

    /// The last judged line of all; 0 where there is no board yet.
    private func sequence() -> Int64 {
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
    private func followDaemon(_ cursor: inout Int64) {
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
    private func readLocally(_ cursor: inout Int64) {
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
