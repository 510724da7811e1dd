import Glibc

/// `hive-bench [--lines N] [--rivals DIR] [--hive PATH] [--only PART]`: prints figures and ratios,
/// and never fails by time.
///
/// PART is scan, ingest, replay, latency, daemon, workers, swarm, witness or hooks.
let arguments = BenchArguments(CommandLine.arguments.dropFirst())
do {
    try await Bench(arguments).run()
} catch {
    BenchArguments.fail("\(error)", code: 3)
}
