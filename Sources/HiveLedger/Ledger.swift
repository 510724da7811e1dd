import GRDB

// What has been judged, as tables: a projection of the board that can be deleted and rebuilt.
//
// One connection writes: `commit` stores a batch's rows and the position behind them in one
// transaction, so that a restart goes on exactly where the last commit stood. Two connections read
// beside it, each from a snapshot of its own (WAL). With `synchronous=NORMAL` a commit makes no
// fsync: after a power cut the last commits may be missing, never torn, and the board is judged
// again from the position that survived.
//
// Bounds on memory: three page caches of `cacheKibibytes`, statements with fixed texts only, and
// streams where the number of rows has no bound.

/// The SQLite projection of the board: signals, quarantine, traces and the position.
///
/// Calls block until SQLite is done. Any thread may call; writes take turns. A call must not be
/// made from inside a streaming closure of another call.
package final class Ledger: Sendable {
    /// The database file; `-wal` and `-shm` stand beside it.
    package let path: String
    package let isReadOnly: Bool
    let pool: DatabasePool

    /// Open the ledger, make it where there is none, and bring its schema up to date.
    ///
    /// - Parameters:
    ///   - path: The database file, in a folder that exists. A new one is its owner's only (0600).
    ///   - readOnly: True: the file must be there, and nothing is written to it. A daemon may write
    ///     it at the same time.
    /// - Throws: `.corrupt`, `.newerSchema`, `.olderSchema` (read-only), `.cannotOpen`, and what
    ///   the file system refuses.
    package init(path: String, readOnly: Bool = false) throws(LedgerError) {
        self.path = path
        self.isReadOnly = readOnly
        if !readOnly { try LedgerFiles.createPrivately(path) }
        do {
            let source = readOnly ? Ledger.sourceForReading(path) : path
            pool = try DatabasePool(path: source, configuration: Ledger.configuration(readOnly))
            try Ledger.settleSchema(of: pool, path: path, readOnly: readOnly)
        } catch {
            throw LedgerError(error, action: "open the ledger", path: path)
        }
    }

    /// Delete the ledger and its companions; what is not there is fine.
    package static func destroy(_ path: String) throws(LedgerError) {
        for suffix in LedgerFiles.suffixes { try LedgerFiles.remove(path + suffix) }
    }

    // MARK: - Access

    /// Read from one snapshot.
    func read<Result>(
        _ action: String,
        _ body: (Database) throws -> Result
    ) throws(LedgerError) -> Result {
        do { return try pool.read(body) } catch {
            throw LedgerError(error, action: action, path: path)
        }
    }

    /// Write everything in `body`, or nothing.
    func write<Result>(
        _ action: String,
        _ body: (Database) throws -> Result
    ) throws(LedgerError) -> Result {
        do {
            return try pool.writeWithoutTransaction { database in
                // By hand: GRDB compiles its own BEGIN and COMMIT anew each time, which a
                // batch of one line would feel.
                var begin = try database.kept("BEGIN IMMEDIATE")
                try begin.run()
                do {
                    let result = try body(database)
                    var commit = try database.kept("COMMIT")
                    try commit.run()
                    return result
                } catch {
                    // Some failures (a full disk) have rolled back already.
                    if database.isInsideTransaction { try? database.rollback() }
                    throw error
                }
            }
        } catch {
            throw LedgerError(error, action: action, path: path)
        }
    }

    // MARK: - Opening

    /// Page cache of each connection.
    private static let cacheKibibytes = 2_000
    /// Reader connections, opened when first needed.
    private static let readersMax = 2
    /// Pages in the log before a commit copies them back: 16 MiB.
    ///
    /// With SQLite's own 1,000 a busy writer spends up to a quarter of its time in checkpoints, for
    /// each of them syncs twice.
    private static let checkpointPages = 4_000
    /// What a log that grew past it (a long read kept it from being copied) is cut back to.
    private static let logBytesMax = 32 << 20
    /// How long to wait for another process's lock.
    private static let busyTimeoutSeconds = 10.0

    private static func configuration(_ readOnly: Bool) -> Configuration {
        var configuration = Configuration()
        configuration.label = "hive.ledger"
        configuration.readonly = readOnly
        configuration.foreignKeysEnabled = false
        configuration.maximumReaderCount = readersMax
        configuration.busyMode = .timeout(busyTimeoutSeconds)
        configuration.prepareDatabase { database in
            // Freed pages need no wiping: the board holds the same text in the clear.
            try database.execute(
                sql: """
                    PRAGMA cache_size = -\(cacheKibibytes);
                    PRAGMA secure_delete = OFF;
                    PRAGMA wal_autocheckpoint = \(checkpointPages);
                    PRAGMA journal_size_limit = \(logBytesMax);
                    """
            )
        }
        return configuration
    }

    /// How to name the file to SQLite for reading.
    ///
    /// Even a reader of a WAL database writes: it takes locks in the `-shm` file. Where no daemon
    /// left that file and it cannot be made, nothing can write the ledger either as long as it has
    /// no log, and `immutable` reads it without locks.
    private static func sourceForReading(_ path: String) -> String {
        let isAtRest = !LedgerFiles.exists(path + "-wal") && !LedgerFiles.exists(path + "-shm")
        guard LedgerFiles.exists(path), isAtRest, !LedgerFiles.hasWritableFolder(path) else {
            return path
        }
        var escaped = ""
        for character in path.unicodeScalars {
            switch character {
            case "%": escaped += "%25"
            case "?": escaped += "%3f"
            case "#": escaped += "%23"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return "file:\(escaped)?immutable=1"
    }

    private static func settleSchema(
        of pool: DatabasePool,
        path: String,
        readOnly: Bool
    ) throws {
        let action = "open the ledger"
        let migrator = Schema.migrator
        if try pool.read(migrator.hasBeenSuperseded) {
            let detail = "a newer hive wrote it"
            throw LedgerError(.newerSchema, action: action, path: path, detail: detail)
        }
        guard readOnly else { return try migrator.migrate(pool) }
        if try !pool.read(migrator.hasCompletedMigrations) {
            let detail = "its schema is older than this hive's, or not there yet"
            throw LedgerError(.olderSchema, action: action, path: path, detail: detail)
        }
    }
}
