import HiveKernel

/// One thing that a call of an agent's tool would do, before the rules are asked.
enum ToolEffect: Sendable, Hashable {
    /// An action that is about no file.
    case does(Action, what: String)
    /// A file is written: made or changed, by whether it is there.
    case write(PathTarget)
    /// Something is added to the end of a file.
    case append(PathTarget)
    /// A file, or all that is in a folder, goes.
    case delete(PathTarget)
    /// A file is named, for whatever use.
    case name(PathTarget)
    /// A file, or all that is in a folder, is read; `skipsHidden`: but for names with a dot in
    /// front.
    case readAll(PathTarget, skipsHidden: Bool)
    /// A file is named by a tool of which nobody knows what it does.
    case touch(PathTarget)
    /// A program that lies in a file is run: like any other where it is committed, else like code
    /// that comes with the command.
    case script(PathTarget)
    /// What only a person does, in whatever phase.
    case personal(what: String, why: String)
}

/// A file as a tool or a command names it.
struct PathTarget: Sendable, Hashable {
    /// Absolute; `..` and symbolic links are not followed yet.
    var path: String
    /// True: `*`, `?` and `[…]` in it stand for names.
    var isPattern = false

    /// The same, where what looks like a pattern is one.
    var asPattern: PathTarget {
        PathTarget(path: path, isPattern: path.contains { "*?[".contains($0) })
    }
}
