import HiveBlackboard
import HiveLedger
import HiveSignal

extension Engine {
    /// Makes `quarantine.jsonl` whole again where it was deleted, replaced or cut.
    ///
    /// The ledger has every entry it ever committed: those that the file lacks are appended anew.
    func mendQuarantine() throws(HiveError) {
        let (journal, ledger) = (quarantine, self.ledger)
        let isSame = try HiveError.wrap { try journal.identityAtPath() == journal.identity }
        guard !isSame || journal.size < fold.position.quarantineBytes else { return }
        let path = settings.quarantine
        let (fresh, lines, count) = try HiveError.wrap {
            let fresh = isSame ? journal : try Journal(path: path)
            _ = try fresh.cutTornTail()
            var standing: Set<String> = []
            try fresh.forEachEntry(from: 0) { _, line in
                if let entry = StoredEntry(json: Array(line)) { standing.insert(entry.identifier) }
            }
            var lines: [UInt8] = []
            var count = 0
            for row in try ledger.quarantine(limit: .max, includeSeen: true).reversed()
            where !standing.contains(row.identifier) {
                lines += row.entry + [UInt8(ascii: "\n")]
                count += 1
            }
            return (fresh, lines, count)
        }
        quarantine = fresh
        try HiveError.wrap {
            if !lines.isEmpty { try fresh.append(lines: lines) }
            try fresh.sync()
        }
        fold.position.quarantineBytes = fresh.size
        warn(
            "\(settings.quarantine) was deleted, replaced or cut: \(count) entries were put back"
                + " from the ledger"
        )
    }

    /// Makes `pyre_audit.jsonl` whole again where it was deleted or replaced.
    ///
    /// The open file has every decision still: those that the file at the path lacks are appended
    /// to it. A file that was cut in place is gone as far as it was cut; nothing else has a copy.
    func mendAudit() throws(HiveError) {
        let old = audit
        let isSame = try HiveError.wrap { try old.identityAtPath() == old.identity }
        guard !isSame else { return }
        let path = settings.audit
        let (fresh, count) = try HiveError.wrap {
            let fresh = try Journal(path: path)
            _ = try fresh.cutTornTail()
            var standing: Set<[UInt8]> = []
            try fresh.forEachEntry(from: 0) { _, line in standing.insert(Array(line)) }
            var lines: [UInt8] = []
            var count = 0
            try old.forEachEntry(from: 0) { _, line in
                guard !standing.contains(Array(line)) else { return }
                lines += Array(line) + [UInt8(ascii: "\n")]
                count += 1
            }
            if !lines.isEmpty { try fresh.append(lines: lines) }
            try fresh.sync()
            return (fresh, count)
        }
        audit = fresh
        fold.position.auditBytes = fresh.size
        warn("\(settings.audit) was deleted or replaced: \(count) decisions were put back")
    }

    /// Tells a person once.
    func warn(_ warning: String) {
        if !warnings.contains(warning) { warnings.append(warning) }
    }
}
