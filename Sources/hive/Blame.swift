import ArgumentParser
import Glibc
import HiveConsole
import HiveControl
import HiveDaemon
import HiveSignal

struct Blame: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell where a line of code comes from: commit, receipts, signals, cost.",
        discussion: "The commit is git blame's (white space aside); its trailers lead to the "
            + "trace on the board, and its tree to the receipts. Without a board it tells what git "
            + "alone says."
    )

    @Argument(help: "FILE:LINE", completion: .file()) var place: String
    @OptionGroup var output: OutputOptions
    @OptionGroup(title: "Where things are") var places: PlaceOptions

    func run() async throws {
        let settings = try Settings.of(places)
        var board: BlameDesk.Board?
        if settings.hasBoard {
            board = { method, params throws(HiveError) in
                do throws(CommandError) {
                    return try Connection(settings: settings).call(method, params)
                } catch {
                    throw HiveError(error)
                }
            }
        }
        let desk = BlameDesk(workingFolder: try WorkingFolder.absolute("."), board: board)
        let answer: JSONValue
        do throws(HiveError) {
            answer = try await desk.blame(place)
        } catch {
            throw CommandError(error)
        }
        let out = StandardOutput()
        if output.json {
            out.line(answer.text)
        } else {
            Rendering.blame(answer, on: .output).forEach { out.line($0) }
        }
        try out.finish()
    }
}
