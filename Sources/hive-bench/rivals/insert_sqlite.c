/* The ledger's rival: the same columns, raw bytes and full-text index, put in by prepared
 * statement under WAL and synchronous=NORMAL, and nothing else: no judging, no quarantine, no
 * traces, no hash chain.
 *
 *     insert_sqlite ROWS DATABASE [BATCH [LIMIT]]
 *
 * ROWS holds the records that CorpusRow.encode describes (all numbers little-endian). They are
 * read into memory before the clock starts; taking one apart costs a few loads. BATCH (1000) rows
 * go into a transaction, LIMIT rows in all. Prints rows, the seconds from the first BEGIN to the
 * last COMMIT, and rows a second. DATABASE is made anew.
 *
 * The schema, the tuning of the full-text index and the checkpoints are the ledger's own (its
 * Schema.swift and Ledger.swift; keep them alike), so that what is compared is the work, not the
 * settings. */

#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char schema[] =
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = NORMAL;"
    "PRAGMA cache_size = -2000;"
    "PRAGMA wal_autocheckpoint = 4000;"
    "CREATE TABLE signals ("
    " sequence INTEGER PRIMARY KEY, board_generation INTEGER NOT NULL, line INTEGER NOT NULL,"
    " offset INTEGER NOT NULL, timestamp INTEGER NOT NULL, mark REAL NOT NULL,"
    " pull INTEGER NOT NULL, type INTEGER NOT NULL, phase INTEGER NOT NULL,"
    " generation INTEGER NOT NULL, port INTEGER NOT NULL, trace BLOB NOT NULL,"
    " cycle INTEGER NOT NULL, message TEXT NOT NULL, identifier TEXT, parent TEXT, agent TEXT,"
    " task TEXT, evidence TEXT, warnings TEXT NOT NULL, raw BLOB NOT NULL) STRICT;"
    "CREATE INDEX signals_place ON signals (board_generation, offset);"
    "CREATE VIRTUAL TABLE search USING fts5 ("
    " message, content = 'signals', content_rowid = 'sequence',"
    " tokenize = 'unicode61 remove_diacritics 2', detail = full);"
    "INSERT INTO search (search, rank) VALUES ('automerge', 16);"
    "INSERT INTO search (search, rank) VALUES ('crisismerge', 64);";

static const char insert_row[] =
    "INSERT INTO signals VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";
static const char insert_text[] = "INSERT INTO search (rowid, message) VALUES (?,?)";

struct cursor {
    const unsigned char *at, *end;
};

static sqlite3 *database;

static void fail(const char *what) {
    const char *why = database ? sqlite3_errmsg(database) : "failed";
    fprintf(stderr, "insert_sqlite: %s: %s\n", what, why);
    exit(3);
}

static int64_t take_integer(struct cursor *rows) {
    int64_t number;
    memcpy(&number, rows->at, sizeof number);
    rows->at += sizeof number;
    return number;
}

static double take_real(struct cursor *rows) {
    double number;
    memcpy(&number, rows->at, sizeof number);
    rows->at += sizeof number;
    return number;
}

/* Bytes of the next text, or -1 for none; `*text` points at it. */
static int take_text(struct cursor *rows, const char **text) {
    uint32_t length;
    memcpy(&length, rows->at, sizeof length);
    rows->at += sizeof length;
    *text = (const char *)rows->at;
    if (length == UINT32_MAX) return -1;
    rows->at += length;
    return (int)length;
}

static void bind_text(sqlite3_stmt *statement, int column, const char *text, int length) {
    if (length < 0)
        sqlite3_bind_null(statement, column);
    else
        sqlite3_bind_text(statement, column, text, length, SQLITE_STATIC);
}

static void step(sqlite3_stmt *statement) {
    if (sqlite3_step(statement) != SQLITE_DONE || sqlite3_reset(statement) != SQLITE_OK)
        fail("step");
}

