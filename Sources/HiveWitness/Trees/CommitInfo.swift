/// A commit, as the judge of a range needs it.
package struct CommitInfo: Sendable, Hashable {
    package var id: String
    /// The id of its tree.
    package var tree: String
    package var parents: [String]
    package var author: String
    package var authorEmail: String
    /// When it was written, seconds since 1970; whatever its author says.
    package var time: Int64
    package var subject: String
    package var body: String
    /// The lines at the end of the message that git takes for trailers, as they are.
    package var trailers: String

    package init(
        id: String,
        tree: String,
        parents: [String],
        author: String,
        authorEmail: String,
        time: Int64,
        subject: String,
        body: String,
        trailers: String
    ) {
        self.id = id
        self.tree = tree
        self.parents = parents
        self.author = author
        self.authorEmail = authorEmail
        self.time = time
        self.subject = subject
        self.body = body
        self.trailers = trailers
    }
}
