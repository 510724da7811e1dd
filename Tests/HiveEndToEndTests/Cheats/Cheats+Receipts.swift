import HiveSignal
import HiveTestKit
import HiveWitness
import Testing

/// Cheats with receipts and with the history that they are about.
extension Cheat {
    static let withReceipts: [Cheat] = notes + trees + history

    // MARK: Notes

    private static let notes = [
        Cheat(
            name: "No receipt, or its note deleted",
            end: .failed([]),
            says: "no receipt of V for its tree"
        ) { desk in
            try desk.project.prove("V", WitnessLanguage.node.green)
            try desk.folder.git("update-ref", "-d", "refs/notes/hive")
            return try desk.judge()
        },
        Cheat(
            name: "A receipt of which one byte was changed",
            end: .failed(["TAMPERED"]),
            says: "its signature is not that of its text"
        ) { desk in
            try desk.project.prove("V", WitnessLanguage.node.green)
            let tree = try desk.tree()
            let note = try desk.folder.git("notes", "--ref", "hive", "show", tree)
            try desk.setNote(note.replacing("\"passed\":2", with: "\"passed\":3"), on: tree)
            return try desk.judge()
        },
        Cheat(
            name: "A receipt that somebody else signed",
            end: .failed(["TAMPERED"]),
            says: "which the owner has not approved as a witness"
        ) { desk in
            try desk.commitGreen()
            let forged = try desk.greenReceipt(by: SecretKey())
            try desk.setNote(forged, on: desk.tree())
            return try desk.judge()
        },
        Cheat(
            name: "A receipt that the agent signed with this machine's own witness key",
            end: .later(["REWARD_HACK"]),
            says: "whatever its receipt says"
        ) { desk in
            let test = WitnessLanguage.nodeTest("add", "1", "1")
            try desk.folder.writeFiles(["test/add.test.js": test])
            try desk.commitGreen()
            let key = try KeyFolder(environment: ["HOME": desk.project.home.path]).witnessKey()
            try desk.setNote(desk.greenReceipt(by: key), on: desk.tree())
            return try desk.judge(rerun: true)
        },
        Cheat(
            name: "A red of another tree, copied to the note of this one",
            end: .failed(["TAMPERED"]),
            says: "is of another tree",
            start: .base
        ) { desk in
            try desk.project.prove("I", WitnessLanguage.node.red)
            let note = try desk.folder.git("notes", "--ref", "hive", "show", desk.tree())
            try desk.folder.writeFiles([
                "test/sub.test.js": WitnessLanguage.nodeTest("sub", "sub(3, 2)", "null")
            ])
            try desk.folder.commitAll("I: subtracting")
            try desk.setNote(note, on: desk.tree())
            return try desk.judge()
        },
        Cheat(
            name: "A green of another tree, copied to the note of this one",
            end: .failed(["TAMPERED"]),
            says: "is of another tree"
        ) { desk in
            let start = try desk.folder.git("rev-parse", "HEAD").trimmed
            try desk.project.prove("V", WitnessLanguage.node.green)
            let note = try desk.folder.git("notes", "--ref", "hive", "show", desk.tree())
            try desk.folder.git("reset", "--quiet", "--hard", start)
            try desk.folder.writeFiles(["src/add.js": "export const add = () => 3;\n"])
            try desk.folder.commitAll("V: adding")
            try desk.setNote(note, on: desk.tree())
            return try desk.judge()
        },
    ]

    // MARK: Trees

    private static let trees = [
        Cheat(
            name: "A commit amended after its receipt",
            end: .failed([]),
            says: "no receipt of V for its tree"
        ) { desk in
            try desk.project.prove("V", WitnessLanguage.node.green)
            try desk.folder.writeFiles(["src/more.js": "export const more = 1;\n"])
            try desk.folder.git("add", "--all")
            try desk.folder.git("commit", "--quiet", "--amend", "--no-edit")
            return try desk.judge()
        },
        Cheat(
            name: "A witnessed tree on another parent",
            end: .failed([]),
            says: "on other code than this commit's parent has"
        ) { desk in
            try desk.project.prove("V", WitnessLanguage.node.green)
            let tree = try desk.tree()
            try desk.folder.git("switch", "--quiet", "--detach", desk.start)
            try desk.folder.writeFiles(["src/sub.js": "export const sub = () => 0;\n"])
            try desk.folder.commitAll("chore: sub")
            let other = try desk.folder.git(
                "commit-tree",
                tree,
                "-p",
                "HEAD",
                "-m",
                "V: adding"
            ).trimmed
            try desk.folder.git("reset", "--quiet", "--hard", other)
            return try desk.judge()
        },
        Cheat(
            name: "Git told to show other files than there are (`git replace`)",
            end: .refused(["UNWITNESSED"]),
            says: "still not green"
        ) { desk in
            try desk.folder.writeFiles(["sum.txt": CheatDesk.sum])
            let sum = try desk.folder.git("hash-object", "-w", "sum.txt").trimmed
            try desk.folder.remove("sum.txt")
            let stub = try desk.folder.git("rev-parse", "HEAD:src/add.js").trimmed
            try desk.folder.git("replace", stub, sum)
            let note = ["src/note.js": "export const note = 1;\n"]
            return try desk.attempt("V: adding", note)
        },
    ]

