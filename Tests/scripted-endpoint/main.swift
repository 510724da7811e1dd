import Glibc
import HiveTestKit

// The scripted model endpoint as a process of its own, for benches and for tests that kill things.
exit(EndpointProgram.run(Array(CommandLine.arguments.dropFirst())))
