import GRDB

/// Why the ledger could not do what it was asked to.
///
/// The ledger can always be made anew from the board, so no hint asks for more than a rebuild.
package struct LedgerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds of failure that a caller can tell apart.
    package enum Code: Sendable, Hashable {
        /// The file is no ledger, or its content contradicts itself.
        case corrupt
        /// The file system has no room.
        case diskFull
        /// The file or its folder may not be written, or the ledger was opened read-only.
        case readOnly
        /// Another process held the lock for longer than the ledger waits.
        case busy
        /// The file is not there, or may not be opened.
        case cannotOpen
        /// A newer hive wrote this schema.
        case newerSchema
        /// An older hive wrote this schema, and a read-only ledger cannot bring it up to date.
        case olderSchema
        /// A row contradicts one that is there: the caller's mistake, and nothing was written.
        case conflict
        /// Reading or writing the device failed.
        case inputOutput
        case other
    }

    package let code: Code
    /// What was being done, after "cannot": `commit a batch to the ledger`.
    package let action: String
    package let path: String
    /// SQLite's extended result code; nil where SQLite did not fail.
    package let sqliteCode: Int32?
    /// What SQLite, or the ledger itself, says about it.
    ///
    /// Never the content of a row.
    package let detail: String

    init(_ code: Code, action: String, path: String, detail: String, sqliteCode: Int32? = nil) {
        self.code = code
        self.action = action
        self.path = path
        self.sqliteCode = sqliteCode
        self.detail = detail
    }

    /// The cure, for a person.
    package var hint: String {
        switch code {
        case .corrupt:
            "the board is not affected; run `hive doctor --rebuild` to make the ledger anew"
        case .diskFull: "free space on its file system; nothing of this batch was written"
        case .readOnly: "make the file and its folder writable for the user that runs hive"
        case .busy: "another process holds the ledger; `hive status` names the daemon"
        case .cannotOpen:
            "check that the file and its folder are there and belong to you; "
                + "`hive up` makes a new ledger"
        case .newerSchema:
            "use the hive that wrote it, or run `hive doctor --rebuild` with this one"
        case .olderSchema: "run `hive up` or `hive doctor --rebuild` once to bring it up to date"
        case .conflict:
            "run `hive doctor`; if it finds the ledger at fault, `hive doctor --rebuild`"
        case .inputOutput: "check the disk and the system log, then run `hive doctor --rebuild`"
        case .other: "run `hive doctor`"
        }
    }

    /// One line: what could not be done, to which file, and why.
    package var summary: String {
        let number = sqliteCode.map { " (SQLite \($0))" } ?? ""
        return "cannot \(action) \(path): \(detail)\(number)"
    }

    package var description: String { "\(summary); \(hint)" }
}

extension LedgerError {
    /// Any error thrown while GRDB or SQLite was at work, as the ledger's own.
    init(_ error: any Error, action: String, path: String) {
        switch error {
        case let error as LedgerError: self = error
        case let error as UnreadableRow:
            self.init(.corrupt, action: action, path: path, detail: error.detail)
        case let error as DatabaseError:
            self.init(
                Code(error.resultCode),
                action: action,
                path: path,
                detail: error.message ?? "SQLite gave no message",
                sqliteCode: error.extendedResultCode.rawValue
            )
        default: self.init(.other, action: action, path: path, detail: "\(error)")
        }
    }
}

extension LedgerError.Code {
    fileprivate init(_ code: ResultCode) {
        self =
            switch code {
            case .SQLITE_CORRUPT, .SQLITE_NOTADB: .corrupt
            case .SQLITE_FULL: .diskFull
            case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH: .readOnly
            case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_PROTOCOL: .busy
            case .SQLITE_CANTOPEN: .cannotOpen
            case .SQLITE_CONSTRAINT, .SQLITE_MISMATCH: .conflict
            case .SQLITE_IOERR: .inputOutput
            default: .other
            }
    }
}

/// A stored value that no version of the ledger writes.
struct UnreadableRow: Error {
    let detail: String
}
