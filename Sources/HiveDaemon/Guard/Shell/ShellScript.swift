// Reading a command line as a shell would, as far as a guard must
//
// A coding agent hands over one text, and a shell makes of it commands, files that are written, and
// further commands inside of words. The reader cuts that text the way POSIX's shell and bash do:
// quotes, escapes, lists, pipelines, subshells, redirections, here-documents, and substitutions,
// whose inside is read as a script of its own. It runs nothing and expands nothing: what a word
// comes to only when it runs stays `unknown`.
//
// Where the text is beyond it (functions, arrays), or torn, it says so, and the caller
// takes the whole for code that comes with the command. It is advice to an honest agent, and no
// jail: a program that is run does what it likes.

/// A word of a command, as it was written.
struct ScriptWord: Sendable, Hashable {
    enum Piece: Sendable, Hashable {
        case text(String, isQuoted: Bool)
        /// `$NAME`.
        case variable(String, isQuoted: Bool)
        /// What nobody knows before it runs.
        case unknown
    }

    var pieces: [Piece] = []

    /// The whole of it, where nothing in it is to be expanded but a glob.
    var text: String? {
        var text = ""
        for piece in pieces {
            guard case .text(let part, _) = piece else { return nil }
            text += part
        }
        return text
    }

    mutating func add(_ text: String, isQuoted: Bool) {
        if case .text(let last, isQuoted)? = pieces.last {
            pieces[pieces.count - 1] = .text(last + text, isQuoted: isQuoted)
        } else {
            pieces.append(.text(text, isQuoted: isQuoted))
        }
    }
}

/// A file that a command is connected to.
struct ShellRedirection: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case read, write, append
    }

    var kind: Kind
    var target: ScriptWord
}

/// One simple command: words, and the files it is connected to.
struct ShellCommand: Sendable, Hashable {
    /// Variables in front of it; without words they are set for what follows.
    var assignments: [(name: String, value: ScriptWord)] = []
    var words: [ScriptWord] = []
    var redirections: [ShellRedirection] = []
    /// The text of a here-document or here-string, where it is known.
    var input: String?
    /// True: it reads what it was not given as words.
    var hasInput = false
    /// True: it is one of a pipeline, and what it sets ends with it.
    var isPiped = false

    var isEmpty: Bool { assignments.isEmpty && words.isEmpty && redirections.isEmpty }

    static func == (one: Self, other: Self) -> Bool {
        one.words == other.words && one.redirections == other.redirections
            && one.input == other.input && one.hasInput == other.hasInput
            && one.isPiped == other.isPiped
            && one.assignments.elementsEqual(other.assignments) { $0 == $1 }
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(words)
        hasher.combine(redirections)
    }
}

/// Why a text cannot be read as a script.
struct ShellFault: Error, Sendable, Hashable {
    var reason: String
}

/// A script as the simple commands in it, in their order.
struct ShellScript: Sendable, Hashable {
    enum Step: Sendable, Hashable {
        case command(ShellCommand)
        /// What is set up to `leave` ends there: a subshell, a substitution.
        case enter
        case leave
    }

    /// A longer command line is not read.
    static let bytesMax = 256 << 10
    /// How deep substitutions and subshells may stand in each other.
    static let depthMax = 16
    /// More steps than anybody writes in one line.
    static let stepsMax = 4_096

    private(set) var steps: [Step]

    init(_ text: String) throws(ShellFault) {
        try self.init(Array(text.utf8), depth: 0)
    }

    init(_ bytes: [UInt8], depth: Int) throws(ShellFault) {
        guard bytes.count <= Self.bytesMax else { throw ShellFault(reason: "it is too long") }
        guard !bytes.contains(0) else { throw ShellFault(reason: "it holds a NUL") }
        var reader = ShellReader(bytes: bytes, depth: depth)
        try reader.readList(until: .text)
        steps = reader.steps
    }
}