static void insert_next(struct cursor *rows, int64_t sequence, sqlite3_stmt *row,
                        sqlite3_stmt *search) {
    sqlite3_bind_int64(row, 1, sequence);
    sqlite3_bind_int64(row, 3, take_integer(rows)); /* line */
    sqlite3_bind_int64(row, 4, take_integer(rows)); /* offset */
    sqlite3_bind_int64(row, 5, take_integer(rows)); /* timestamp seconds */
    sqlite3_bind_double(row, 6, take_real(rows));   /* mark */
    const int64_t generation = take_integer(rows);
    sqlite3_bind_int64(row, 2, generation);          /* the board's */
    sqlite3_bind_int64(row, 10, generation);         /* the signal's own */
    sqlite3_bind_int64(row, 13, take_integer(rows)); /* cycle */
    sqlite3_bind_blob(row, 12, rows->at, 16, SQLITE_STATIC); /* trace */
    rows->at += 16;
    sqlite3_bind_int(row, 7, rows->at[0]);  /* pull */
    sqlite3_bind_int(row, 8, rows->at[1]);  /* type */
    sqlite3_bind_int(row, 9, rows->at[2]);  /* phase */
    sqlite3_bind_int(row, 11, rows->at[3]); /* port */
    rows->at += 4;

    const char *text;
    int length = take_text(rows, &text);
    bind_text(row, 14, text, length); /* message */
    sqlite3_bind_int64(search, 1, sequence);
    bind_text(search, 2, text, length);
    for (int column = 15; column <= 17; column++) { /* id, parent, agent */
        length = take_text(rows, &text);
        bind_text(row, column, text, length);
    }
    sqlite3_bind_null(row, 18);                           /* task */
    sqlite3_bind_null(row, 19);                           /* evidence */
    sqlite3_bind_text(row, 20, "", 0, SQLITE_STATIC);     /* warnings */
    length = take_text(rows, &text);
    sqlite3_bind_blob(row, 21, text, length, SQLITE_STATIC); /* raw */
    step(row);
    step(search);
}

static struct cursor load(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0) fail(path);
    const long length = ftell(file);
    unsigned char *bytes = malloc((size_t)length + 1);
    rewind(file);
    if (!bytes || fread(bytes, 1, (size_t)length, file) != (size_t)length) fail(path);
    fclose(file);
    return (struct cursor){bytes, bytes + length};
}

static void remove_old(const char *path) {
    static const char *const endings[] = {"", "-wal", "-shm"};
    char name[4096];
    for (int i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "%s%s", path, endings[i]);
        unlink(name);
    }
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

int main(int argc, char **argv) {
    if (argc < 3 || argc > 5) {
        fprintf(stderr, "usage: insert_sqlite ROWS DATABASE [BATCH [LIMIT]]\n");
        return 2;
    }
    const long batch = argc > 3 && atol(argv[3]) > 0 ? atol(argv[3]) : 1000;
    const long limit = argc > 4 && atol(argv[4]) > 0 ? atol(argv[4]) : INT32_MAX;
    struct cursor rows = load(argv[1]);
    remove_old(argv[2]);
    if (sqlite3_open(argv[2], &database) != SQLITE_OK) fail(argv[2]);
    if (sqlite3_exec(database, schema, NULL, NULL, NULL) != SQLITE_OK) fail("schema");

    sqlite3_stmt *begin, *commit, *row, *search;
    if (sqlite3_prepare_v2(database, "BEGIN IMMEDIATE", -1, &begin, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(database, "COMMIT", -1, &commit, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(database, insert_row, -1, &row, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(database, insert_text, -1, &search, NULL) != SQLITE_OK)
        fail("prepare");

    int64_t sequence = 0;
    const double start = now();
    while (rows.at < rows.end && sequence < limit) {
        step(begin);
        for (long i = 0; i < batch && rows.at < rows.end && sequence < limit; i++)
            insert_next(&rows, ++sequence, row, search);
        step(commit);
    }
    const double seconds = now() - start;
    printf("sqlite %s\nrows %lld\nbatch %ld\nseconds %.6f\nrate %.0f\n", sqlite3_libversion(),
           (long long)sequence, batch, seconds, (double)sequence / seconds);
    return 0;
}
