import GRDB

// The scatters' own file, beside the ledger and apart from it
// (specs/decisions/0015-scatters-have-a-file-of-their-own.md): nothing in it can be made anew from
// the board, and answers in it were paid for. A rebuild does not touch it, and its writes never
// wait for the board's, nor the board's for them.

/// What was asked of models, and what they answered: `swarm.sqlite`.
///
/// Calls suspend and do not block; writes take turns. A commit makes no fsync (WAL,
/// `synchronous=NORMAL`): it survives the end of the process, and not always a power cut.
package final class SwarmLedger: Sendable {
    package let path: String
    private let queue: DatabaseQueue

    /// How long to wait for another process's lock.
    private static let busyTimeoutSeconds = 10.0
    private static let cacheKibibytes = 2_000

    /// Opens the file, and makes it where there is none, for its owner only (0600).
    ///
    /// A nil path is a file for this process alone, which is empty and leaves nothing behind.
    ///
    /// - Throws: what the file system or SQLite refuses.
    package init(path file: String?) throws(LedgerError) {
        path = file ?? ":memory:"
        if let file { try LedgerFiles.createPrivately(file) }
        var configuration = Configuration()
        configuration.label = "hive.swarm"
        configuration.busyMode = .timeout(Self.busyTimeoutSeconds)
        if file != nil { configuration.journalMode = .wal }
        configuration.prepareDatabase { database in
            try database.execute(
                sql: """
                    PRAGMA synchronous = NORMAL;
                    PRAGMA cache_size = -\(Self.cacheKibibytes);
                    """
            )
        }
        do {
            queue =
                try file.map { try DatabaseQueue(path: $0, configuration: configuration) }
                ?? DatabaseQueue(configuration: configuration)
            if try queue.read(SwarmSchema.migrator.hasBeenSuperseded) {
                throw LedgerError(
                    .newerSchema,
                    action: "open the scatters",
                    path: path,
                    detail: "a newer hive wrote it"
                )
            }
            try SwarmSchema.migrator.migrate(queue)
        } catch {
            throw LedgerError(error, action: "open the scatters", path: path)
        }
    }

    func read<Value: Sendable>(
        _ action: String,
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(LedgerError) -> Value {
        do { return try await queue.read(body) } catch {
            throw LedgerError(error, action: action, path: path)
        }
    }

    /// Writes everything in `body`, or nothing.
    func write<Value: Sendable>(
        _ action: String,
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(LedgerError) -> Value {
        do { return try await queue.write(body) } catch {
            throw LedgerError(error, action: action, path: path)
        }
    }
}

/// The tables of `swarm.sqlite`.
private enum SwarmSchema {
    /// A migration, once released, never changes.
    static let migrator: DatabaseMigrator = {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 scatters, tasks") { database in
            try database.execute(sql: version1)
        }
        migrator.registerMigration("2 asks, tasks that follow others") { database in
            try database.execute(sql: version2)
        }
        return migrator
    }()

    /// A task is known by its scatter, what it asks, and which sample of that it is: the order in
    /// which tasks were given says nothing.
    private static let version1 = """
        CREATE TABLE scatters (
            number INTEGER PRIMARY KEY,
            identifier TEXT NOT NULL UNIQUE,
            backend TEXT NOT NULL,
            concurrency INTEGER NOT NULL,
            timeout INTEGER NOT NULL,
            output_tokens_max INTEGER NOT NULL,
            dollars_max REAL,
            started INTEGER NOT NULL,
            finished INTEGER
        ) STRICT;

        CREATE TABLE tasks (
            number INTEGER PRIMARY KEY,
            scatter INTEGER NOT NULL,
            name TEXT NOT NULL,
            digest TEXT NOT NULL,
            sample INTEGER NOT NULL,
            model TEXT NOT NULL,
            request TEXT NOT NULL,
            state INTEGER NOT NULL,
            attempts INTEGER NOT NULL,
            interrupted INTEGER NOT NULL,
            started INTEGER,
            finished INTEGER,
            latency INTEGER,
            output TEXT,
            error TEXT,
            answered_by TEXT,
            confidence REAL,
            input_tokens INTEGER,
            output_tokens INTEGER,
            dollars REAL,
            UNIQUE (scatter, digest, sample),
            UNIQUE (scatter, name)
        ) STRICT;
        CREATE INDEX tasks_open ON tasks (scatter, number) WHERE state < 2;
        CREATE INDEX tasks_name ON tasks (name);
        CREATE INDEX tasks_spent ON tasks (finished) WHERE dollars IS NOT NULL;
        """

    /// A task that follows another is asked once that one has ended.
    private static let version2 = """
        ALTER TABLE scatters ADD COLUMN ask TEXT;
        ALTER TABLE tasks ADD COLUMN follows TEXT;
        CREATE INDEX tasks_follow ON tasks (scatter, follows) WHERE follows IS NOT NULL;
        """
}
