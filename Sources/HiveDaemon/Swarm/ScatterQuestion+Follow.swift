import HiveLedger
import HiveSignal

extension ScatterQuestion {
    /// Where a question takes up what a task before it answered: in front of its prompt, whose
    /// last words are so what a model goes on from.
    struct Follow: Sendable, Hashable {
        /// The name of that task; nil: as its row says.
        var task: String?
        /// What the answer is called in the prompt.
        var label: String

        /// Among the members of a stored question.
        static let key = "follows"
        /// Of the answer that it goes on from; the rest is cut.
        static let answerBytesMax = 2_048

        init(task: String, label: String) {
            self.task = task
            self.label = label
        }

        /// As a task's row has it; nil: it follows none.
        init?(_ value: JSONValue) {
            guard let label = value["label"]?.stringValue else { return nil }
            self.label = label
        }

        var json: JSONValue { ["label": .string(label)] }
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
        question.prompt = "\(follow.label): \(quoted)\n\(prompt)"
        question.follow = nil
        return question
    }
}