    // MARK: History

    private static let history = [
        Cheat(
            name: "A green called documentation",
            end: .failed(["SKIPPED_INTERLOCK"]),
            says: "says H (subject docs:) and changes src/add.js"
        ) { desk in
            try desk.attempt("docs: adding", WitnessLanguage.node.green)
        },
        Cheat(
            name: "Code without a receipt, called a chore",
            end: .failed([]),
            says: "no receipt of V or E for its tree"
        ) { desk in
            try desk.commit("chore: adding", WitnessLanguage.node.green)
        },
        Cheat(
            name: "A merge that changes more than its parents did",
            end: .failed([]),
            says: "no receipt of V or E for its tree"
        ) { desk in
            try desk.branch("side", ["docs/side.md": "# Side\n"])
            try desk.folder.git("merge", "--quiet", "--no-ff", "--no-commit", "side")
            return try desk.commit("Merge side", ["src/add.js": CheatDesk.sum])
        },
        Cheat(
            name: "A merge that throws away what the other side brought",
            end: .failed([]),
            says: "git would have merged them to another tree",
            start: .green
        ) { desk in
            try desk.branch("side", ["test/sub.test.js": CheatDesk.addTest])
            try desk.folder.writeFiles(["docs/main.md": "# Main\n"])
            try desk.folder.commitAll("docs: main")
            try desk.folder.git("merge", "--quiet", "-s", "ours", "-m", "Merge side", "side")
            return try desk.judge()
        },
        Cheat(
            name: "Code on a branch without a beginning, merged",
            end: .failed([]),
            says: "no receipt of V or E for its tree"
        ) { desk in
            try desk.folder.git("switch", "--quiet", "--orphan", "side")
            try desk.folder.writeFiles(["src/side.js": "export const side = 1;\n"])
            try desk.folder.commitAll("side")
            try desk.folder.git("switch", "--quiet", "main")
            let words = ["merge", "--quiet", "--allow-unrelated-histories", "-m", "Merge", "side"]
            try desk.folder.git(words)
            return try desk.judge("\(desk.start)..HEAD")
        },
    ]
}

extension CheatDesk {
    fileprivate func tree() throws -> String {
        try folder.git("rev-parse", "HEAD^{tree}").trimmed
    }

    fileprivate func setNote(_ text: String, on tree: String) throws {
        try folder.git("notes", "--ref", "hive", "add", "--force", "--message", text, tree)
    }

    fileprivate func commitGreen() throws {
        try folder.writeFiles(WitnessLanguage.node.green)
        try folder.commitAll("V: adding")
    }

    /// Makes a commit on a branch, and goes back.
    fileprivate func branch(_ name: String, _ files: [String: String]) throws {
        try folder.git("switch", "--quiet", "--create", name)
        try folder.writeFiles(files)
        try folder.commitAll("chore: \(name)")
        try folder.git("switch", "--quiet", "-")
    }

    /// What a witness would have signed for the commit at hand, signed by somebody.
    fileprivate func greenReceipt(by key: SecretKey) throws -> String {
        let seen = try project.hive(["receipts", "--json"])
        let red = try #require(
            seen.lines.compactMap { try? JSONValue(parsing: $0) }.last { $0["kind"] == "red" }
        )
        var receipt = Receipt(
            kind: .green,
            isProven: true,
            tree: try tree(),
            base: red["tree"]?.stringValue ?? "",
            command: red.texts("command"),
            runner: "node",
            rules: red["rules"]?.stringValue ?? "",
            pinsDigest: red["pinsDigest"]?.stringValue ?? "",
            codeDigest: red["codeDigest"]?.stringValue ?? "",
            baseCodeDigest: red["codeDigest"]?.stringValue ?? "",
            sandbox: "bubblewrap",
            timestamp: "2030-01-01T00:00:00Z"
        )
        receipt.red = red["id"]?.stringValue
        receipt.proving = red.texts("proving")
        return String(decoding: try SignedReceipt(receipt, by: key).line, as: UTF8.self)
    }
}
