import HiveKernel
package import HiveSignal
import HiveWitness

extension CommitVerdict {
    /// One commit of `hive verify --json`.
    package var json: JSONValue {
        [
            "commit": .string(commit.id), "subject": .string(commit.subject),
            "author": .string(commit.author), "tree": .string(commit.tree),
            "claim": claim.phase.map { .string($0.letter) } ?? .null,
            "standing": .string(standing.rawValue),
            "reasons": .array(reasons.map { .string($0) }),
            "violations": .array(violations.map { .string($0) }),
            "receipts": .array(receipts.map { .string($0) }),
        ]
    }
}

extension VerifyDesk.Outcome {
    /// The summary of `hive verify`.
    package var summary: JSONValue {
        func count(_ standing: CommitVerdict.Standing) -> JSONValue {
            .integer(Int64(verdicts.count { $0.standing == standing }))
        }
        return [
            "commits": .integer(Int64(verdicts.count)), "proven": count(.proven),
            "unproven": count(.unproven), "contradicted": count(.contradicted),
            "evidence": .string(evidence.rawValue), "good": .bool(isGood),
            "notes": .array(notes.map { .string($0) }),
        ]
    }

    /// The same as SARIF 2.1.0 (OASIS), which code hosts show beside the files: a result for each
    /// commit that is not proven, at the first file that it changes.
    package func sarif(version: String) -> JSONValue {
        let results = verdicts.filter { $0.standing != .proven }.map { verdict -> JSONValue in
            let isError = verdict.standing == .contradicted || evidence == .required
            let reason = verdict.reasons.first ?? verdict.standing.rawValue
            let text = "\(verdict.commit.id.prefix(12)) \(verdict.commit.subject): \(reason)"
            let location: JSONValue = [
                "physicalLocation": [
                    "artifactLocation": ["uri": .string(verdict.path ?? Self.usualPath)],
                    "region": ["startLine": 1],
                ],
                "logicalLocations": [
                    ["fullyQualifiedName": .string(verdict.commit.id), "kind": "commit"]
                ],
            ]
            return [
                "ruleId": .string(verdict.violations.first ?? "UNWITNESSED"),
                "level": isError ? "error" : "warning",
                "message": ["text": .string(text)],
                "locations": [location],
            ]
        }
        let codes = Set(results.compactMap { $0["ruleId"]?.stringValue }).sorted()
        return [
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [
                [
                    "tool": [
                        "driver": [
                            "name": "hive", "version": .string(version),
                            "rules": .array(codes.map { ["id": .string($0)] }),
                        ]
                    ],
                    "results": .array(results),
                ]
            ],
        ]
    }

    /// Where a commit that changes no file is shown.
    private static let usualPath = "specs/rules.yaml"
}
