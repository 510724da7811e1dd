/// Which module each room may import: one corridor, and data walks it one way.
enum ImportTable {
    static let allowed: [String: Set<String>] = [
        "HiveSignal": [],
        "HiveKernel": ["HiveSignal"],
        "HiveBlackboard": ["HiveSignal", "CLinux", "Glibc", "Synchronization"],
        "HiveLedger": ["HiveSignal", "GRDB", "GRDBSQLite", "Glibc"],
        "HiveProcess": ["HiveSignal", "CLinux", "Subprocess", "SystemPackage", "Glibc"],
        "HiveWorkers": [
            "HiveSignal", "HiveProcess", "CLinux", "CCurl", "Glibc", "Synchronization",
        ],
        "HiveWitness": [
            "HiveSignal", "HiveProcess", "CLinux", "Crypto", "CryptoExtras", "Glibc",
            "Synchronization",
        ],
        "HiveControl": ["HiveSignal", "Glibc", "Synchronization"],
        "HiveDaemon": [
            "HiveSignal", "HiveKernel", "HiveBlackboard", "HiveLedger", "HiveProcess",
            "HiveWorkers", "HiveWitness", "HiveControl", "Logging", "ServiceLifecycle",
            "UnixSignals", "Yams",
            "Crypto", "Glibc",
            "Synchronization",
        ],
        "HiveConsole": ["HiveSignal", "HiveControl", "CEdit", "Glibc", "Synchronization"],
        "HiveMCP": ["HiveSignal", "HiveControl", "Glibc", "Synchronization"],
        "hive": [
            "ArgumentParser", "HiveSignal", "HiveControl", "HiveDaemon", "HiveConsole",
            "HiveMCP", "HiveWitness", "Glibc", "Synchronization",
        ],
        "hive-bench": [
            "HiveSignal", "HiveKernel", "HiveBlackboard", "HiveLedger", "HiveControl", "HiveDaemon",
            "Crypto", "Glibc", "Synchronization",
        ],
    ]

    /// Imports that the file's room may not have.
    static func findings(in file: SourceFile) -> [Finding] {
        guard let room = file.room else { return [] }
        guard let allowed = allowed[room] else {
            let cure = "add the room's row to the import table"
            return [Finding(file, line: 1, "\(room) is a room that no rule knows", cure)]
        }
        return file.text.lines.compactMap { line in
            guard let module = module(importedBy: line.code), !allowed.contains(module) else {
                return nil
            }
            let cure =
                "\(room) may import \(allowed.sorted().joined(separator: ", ")): move the code"
            return Finding(file, line: line.number, "imports \(module)", cure)
        }
    }

    /// The module that a line of code imports, or nil.
    static func module(importedBy code: String) -> String? {
        let words = code.words
        guard let place = words.firstIndex(of: "import") else { return nil }
        let kinds: Set<Substring> = [
            "struct", "class", "enum", "protocol", "func", "var", "let", "typealias",
        ]
        return words[(place + 1)...].first { !kinds.contains($0) }.map(String.init)
    }
}
