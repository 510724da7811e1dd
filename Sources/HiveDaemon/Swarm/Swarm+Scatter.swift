import HiveControl
import HiveKernel
import HiveLedger
import HiveSignal
import HiveWorkers

extension Swarm {
    /// HiveControl's `Method.scatter`: stores the questions and begins to ask.
    func scatter(_ params: JSONValue) async throws(HiveError) -> JSONValue {
        var request = try ScatterRequest(params, settings: settings, rules: rules)
        let backend = try desk.require(request.backend)
        request.concurrency = desk.concurrency(request.concurrency, backend)
        let rows = try tasks(of: request, backend)
        if request.isDryRun { return try plan(request, backend, rows) }
        let (stored, names) = try await begin(request, backend, rows)
        return started(stored, names)
    }

    /// Stores a scatter and begins to ask; one that is there already is left as it is.
    ///
    /// Its tasks may be the steps of an `ask`, which is stored with them.
    func begin(
        _ request: ScatterRequest,
        _ backend: Backend,
        _ rows: [ScatterTaskRow],
        ask: String? = nil
    ) async throws(HiveError) -> (ScatterRow, [String]) {
        var scatter = ScatterRow(
            identifier: request.identifier,
            backend: backend.rawValue,
            concurrency: request.concurrency,
            timeoutMilliseconds: request.timeoutMilliseconds,
            outputTokensMax: request.outputTokensMax,
            dollarsMax: request.dollarsMax,
            startedMilliseconds: SystemClock.now().milliseconds
        )
        scatter.ask = ask
        do throws(LedgerError) {
            if let (stored, tasks) = try await ledger.insert(scatter, rows) {
                start(stored)
                return (stored, tasks.map(\.name))
            }
            // Its answer got lost on the way: asking twice is asking once.
            guard let stored = try await ledger.scatter(request.identifier) else {
                return (scatter, [])
            }
            let tasks = try await ledger.tasks(of: stored.number, after: 0, limit: .max)
            return (stored, tasks.map(\.name))
        } catch {
            throw HiveError(error)
        }
    }

    private func started(_ scatter: ScatterRow, _ names: [String]) -> JSONValue {
        [
            "scatterId": .string(scatter.identifier),
            "taskIds": .array(names.map { .string($0) }),
            "dispatched": .integer(Int64(names.count)),
            "backend": .string(scatter.backend),
            "concurrency": .integer(scatter.concurrency),
        ]
    }

    func tasks(
        of request: ScatterRequest,
        _ backend: Backend
    ) throws(HiveError) -> [ScatterTaskRow] {
        var samples: [String: Int64] = [:]
        var taken = Set(request.questions.compactMap(\.name))
        var rows: [ScatterTaskRow] = []
        for question in request.questions {
            let model = try desk.model(for: question, request.model, backend)
            let digest = question.digest(
                backend: backend,
                model: model,
                outputTokensMax: request.outputTokensMax
            )
            let sample = samples[digest, default: 0]
            samples[digest] = sample + 1
            var row = ScatterTaskRow(
                name: question.name
                    ?? Self.name(request.identifier, digest, sample, taken: &taken),
                digest: digest,
                sample: sample,
                model: model,
                request: question.json.text
            )
            row.follows = question.follow?.task
            rows.append(row)
        }
        return rows
    }

    /// `SCATTER-DIGEST`, and the sample's number behind the first: the same for the same question,
    /// wherever it stands in the file.
    private static func name(
        _ scatter: String,
        _ digest: String,
        _ sample: Int64,
        taken: inout Set<String>
    ) -> String {
        let number = sample == 0 ? "" : ".\(sample + 1)"
        for length in [8, 16, 64] {
            let name = "\(scatter)-\(digest.prefix(length))\(number)"
            if taken.insert(name).inserted { return name }
        }
        return "\(scatter)-\(digest)\(number).\(taken.count)"
    }

    /// What it would take, without asking anybody.
    private func plan(
        _ request: ScatterRequest,
        _ backend: Backend,
        _ rows: [ScatterTaskRow]
    ) throws(HiveError) -> JSONValue {
        var input: Int64 = 0
        var likely: Double? = 0
        var most: Double? = 0
        for (question, row) in zip(request.questions, rows) {
            let bytes = desk.promptBytes(of: question)
            input += Int64((bytes + 3) / 4)
            let price = desk.price(of: row.model, backend)
            likely = Self.sum(
                likely,
                price?.dollarsLikely(
                    promptBytes: bytes,
                    outputTokens: Int(request.outputTokensMax)
                )
            )
            most = Self.sum(
                most,
                price?.dollarsMax(
                    promptBytes: bytes,
                    outputTokensMax: Int(request.outputTokensMax)
                )
            )
        }
        let models = Set(rows.map(\.model)).sorted()
        return [
            "dryRun": true,
            "backend": .string(backend.rawValue),
            "models": .array(models.map { .string($0) }),
            "tasks": .integer(Int64(rows.count)),
            "concurrency": .integer(request.concurrency),
            "inputTokens": .integer(input),
            "outputTokensMax": .integer(request.outputTokensMax * Int64(rows.count)),
            "estimatedCost": likely.map { .double($0) } ?? .null,
            "costMax": most.map { .double($0) } ?? .null,
        ]
    }

    private static func sum(_ left: Double?, _ right: Double?) -> Double? {
        guard let left, let right else { return nil }
        return left + right
    }
}
