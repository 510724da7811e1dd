import GRDB

/// The tables, and how an older file is brought up to date.
///
/// - `signals` is append-only: a sequence is never updated or deleted, so the full-text index on
///   `message` needs no triggers; `commit` writes both.
/// - Ids are random text, so no index over them on `signals`: `identifiers` is the narrow table
///   that a look-up by id scans, newest first. `signals_place` grows at its right end only.
/// - `tallies` counts accepted signals, so that `counts` need not read every row.
/// - Words are kept with their positions (`detail=full`): phrases stay searchable for about 5 more
///   bytes a line. Merging is put off (`automerge`, `crisismerge`): a commit writes one small
///   segment, and up to 16 of a level are merged at a time. This was worth a quarter of the
///   insert speed; a query looks into a few dozen segments instead of a few.
enum Schema {
    /// Brings a file to the newest schema.
    ///
    /// A migration, once released, never changes.
    static let migrator: DatabaseMigrator = {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 signals, quarantine, traces, position") { database in
            try database.execute(sql: version1)
        }
        migrator.registerMigration("2 reactions, tasks") { database in
            try database.execute(sql: version2)
        }
        migrator.registerMigration("3 generations, heads, copies") { database in
            try database.execute(sql: version3)
        }
        migrator.registerMigration("4 proofs of traces") { database in
            try database.execute(sql: version4)
        }
        return migrator
    }()

    private static let version1 = """
        CREATE TABLE signals (
            sequence INTEGER PRIMARY KEY,
            board_generation INTEGER NOT NULL,
            line INTEGER NOT NULL,
            offset INTEGER NOT NULL,
            timestamp INTEGER NOT NULL,
            mark REAL NOT NULL,
            pull INTEGER NOT NULL,
            type INTEGER NOT NULL,
            phase INTEGER NOT NULL,
            generation INTEGER NOT NULL,
            port INTEGER NOT NULL,
            trace BLOB NOT NULL,
            cycle INTEGER NOT NULL,
            message TEXT NOT NULL,
            identifier TEXT,
            parent TEXT,
            agent TEXT,
            task TEXT,
            evidence TEXT,
            warnings TEXT NOT NULL,
            raw BLOB NOT NULL
        ) STRICT;
        CREATE INDEX signals_place ON signals (board_generation, offset);

        CREATE VIRTUAL TABLE search USING fts5 (
            message,
            content = 'signals',
            content_rowid = 'sequence',
            tokenize = 'unicode61 remove_diacritics 2',
            detail = full
        );
        INSERT INTO search (search, rank) VALUES ('automerge', 16);
        INSERT INTO search (search, rank) VALUES ('crisismerge', 64);

        CREATE TABLE tallies (
            phase INTEGER NOT NULL,
            port INTEGER NOT NULL,
            accepted INTEGER NOT NULL,
            PRIMARY KEY (phase, port)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE quarantine (
            number INTEGER PRIMARY KEY,
            identifier TEXT NOT NULL UNIQUE,
            sequence INTEGER,
            board_generation INTEGER NOT NULL,
            line INTEGER,
            offset INTEGER,
            length INTEGER NOT NULL,
            violation TEXT NOT NULL,
            mask_state INTEGER NOT NULL,
            disposition INTEGER NOT NULL,
            entry BLOB NOT NULL
        ) STRICT;
        CREATE INDEX quarantine_pending ON quarantine (number) WHERE mask_state = 0;
        CREATE INDEX quarantine_unseen ON quarantine (number) WHERE disposition = 0;
        CREATE INDEX quarantine_sequence ON quarantine (sequence) WHERE sequence IS NOT NULL;
        CREATE INDEX quarantine_place ON quarantine (board_generation, offset);
        CREATE INDEX quarantine_violation ON quarantine (violation);

        CREATE TABLE traces (
            trace BLOB PRIMARY KEY,
            cycle INTEGER NOT NULL,
            reached INTEGER NOT NULL,
            reached_before INTEGER NOT NULL,
            phase INTEGER NOT NULL,
            last_sequence INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE identifiers (
            sequence INTEGER PRIMARY KEY,
            identifier TEXT NOT NULL,
            trace BLOB NOT NULL
        ) STRICT;

        CREATE TABLE position (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            board_id TEXT NOT NULL,
            generation INTEGER NOT NULL,
            offset INTEGER NOT NULL,
            lines INTEGER NOT NULL,
            sequence INTEGER NOT NULL,
            accepted INTEGER NOT NULL,
            quarantined INTEGER NOT NULL,
            blank INTEGER NOT NULL,
            refused INTEGER NOT NULL,
            last_trace BLOB,
            last_phase INTEGER,
            chain BLOB NOT NULL,
            quarantine_bytes INTEGER NOT NULL,
            audit_bytes INTEGER NOT NULL,
            device INTEGER NOT NULL,
            inode INTEGER NOT NULL,
            tampered TEXT,
            lost TEXT NOT NULL
        ) STRICT;
        """
    /// `reactions` has a row for each accepted signal, narrow for the same reason as `identifiers`.
    ///
    /// Lines before `quiet_until` assign nothing: they were there when the ledger was made.
    private static let version2 = """
        CREATE TABLE reactions (
            sequence INTEGER PRIMARY KEY,
            generation INTEGER NOT NULL,
            offset INTEGER NOT NULL,
            trace BLOB NOT NULL,
            asked INTEGER NOT NULL,
            phase INTEGER NOT NULL,
            depth INTEGER NOT NULL,
            answered INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE tasks (
            number INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            sequence INTEGER NOT NULL,
            phase INTEGER NOT NULL,
            depth INTEGER NOT NULL,
            mark REAL NOT NULL,
            trace BLOB NOT NULL,
            assigned INTEGER NOT NULL,
            state INTEGER NOT NULL,
            attempts INTEGER NOT NULL,
            started INTEGER,
            finished INTEGER,
            answer BLOB,
            outcome INTEGER,
            dollars REAL,
            spent_at INTEGER,
            note TEXT
        ) STRICT;
        CREATE INDEX tasks_open ON tasks (number) WHERE state < 3;
        CREATE INDEX tasks_state ON tasks (state);
        CREATE INDEX tasks_sequence ON tasks (sequence);
        CREATE INDEX tasks_assigned ON tasks (assigned);
        CREATE INDEX tasks_spent ON tasks (spent_at) WHERE dollars IS NOT NULL;

        ALTER TABLE position ADD COLUMN quiet_until INTEGER NOT NULL DEFAULT 0;

        -- Milliseconds from here on: an answer may come in the second of its question.
        UPDATE signals SET timestamp = timestamp * 1000;
        """

    /// `generations` has those that ended; `copies` lines of an archive that belong on the board.
    ///
    /// `heads` has the chain's last heads, a row a commit: 8 bytes of sequence and 32 of chain
    /// each.
    private static let version3 = """
        CREATE TABLE generations (
            generation INTEGER PRIMARY KEY,
            next INTEGER NOT NULL,
            start INTEGER NOT NULL,
            summary TEXT NOT NULL,
            forced INTEGER NOT NULL,
            ended INTEGER NOT NULL,
            sequence INTEGER NOT NULL,
            flipped_at INTEGER NOT NULL,
            offset INTEGER NOT NULL,
            lines INTEGER NOT NULL,
            accepted INTEGER NOT NULL,
            quarantined INTEGER NOT NULL,
            blank INTEGER NOT NULL,
            copied INTEGER NOT NULL,
            chain BLOB NOT NULL,
            lost TEXT NOT NULL
        ) STRICT;

        CREATE TABLE copies (
            number INTEGER PRIMARY KEY,
            generation INTEGER NOT NULL,
            offset INTEGER NOT NULL,
            board_bytes INTEGER NOT NULL,
            raw BLOB NOT NULL
        ) STRICT;

        CREATE TABLE heads (
            last INTEGER PRIMARY KEY,
            heads BLOB NOT NULL
        ) STRICT;

        ALTER TABLE position ADD COLUMN generation_start INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE position ADD COLUMN muted_ports INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE position ADD COLUMN pass BLOB;
        ALTER TABLE position ADD COLUMN next_generation INTEGER;
        """
    /// What proves the phases of a trace's last cycles: `PhaseProof`s with a space between.
    private static let version4 = """
        ALTER TABLE traces ADD COLUMN proofs TEXT NOT NULL DEFAULT '';
        """
}
