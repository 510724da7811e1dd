import HiveProcess
import Glibc
import HiveBlackboard
import HiveControl
import HiveKernel
import HiveLedger
import HiveSignal
import HiveWorkers

/// `hive doctor`: looks at everything a user can get wrong and says the cure.
struct Doctor {
    let settings: Settings
    /// Why the board could not be folded, where it could not.
    var failure: HiveError?

    init(settings: Settings) { self.settings = settings }

    /// One thing looked at.
    struct Finding {
        enum Status: String { case ok, warning, failed }
        var name: String
        var status: Status
        var found: String
        var cure = ""

        var json: JSONValue {
            [
                "name": .string(name),
                "status": .string(status.rawValue),
                "found": .string(found),
                "cure": .string(cure),
            ]
        }
    }

    /// What can be got wrong of the board and its files, and of what surrounds them.
    func all(status: JSONValue) async -> [Finding] {
        let book = try? RuleBook.load(path: settings.presentRulesPath)
        let rules = book.map(settings.rules(of:))
        return checks(status: status) + (await surroundings(status: status, on: machine))
            + approval(rules ?? Rules()) + (await witness(rules ?? Rules()))
            + (await modelServer(rules ?? Rules()))
    }

    /// This machine.
    private var machine: Machine {
        let folder = settings.workingFolder
        return Machine(searchPath: getenv("PATH").map { String(cString: $0) } ?? "") { words in
            let limits = Command.Limits(seconds: 10, outputBytes: 1 << 16)
            let command = Command(words: words, folder: folder, limits: limits)
            guard let result = try? await CommandRunner.run(command),
                case .exited(let code) = result.ending
            else { return nil }
            let output = String(decoding: result.output, as: UTF8.self)
            return Machine.Answer(exitCode: code, output: output)
        }
    }

    /// All findings about the board and its files, in the order in which they depend on each other.
    ///
    /// - `status`: what `status` says; null where it could not be had.
    func checks(status: JSONValue) -> [Finding] {
        var findings = [rules(status), board, stateFolder, filesystem]
        findings += journals
        findings.append(ledger)
        findings.append(daemon(status))
        if let failure {
            findings.append(
                Finding(
                    name: "fold",
                    status: .failed,
                    found: failure.message,
                    cure: failure.hint
                )
            )
        }
        findings += standing(status)
        return findings
    }

    // MARK: Files

    private func rules(_ status: JSONValue) -> Finding {
        do throws(HiveError) {
            let book = try RuleBook.load(path: settings.presentRulesPath)
            let mode = settings.rules(of: book).mode.rawValue
            guard status["rulesStale"]?.boolValue != true else {
                return Finding(
                    name: "rules",
                    status: .warning,
                    found: "\(book.source) was changed: the daemon judges by older rules",
                    cure: "hive rules reload"
                )
            }
            return Finding(name: "rules", status: .ok, found: "\(book.source), mode \(mode)")
        } catch {
            return Finding(
                name: "rules",
                status: .failed,
                found: error.message,
                cure: error.hint
            )
        }
    }

    private var board: Finding {
        do throws(BoardError) {
            let board = try BoardFile(path: settings.board)
            let size = try board.size()
            guard FileProbe.isWritable(settings.board) else {
                return Finding(
                    name: "board",
                    status: .failed,
                    found: "\(settings.board) cannot be written by this user",
                    cure: "chmod u+w \(settings.board)"
                )
            }
            let torn = try !board.endsInLineFeed()
            return Finding(
                name: "board",
                status: torn ? .warning : .ok,
                found: "\(settings.board), \(size) bytes" + (torn ? ", no LF at its end" : ""),
                cure: torn ? "the last line is judged once its writer ends it" : ""
            )
        } catch {
            let cure = error.code == .missing ? "hive up makes it" : error.hint
            return Finding(name: "board", status: .failed, found: error.summary, cure: cure)
        }
    }

    private var stateFolder: Finding {
        let path = settings.stateDirectory
        guard FileProbe.exists(path) else {
            return Finding(
                name: "state folder",
                status: .warning,
                found: "\(path) is not there yet",
                cure: "hive up makes it"
            )
        }
        guard FileProbe.isWritable(path) else {
            return Finding(
                name: "state folder",
                status: .failed,
                found: "\(path) cannot be written",
                cure: "chmod u+rwx \(path), or choose another with --state-dir"
            )
        }
        return Finding(name: "state folder", status: .ok, found: path)
    }

