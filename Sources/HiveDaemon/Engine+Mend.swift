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
        warnings.append(
            "\(settings.quarantine) was deleted, replaced or cut: \(count) entries were put back"
                + " from the ledger"
        )
    }
}
