import GRDB
import GRDBSQLite
import HiveSignal

/// A prepared statement, driven through SQLite's C API.
///
/// GRDB owns connections, threads, transactions and the statement itself. Only binding, stepping
/// and reading columns go past it, because `DatabaseValue` costs more than SQLite's own work.
/// Values are bound in the order of the question marks and read in the order of the columns.
/// Valid only inside the database access that made it.
struct PreparedStatement {
    private let statement: Statement
    private let handle: OpaquePointer
    private var parameter: Int32 = 0
    private var column: Int32 = 0
    /// The first binding that failed, reported by the next step.
    private var bindingFailure: Int32 = SQLITE_OK

    init(_ statement: Statement) {
        self.statement = statement
        self.handle = statement.sqliteStatement
    }

    // MARK: - Binding

    mutating func bind(_ value: Int64) {
        parameter += 1
        note(sqlite3_bind_int64(handle, parameter, value))
    }

    mutating func bind(_ value: Int64?) {
        if let value { bind(value) } else { bindNull() }
    }

    mutating func bind(_ value: Double) {
        parameter += 1
        note(sqlite3_bind_double(handle, parameter, value))
    }

    mutating func bind(_ value: Double?) {
        if let value { bind(value) } else { bindNull() }
    }

    mutating func bind(_ value: String) {
        parameter += 1
        var text = value
        note(
            text.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) { characters in
                    // An empty buffer may have no address, and SQLite binds no address as NULL.
                    guard let start = characters.baseAddress, !characters.isEmpty else {
                        return sqlite3_bind_text(handle, parameter, "", 0, copied)
                    }
                    return sqlite3_bind_text(
                        handle,
                        parameter,
                        start,
                        Int32(clamping: characters.count),
                        copied
                    )
                }
            }
        )
    }

    mutating func bind(_ value: String?) {
        if let value { bind(value) } else { bindNull() }
    }

    mutating func bind(_ value: [UInt8]) {
        parameter += 1
        note(value.withUnsafeBytes { bindBytes($0) })
    }

    mutating func bind(_ value: [UInt8]?) {
        if let value { bind(value) } else { bindNull() }
    }

    mutating func bind(_ value: TraceID) {
        parameter += 1
        note(
            withUnsafeBytes(of: (value.high.bigEndian, value.low.bigEndian)) { bindBytes($0) }
        )
    }

    mutating func bind(_ value: TraceID?) {
        if let value { bind(value) } else { bindNull() }
    }

    private mutating func bindNull() {
        parameter += 1
        note(sqlite3_bind_null(handle, parameter))
    }

    private func bindBytes(_ bytes: UnsafeRawBufferPointer) -> Int32 {
        guard let start = bytes.baseAddress, !bytes.isEmpty else {
            return sqlite3_bind_zeroblob(handle, parameter, 0)
        }
        return sqlite3_bind_blob(handle, parameter, start, Int32(clamping: bytes.count), copied)
    }

    private mutating func note(_ code: Int32) {
        if code != SQLITE_OK, bindingFailure == SQLITE_OK { bindingFailure = code }
    }

    // MARK: - Stepping

    /// Go to the next row; false after the last.
    mutating func step() throws -> Bool {
        guard bindingFailure == SQLITE_OK else { throw failure(bindingFailure) }
        column = 0
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw failure(code)
        }
    }

    /// Run a statement without rows, and be ready for the next values.
    mutating func run() throws {
        defer { reset() }
        guard try step() else { return }
        throw DatabaseError(resultCode: .SQLITE_MISUSE, message: "a row where none was expected")
    }

    /// Leave the row and be ready for other values; those bound before stay until replaced.
    mutating func reset() {
        sqlite3_reset(handle)
        parameter = 0
        bindingFailure = SQLITE_OK
    }

    /// Let go of the bound values: a kept statement would hold the last line's bytes.
    func clear() {
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
    }

    private func failure(_ code: Int32) -> DatabaseError {
        let message = sqlite3_errmsg(sqlite3_db_handle(handle)).map { String(cString: $0) }
        return DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
    }

    // MARK: - Reading

    /// SQLite's type of the column that is read next.
    var columnType: Int32 { sqlite3_column_type(handle, column) }

    mutating func integer() -> Int64 {
        defer { column += 1 }
        return sqlite3_column_int64(handle, column)
    }

    mutating func optionalInteger() -> Int64? {
        guard !skipsNull() else { return nil }
        return integer()
    }

    mutating func real() -> Double {
        defer { column += 1 }
        return sqlite3_column_double(handle, column)
    }

    mutating func optionalReal() -> Double? {
        guard !skipsNull() else { return nil }
        return real()
    }

    mutating func text() -> String {
        defer { column += 1 }
        guard let start = sqlite3_column_text(handle, column) else { return "" }
        let count = Int(sqlite3_column_bytes(handle, column))
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    mutating func optionalText() -> String? {
        guard !skipsNull() else { return nil }
        return text()
    }

    mutating func bytes() -> [UInt8] {
        withBytes { Array($0) }
    }

    mutating func optionalBytes() -> [UInt8]? {
        guard !skipsNull() else { return nil }
        return bytes()
    }

    mutating func trace() throws -> TraceID {
        try withBytes { bytes in
            guard bytes.count == 16 else {
                throw UnreadableRow(detail: "a trace of \(bytes.count) bytes where 16 belong")
            }
            return TraceID(
                high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
    }

    mutating func optionalTrace() throws -> TraceID? {
        guard !skipsNull() else { return nil }
        return try trace()
    }

    /// A stored raw value, as the case it stands for.
    mutating func value<Value: RawRepresentable>(
        _ type: Value.Type
    ) throws -> Value where Value.RawValue: FixedWidthInteger {
        let number = integer()
        guard let raw = Value.RawValue(exactly: number), let value = Value(rawValue: raw) else {
            throw UnreadableRow(detail: "\(number) where a \(type) belongs")
        }
        return value
    }

    mutating func optionalValue<Value: RawRepresentable>(
        _ type: Value.Type
    ) throws -> Value? where Value.RawValue: FixedWidthInteger {
        guard !skipsNull() else { return nil }
        return try value(type)
    }

    private mutating func withBytes<Result>(
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        defer { column += 1 }
        let start = sqlite3_column_blob(handle, column)
        let count = Int(sqlite3_column_bytes(handle, column))
        return try body(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count))
    }

    private mutating func skipsNull() -> Bool {
        guard columnType == SQLITE_NULL else { return false }
        column += 1
        return true
    }
}

/// SQLITE_TRANSIENT, a C macro that Swift does not import: SQLite takes its own copy.
private let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

extension Database {
    /// A statement kept with the connection.
    ///
    /// Only for texts known at compile time: the cache has no bound.
    func kept(_ sql: String) throws -> PreparedStatement {
        PreparedStatement(try cachedStatement(sql: sql))
    }

    /// A statement for this access only.
    func prepared(_ sql: String) throws -> PreparedStatement {
        PreparedStatement(try makeStatement(sql: sql))
    }
}