    private var filesystem: Finding {
        guard let kind = try? Filesystem(at: settings.board) else {
            return Finding(name: "file system", status: .warning, found: "unknown")
        }
        return kind.isNetwork
            ? Finding(
                name: "file system",
                status: .warning,
                found: "\(kind.name): changes made elsewhere give no event, so the daemon polls"
                    + " every \(Filesystem.pollMillisecondsNetwork) ms",
                cure: "put the board on a local disk to have verdicts at once"
            )
            : Finding(name: "file system", status: .ok, found: "\(kind.name): inotify works")
    }

    private var journals: [Finding] {
        [("quarantine", settings.quarantine), ("audit", settings.audit)].map { name, path in
            guard FileProbe.exists(path) else {
                return Finding(
                    name: name,
                    status: .warning,
                    found: "\(path) is not there yet",
                    cure: "hive up makes it"
                )
            }
            guard FileProbe.isWritable(path) else {
                return Finding(
                    name: name,
                    status: .failed,
                    found: "\(path) cannot be written",
                    cure: "chmod u+w \(path)"
                )
            }
            return badLine(of: path, name) ?? Finding(name: name, status: .ok, found: path)
        }
    }

    /// The first line of a journal that is no JSON object; nil where there is none.
    private func badLine(of path: String, _ name: String) -> Finding? {
        var lines = 0
        var bad: Int?
        do throws(BoardError) {
            try JournalView(path: path).forEachEntry(from: 0) { _, line in
                lines += 1
                guard bad == nil, JSONValue(entry: Array(line)) == nil else { return }
                bad = lines
            }
        } catch {
            return Finding(name: name, status: .failed, found: error.summary, cure: error.hint)
        }
        return bad.map { line in
            Finding(
                name: name,
                status: .warning,
                found: "\(path):\(line): no JSON object; the line is passed over",
                cure: "only hive writes this file; see what did: sed -n \(line)p "
                    + ShellWord.quoted(path)
            )
        }
    }

    private var ledger: Finding {
        guard FileProbe.exists(settings.ledger) else {
            return Finding(
                name: "ledger",
                status: .warning,
                found: "\(settings.ledger) is not there yet",
                cure: "hive up makes it"
            )
        }
        do throws(LedgerError) {
            let ledger = try Ledger(path: settings.ledger, readOnly: true)
            let faults = try ledger.integrityCheck()
            guard faults.isEmpty else {
                return Finding(
                    name: "ledger",
                    status: .failed,
                    found: faults.prefix(3).joined(separator: "; "),
                    cure: "hive down, then hive doctor --rebuild"
                )
            }
            return Finding(name: "ledger", status: .ok, found: settings.ledger)
        } catch {
            return Finding(name: "ledger", status: .failed, found: error.summary, cure: error.hint)
        }
    }

    // MARK: What runs and what stands

    private func daemon(_ status: JSONValue) -> Finding {
        if let pid = status["daemon"]?["pid"]?.integerValue {
            return Finding(
                name: "daemon",
                status: .ok,
                found: "pid \(pid), socket \(settings.socketPath)"
            )
        }
        return Finding(
            name: "daemon",
            status: .warning,
            found: "none is running",
            cure: "hive up, or hive up --detach"
        )
    }

    private func standing(_ status: JSONValue) -> [Finding] {
        var findings: [Finding] = []
        if let tampered = status["tampered"]?.stringValue {
            findings.append(
                Finding(
                    name: "tampering",
                    status: .failed,
                    found: tampered,
                    cure: "hive doctor --repair puts the lost lines back from the ledger"
                )
            )
        }
        for warning in status["warnings"]?.arrayValue?.compactMap(\.stringValue) ?? [] {
            findings.append(
                Finding(
                    name: "warning",
                    status: .warning,
                    found: warning,
                    cure: "mend what it names; hive status tells it until then"
                )
            )
        }
        if let unseen = status["unseen"]?.integerValue, unseen > 0 {
            findings.append(
                Finding(
                    name: "quarantine",
                    status: .warning,
                    found: unseen == 1
                        ? "1 entry nobody has looked at" : "\(unseen) entries nobody has looked at",
                    cure: "hive quarantine list"
                )
            )
        }
        return findings
    }
}
