import HiveProcess
import HiveSignal

/// The object in which programs and models answer.
///
///     {"msg": "…", "confidence": 0.8, "result": {…}}
struct AnswerObject {
    let members: JSONObject

    init(_ members: JSONObject) { self.members = members }

    /// `msg`, or `message`, or a `result` that is text: plain and bounded; nil where none says
    /// anything.
    var message: String? {
        ["msg", "message", "result"].lazy
            .compactMap { members[$0]?.stringValue }
            .map { PlainText.cut(PlainText.clean($0), toBytes: Outcome.messageBytesMax) }
            .first { !$0.isEmpty }
    }

    /// Nil where it does not say.
    var confidence: Double? { members["confidence"]?.doubleValue }

    /// Facts for programs.
    var details: JSONObject { members["result"]?.objectValue ?? [:] }
}
