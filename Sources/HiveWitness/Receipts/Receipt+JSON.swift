import HiveSignal

// A receipt is written in one way only: the members in this order, on one line.

extension Receipt {
    /// The object up to where its signature comes.
    func unsigned(signer: OwnerKey) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        func member(_ key: String, _ value: JSONValue) {
            writer.key(key)
            writer.value(value)
        }
        func member(_ key: String, _ names: [String]) {
            member(key, .array(names.map { .string($0) }))
        }
        member("hive", "receipt")
        member("version", 1)
        member("kind", .string(kind.rawValue))
        member("phase", .string(kind.phase.letter))
        member("proven", .bool(isProven))
        member("tree", .string(tree))
        member("base", .string(base))
        member("red", red.map { .string($0) } ?? .null)
        member("command", command)
        member("runner", .string(runner))
        member("rules", .string(rules))
        member("proving", proving)
        member("passed", passed)
        member("failed", failed)
        member("skipped", skipped)
        writer.key("pins")
        writer.beginObject()
        for path in pins.keys.sorted().prefix(Self.pinsMax) {
            member(path, pins[path].map { .string($0) } ?? .null)
        }
        writer.endObject()
        member("pinsDigest", .string(pinsDigest))
        member("codeDigest", .string(codeDigest))
        member("baseCodeDigest", .string(baseCodeDigest))
        member("runs", .array(runs.map(\.json)))
        member("sandbox", .string(sandbox))
        member("violations", violations)
        member("notes", notes)
        member("unneeded", unneeded)
        member("ts", .string(timestamp))
        member("signer", .string(String(decoding: Base64.encode(signer.bytes), as: UTF8.self)))
        return writer.bytes
    }

    /// Nil where a member is missing or of another type.
    init?(_ value: JSONValue) {
        guard value["version"] == .integer(1),
            let kind = value["kind"]?.stringValue.flatMap(Kind.init(rawValue:)),
            let isProven = value["proven"]?.boolValue,
            let tree = value["tree"]?.stringValue, let base = value["base"]?.stringValue,
            let command = value.strings("command"), let runner = value["runner"]?.stringValue,
            let rules = value["rules"]?.stringValue,
            let pinsDigest = value["pinsDigest"]?.stringValue,
            let codeDigest = value["codeDigest"]?.stringValue,
            let baseCodeDigest = value["baseCodeDigest"]?.stringValue,
            let sandbox = value["sandbox"]?.stringValue,
            let timestamp = value["ts"]?.stringValue
        else { return nil }
        self.init(
            kind: kind,
            isProven: isProven,
            tree: tree,
            base: base,
            command: command,
            runner: runner,
            rules: rules,
            pinsDigest: pinsDigest,
            codeDigest: codeDigest,
            baseCodeDigest: baseCodeDigest,
            sandbox: sandbox,
            timestamp: timestamp
        )
        guard readNames(value), readRuns(value), let pins = value["pins"]?.objectValue else {
            return nil
        }
        for (path, blob) in pins { self.pins[path] = blob.stringValue }
        red = value["red"]?.stringValue
    }

    private mutating func readNames(_ value: JSONValue) -> Bool {
        guard let passed = value.strings("passed"), let failed = value.strings("failed"),
            let skipped = value.strings("skipped"), let proving = value.strings("proving"),
            let violations = value.strings("violations"), let notes = value.strings("notes"),
            let unneeded = value.strings("unneeded")
        else { return false }
        (self.passed, self.failed, self.skipped, self.proving) = (passed, failed, skipped, proving)
        (self.violations, self.notes, self.unneeded) = (violations, notes, unneeded)
        return true
    }

    private mutating func readRuns(_ value: JSONValue) -> Bool {
        guard let runs = value["runs"]?.arrayValue else { return false }
        self.runs = runs.compactMap(Run.init)
        return self.runs.count == runs.count
    }
}

extension Receipt.Run {
    var json: JSONValue {
        [
            "of": .string(of), "exit": exitCode.map { .integer($0) } ?? .null,
            "passed": .integer(passed), "failed": .integer(failed), "skipped": .integer(skipped),
            "digest": .string(digest), "seconds": .double((seconds * 1_000).rounded() / 1_000),
        ]
    }

    init?(_ value: JSONValue) {
        guard let of = value["of"]?.stringValue, let passed = value["passed"]?.integerValue,
            let failed = value["failed"]?.integerValue,
            let skipped = value["skipped"]?.integerValue,
            let digest = value["digest"]?.stringValue, let seconds = value["seconds"]?.doubleValue
        else { return nil }
        self.init(
            of: of,
            exitCode: value["exit"]?.integerValue,
            passed: passed,
            failed: failed,
            skipped: skipped,
            digest: digest,
            seconds: seconds
        )
    }
}

extension JSONValue {
    /// A member that is an array of strings; nil for anything else.
    func strings(_ key: String) -> [String]? {
        guard let values = self[key]?.arrayValue else { return nil }
        let strings = values.compactMap(\.stringValue)
        return strings.count == values.count ? strings : nil
    }
}
