import HiveSignal

/// A line being written: members in order, each with its value as JSON text.
struct Draft {
    private var members: [(key: String, json: String)]

    /// A signal that passes every gate.
    static func signal(_ phase: Phase = .hunt, port: Int? = nil) -> Draft {
        let owner = Port.all.first { $0.phase == phase }?.rawValue ?? 7
        return Draft(members: [
            ("ts", "\"2026-01-31T12:00:00Z\""),
            ("mark", "0.5"),
            ("pull", "\"downstream\""),
            ("msg", "\"work\""),
            ("type", "\"signal\""),
            ("hive", "\"\(phase.letter)\""),
            ("gen", "87"),
            ("port", "\(port ?? Int(owner))"),
        ])
    }

    /// The member with another value, put last where it is new; nil takes it out.
    func with(_ key: String, _ json: String?) -> Draft {
        var draft = self
        let index = members.firstIndex { $0.key == key }
        switch (index, json) {
        case (let index?, let json?): draft.members[index].json = json
        case (let index?, nil): draft.members.remove(at: index)
        case (nil, let json?): draft.members.append((key, json))
        case (nil, nil): break
        }
        return draft
    }

    func id(_ text: String) -> Draft { with("id", "\"\(text)\"") }
    func parent(_ text: String) -> Draft { with("parent", "\"\(text)\"") }
    func type(_ type: SignalType) -> Draft { with("type", "\"\(type.word)\"") }
    func pull(_ pull: Pull) -> Draft { with("pull", "\"\(pull.word)\"") }

    /// An outcome of the task that the signal at this offset asked of this port.
    func task(_ offset: Int64, port: Int) -> Draft { with("task", "\"t-87-\(offset)-\(port)\"") }

    func generation(_ number: Int64) -> Draft { with("gen", "\(number)") }

    func trace(_ trace: TraceID) -> Draft {
        with("traceparent", "\"00-\(trace.hex)-00000000000000aa-01\"")
    }

    /// The draft as the `data` of a CloudEvents envelope that agrees with it.
    func enveloped(id: String = "event") -> Draft {
        Draft(members: [
            ("specversion", "\"1.0\""),
            ("id", "\"\(id)\""),
            ("source", "\"/hive/port/7\""),
            ("type", "\"hive.signal\""),
            ("hfogen", json(of: "gen")),
            ("hfohive", json(of: "hive")),
            ("hfoport", json(of: "port")),
            ("data", text),
        ])
    }

    /// One line, without its LF.
    var text: String {
        "{" + members.map { "\"\($0.key)\":\($0.json)" }.joined(separator: ",") + "}"
    }

    private func json(of key: String) -> String {
        members.first { $0.key == key }?.json ?? "null"
    }
}
