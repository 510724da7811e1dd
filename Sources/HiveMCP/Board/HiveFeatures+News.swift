internal import HiveControl
internal import HiveSignal
internal import Synchronization

// What happens on the board, told to a client that watches.

extension HiveFeatures {
    package func accompany(_ session: MCPSession) async {
        access.follow { take($0, session) }
        for await _ in told.looks { await look(session) }
    }

    /// Tells what is another now; never waits.
    func take(_ news: BoardNews, _ session: MCPSession) {
        switch news {
        case .judged(let line): take(line: line, session)
        case .flipped(let end):
            for uri in session.subscriptions { session.resourceChanged(uri) }
            session.log(
                .notice,
                ["event": "flip", "gen": end["gen"] ?? .null, "next": end["next"] ?? .null]
            )
        case .refused: session.resourceChanged(BoardResource.quarantine.uri)
        case .daemon(let isThere):
            session.log(.info, ["event": isThere ? "daemon joined" : "daemon gone"])
        }
        told.lookAgain()
    }

    private func take(line: JSONValue, _ session: MCPSession) {
        for uri in session.subscriptions {
            if let resource = try? BoardResource(uri), resource.isChanged(by: line) {
                session.resourceChanged(uri)
            }
        }
        var data: JSONObject = ["event": "judged"]
        for key in ["verdict", "sequence", "phase", "port", "agent"] {
            data[key] = line[key] ?? .null
        }
        for key in ["gates", "violations", "entry"] { data[key] = line[key] ?? .null }
        session.log(line["verdict"] == "accepted" ? .debug : .warning, .object(data))
    }

    /// Tells of a line of the client's own that never came to the board; `result` is an EmitResult.
    func tellRefused(_ result: JSONValue, _ session: MCPSession) {
        var data: JSONObject = ["event": "refused", "agent": .string(agent(session))]
        for key in ["verdict", "gates", "violations"] { data[key] = result[key] ?? .null }
        data["entry"] = result["id"] ?? .null
        session.log(.warning, .object(data))
        take(.refused, session)
    }

    /// Tells where the tools or the rules are not those the client knows.
    private func look(_ session: MCPSession) async {
        if let known = told.tools.withLock({ $0 }) {
            // A board that cannot be read just now tells nothing.
            if let standing = try? await standing(of: session, ownTrace) {
                let now = visible(in: standing)
                if now != known {
                    told.tools.withLock { $0 = now }
                    session.toolsChanged()
                }
            }
        }
        guard session.subscriptions.contains(BoardResource.rules.uri),
            let rules = try? await call(Method.rules, [:])
        else { return }
        let before = told.rules.withLock { known in
            defer { known = rules }
            return known
        }
        if let before, before != rules { session.resourceChanged(BoardResource.rules.uri) }
    }
}
