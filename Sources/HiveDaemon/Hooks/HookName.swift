/// The hooks of git that hive answers.
package enum HookName: String, Sendable, Hashable, CaseIterable {
    case preCommit = "pre-commit"
    case commitMessage = "commit-msg"
    case postCommit = "post-commit"
    case prePush = "pre-push"
    case referenceTransaction = "reference-transaction"
    case preReceive = "pre-receive"

    /// Those of a repository that people work in: fast answers, and no boundary.
    package static let client: [HookName] = [
        .preCommit, .commitMessage, .postCommit, .prePush, .referenceTransaction,
    ]
    /// Those of a repository that is pushed to: the boundary.
    package static let server: [HookName] = [.preReceive]

    /// True: git tells it on standard input what it is about.
    package var readsInput: Bool {
        switch self {
        case .prePush, .referenceTransaction, .preReceive: true
        case .preCommit, .commitMessage, .postCommit: false
        }
    }
}
