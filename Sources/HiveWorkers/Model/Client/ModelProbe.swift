/// What a look at a model server found, for `hive doctor`.
package struct ModelProbe: Sendable, Hashable {
    package enum Reach: Sendable, Hashable {
        /// It answered, after so long.
        case answers(milliseconds: Int)
        /// It did not; the reason and what to do in words.
        case doesNotAnswer(reason: String, hint: String)
    }

    package struct Key: Sendable, Hashable {
        package enum Verdict: Sendable, Hashable {
            case accepted
            case refused(reason: String)
            /// The server has no list of models, and so nobody can tell.
            case unlisted
            /// The server said neither; why, in words.
            case unclear(reason: String)
        }

        /// The variable; nil: asked without a key.
        package var name: String?
        package var verdict: Verdict
    }

    /// Whom it asked: a host, and a port where one is given.
    package var hostName: String
    package var reach: Reach
    /// Those that were tried: none after one to which nobody answered.
    package var keys: [Key]
    /// The model that is wanted.
    package var model: String
    /// The models there are; nil: the server gives no list.
    package var models: [String]?

    /// Whether the wanted model is among them; nil: nobody knows.
    package var hasModel: Bool? { models?.contains(model) }

    /// Whether a question could be answered, as far as can be seen.
    package var isFine: Bool {
        guard case .answers = reach else { return false }
        return hasModel != false
            && keys.contains { $0.verdict == .accepted || $0.verdict == .unlisted }
    }

    /// What is wrong, one line each, with what to do; empty where all is well.
    package var problems: [String] {
        if case .doesNotAnswer(let reason, let hint) = reach { return ["\(reason); \(hint)"] }
        var problems = keys.compactMap { key -> String? in
            switch key.verdict {
            case .accepted, .unlisted: nil
            case .refused(let reason): reason
            case .unclear(let reason): reason
            }
        }
        if let models, !models.contains(model) {
            let some = models.prefix(Self.namesMax).joined(separator: ", ")
            let more = models.count > Self.namesMax ? ", …" : ""
            problems.append(
                "\(hostName) has no model \(model), but \(models.count) others"
                    + (models.isEmpty ? "" : " (\(some)\(more))")
                    + "; name another with --model or HIVE_MODEL"
            )
        }
        return problems
    }

    /// How many models a message names.
    static let namesMax = 5
}

extension ModelClient {
    /// How long a server may take to name its models, and how much it may say.
    static let probeLimits = HTTPLimits(totalMilliseconds: 10_000, responseBytes: 16 << 20)

    /// Asks the server for its models with each key in turn; costs nothing and changes nothing.
    ///
    /// - Parameter model: The model that is wanted.
    /// - Returns: What was found; a server that cannot be reached is a finding, too.
    package func probe(for model: String) async -> ModelProbe {
        let model = words.quoted(model)
        var probe = ModelProbe(
            hostName: words.host,
            reach: .answers(milliseconds: 0),
            keys: [],
            model: model
        )
        let all: [ModelKey?] = keys.isEmpty ? [nil] : keys
        for key in all {
            let start = clock.now()
            var request = api.modelsRequest(key: key?.value)
            request.limits = Self.probeLimits
            do throws(HTTPFailure) {
                let response = try await transport.send(request, onBytes: nil)
                if probe.keys.isEmpty {
                    probe.reach = .answers(milliseconds: max(0, clock.now() - start))
                }
                let verdict = verdict(on: key, response, model)
                probe.keys.append(ModelProbe.Key(name: key?.name, verdict: verdict))
                if verdict == .accepted, probe.models == nil {
                    probe.models = api.models(in: response)?.map { words.quoted($0) }
                }
            } catch {
                let failure = words.failure(error)
                let reason = failure?.message ?? words.cancelled(attempts: 0).message
                guard !probe.keys.isEmpty else {
                    probe.reach = .doesNotAnswer(reason: reason, hint: failure?.hint ?? "ask again")
                    return probe
                }
                probe.keys.append(
                    ModelProbe.Key(name: key?.name, verdict: .unclear(reason: reason))
                )
                return probe
            }
        }
        return probe
    }

    private func verdict(
        on key: ModelKey?,
        _ response: HTTPResponse,
        _ model: String
    ) -> ModelProbe.Key.Verdict {
        guard !(200..<300).contains(response.status) else { return .accepted }
        let failure = words.failure(
            response,
            complaint: api.complaint(in: response),
            key: key,
            model: model,
            rest: nil
        )
        let reason = "\(failure.message); \(failure.hint)"
        guard failure.kind != .keyRefused else { return .refused(reason: reason) }
        return [404, 405].contains(response.status) ? .unlisted : .unclear(reason: reason)
    }
}
