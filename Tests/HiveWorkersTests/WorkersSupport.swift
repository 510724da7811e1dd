import HiveProcess
import Foundation
import HiveSignal
import HiveTestKit
import HiveWorkers
import Testing

extension TemporaryFolder {
    /// Writes a `/bin/sh` script that may be run, and gives its path.
    func script(_ name: String = "script", _ body: String) throws -> String {
        try writeScript(body, to: name)
    }

    /// A command that runs such a script in this folder.
    func command(
        _ body: String,
        arguments: [String] = [],
        input: [UInt8] = [],
        seconds: Double = 60,
        outputBytes: Int = 65_536,
        memoryBytes: Int64? = nil
    ) throws -> Command {
        Command(
            words: [try script("command", body)] + arguments,
            folder: path,
            input: input,
            limits: Command.Limits(
                seconds: seconds,
                outputBytes: outputBytes,
                memoryBytes: memoryBytes
            )
        )
    }
}

extension Assignment {
    /// Work for a port in its own phase; a signal of port 7 asks.
    static func fixture(port: UInt8 = 4, message: String = "run the tests") throws -> Assignment {
        let port = try #require(Port(rawValue: port))
        let asking = AssignedSignal(
            reference: "s-87-0",
            sequence: 1,
            timestamp: Timestamp(seconds: 1_767_000_000),
            phase: .hunt,
            port: port.partner,
            type: .signal,
            pull: .lateral,
            mark: 1,
            message: message,
            agent: "tester"
        )
        return Assignment(
            task: TaskName(signal: SignalPlace(generation: 87, offset: 0), port: port),
            phase: port.phase,
            depth: 0,
            trace: TraceID(high: 1, low: 2),
            signal: asking,
            causes: [],
            persona: Persona(
                port: port,
                name: "red-regnant",
                verb: port.verb,
                model: nil,
                tools: [],
                temperature: nil,
                prompt: "You test."
            ),
            recalled: [],
            state: AssignedState(
                generation: 87,
                mode: "paired",
                cycle: 1,
                reached: PhaseSet(.hunt),
                accepted: 1,
                quarantined: 0,
                unseen: 0,
                openTasks: 1,
                moves: []
            )
        )
    }
}

extension CommandResult {
    var text: String { String(decoding: output, as: UTF8.self) }
    var errorText: String { String(decoding: errors, as: UTF8.self) }
}

/// A named pipe that scripts write to: it tells when one has come to a place, and when the last
/// process that has it open is gone.
final class Pipe: Sendable {
    let path: String
    private let descriptor: Int32

    init(in folder: TemporaryFolder, _ name: String = "pipe") throws {
        path = folder.at(name)
        try #require(mkfifo(path, 0o600) == 0)
        descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        try #require(descriptor >= 0)
    }

    deinit { close(descriptor) }

    /// The next bytes that somebody writes; empty when the last writer has gone.
    func next() async -> String {
        await withCheckedContinuation { continuation in
            // A thread of its own: the pool that runs the tests must not wait.
            Thread.detachNewThread { [self] in
                var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                while poll(&waiting, 1, -1) < 0 && errno == EINTR {}
                var buffer = [UInt8](repeating: 0, count: 4_096)
                let count = max(0, read(descriptor, &buffer, buffer.count))
                continuation.resume(returning: String(decoding: buffer[..<count], as: UTF8.self))
            }
        }
    }

    /// Waits until the last writer has gone.
    func end() async {
        while await !next().isEmpty {}
    }
}
