import HiveKernel
import HiveWorkers

extension Doctor {
    /// Whether the chosen backend's server answers, takes the key and has the model; nothing where
    /// the backend is no model or is not fit to be asked, which other findings say.
    ///
    /// It asks for the list of models, which costs nothing.
    func modelServer(_ rules: Rules) async -> [Finding] {
        let backend = settings.direct(settings.backend)
        guard settings.unknownBackend == nil, backend.isModel else { return [] }
        let name = "model"
        do throws(HiveError) {
            try Workers.check(settings, rules)
            let desk = ModelDesk(
                settings: settings,
                rules: rules,
                personas: .builtIn,
                prices: .builtIn,
                workers: Workers(settings: settings),
                purse: Purse(rules: rules.budget, spentEver: 0, spentToday: 0) {
                    SystemClock.now()
                }
            )
            let model = try desk.model(of: nil, backend)
            let probe = try await desk.client(of: backend).probe(for: model)
            guard probe.isFine else {
                let found = probe.problems.first ?? "\(probe.hostName) does not answer"
                let parts = found.split(separator: "; ", maxSplits: 1).map(String.init)
                return [
                    Finding(
                        name: name,
                        status: .failed,
                        found: parts.first ?? found,
                        cure: parts.count > 1 ? parts[1] : "look at the address and the key"
                    )
                ]
            }
            let known = probe.hasModel == nil ? " (it does not say which models it has)" : ""
            return [
                Finding(name: name, status: .ok, found: "\(model) at \(probe.hostName)\(known)")
            ]
        } catch {
            return [
                Finding(name: name, status: .failed, found: error.message, cure: error.hint)
            ]
        }
    }
}
