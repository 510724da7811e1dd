import HiveLedger
import HiveSignal

extension ScatterQuestion {
    /// Where a question takes up what a task before it answered: behind its prompt.
    struct Follow: Sendable, Hashable {
        /// The name of that task; nil: as its row says.
        var task: String?
        /// What the answer is called in the prompt.
        var label: String
        /// What is said behind it.
        var closing: String

        /// Among the members of a stored question.
        static let key = "follows"
        /// Of the answer that it goes on from; the rest is cut.
        static let answerBytesMax = 2_048

        init(task: String, label: String, closing: String) {
            self.task = task
            self.label = label
            self.closing = closing
        }

        /// As a task's row has it; nil: it follows none.
        init?(_ value: JSONValue) {
            guard let label = value["label"]?.stringValue,
                let closing = value["closing"]?.stringValue
            else { return nil }
            self.label = label
            self.closing = closing
        }

        var json: JSONValue { ["label": .string(label), "closing": .string(closing)] }
    }

    /// As a task's row has it.
    init(stored task: ScatterTaskRow) throws(HiveError) {
        guard let value = try? JSONValue(parsing: Array(task.request.utf8)) else {
            throw .machine("the task \(task.name) cannot be read", hint: "hive doctor")
        }
        var line = value.objectValue ?? [:]
        let follow = Follow(line[Follow.key] ?? .null)
        line[Follow.key] = nil
        try self.init(.object(line), at: "the task \(task.name)")
        name = task.name
        self.follow = follow
    }

    /// The question with the answer that it goes on from in its prompt.
    ///
    /// The answer is JSON on one line, so no line of it can be taken for hive's.
    ///
    /// - Parameter before: the task that it follows.
    /// - Returns: nil where it follows one that gave no answer.
    func continued(after before: ScatterTaskRow?) -> ScatterQuestion? {
        guard let follow else { return self }
        guard let output = before?.output else { return nil }
        var question = self
        let quoted = JSONValue.string(output.cut(toBytes: Follow.answerBytesMax)).text
        question.prompt = "\(prompt)\n\(follow.label): \(quoted)\n\(follow.closing)"
        question.follow = nil
        return question
    }
}
