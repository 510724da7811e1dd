import HiveControl
import HiveKernel
package import HiveSignal

extension ProjectSetup {
    /// Commands that bring the hive to life, each as it is for a POSIX shell.
    ///
    /// - Parameters:
    ///   - now: the time that the first signal gives.
    ///   - workingDirectory: where the reader stands: another folder than the project's needs a
    ///     `cd`.
    /// - Returns: one command each.
    package func nextSteps(now: Timestamp, workingDirectory: String) -> [String] {
        var steps: [String] = []
        if ResolvedPath.of(workingDirectory) != folder {
            steps.append("cd \(ShellWord.quoted(folder))")
        }
        steps.append("hive up --detach")
        if let signal = firstSignal(now: now) {
            let board = ShellWord.quoted(Paths.shown(settings.board, from: folder))
            steps.append("echo \(ShellWord.quoted(signal)) >> \(board)")
        }
        return steps + ["hive tasks", "hive log -f"]
    }

    /// A line that the rules accept on this board; nil where they want an envelope around it.
    private func firstSignal(now: Timestamp) -> String? {
        let path = FileProbe.exists(rulesPath) ? rulesPath : nil
        let rules = (try? RuleBook.load(path: path).rules) ?? Rules()
        guard !rules.requiresEnvelope else { return nil }
        let port = Port.all.first { rules.phaseOfPort[Int($0.rawValue)] == .hunt }
        let signal: JSONValue = [
            "ts": .string(Timestamp(seconds: now.seconds).rfc3339),
            "mark": 1,
            "pull": .string(Pull.downstream.word),
            "msg": "HUNT: find main and its tests",
            "type": .string(SignalType.signal.word),
            "hive": .string(Phase.hunt.letter),
            "gen": .integer(generation(rules)),
            "port": .integer(Int64(port?.rawValue ?? 0)),
        ]
        return signal.text
    }

    /// Where the board stands if it is there; else what a new one will begin with.
    private func generation(_ rules: Rules) -> Int64 {
        if FileProbe.exists(settings.board),
            let state = try? LocalHive.call(Method.state, [:], settings: settings),
            let generation = state["gen"]?.integerValue
        {
            return generation
        }
        return settings.currentGeneration ?? rules.minimumGeneration
    }
}
