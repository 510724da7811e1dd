import Glibc

/// `hive-bench [--lines N] [--rivals DIR] [--hive PATH] [--only scan|ingest|latency|daemon]`:
/// prints figures and ratios, and never fails by time.
let arguments = BenchArguments(CommandLine.arguments.dropFirst())
do {
    try Bench(arguments).run()
} catch {
    BenchArguments.fail("\(error)", code: 3)
}
