import Glibc
import Testing

@testable import HiveBlackboard

/// What is watched once a generation has ended: the new board and what was the board.
@Suite struct ArchiveWatchTests {
    private struct Scene {
        let folder: TemporaryFolder
        let board: String
        let archive: String
        let watcher: BoardWatcher

        /// A board whose name is exchanged with an archive's.
        init() throws {
            folder = try TemporaryFolder()
            board = folder.file("board.jsonl")
            archive = folder.file("archive/gen-87.jsonl")
            try BoardFile.create(at: board)
            watcher = try BoardWatcher(path: board)
            try BoardSwap.prepare(archive, for: BoardFile(path: board))
            try BoardSwap.exchange(board, archive)
        }

        func wake() throws -> BoardWatcher.Wake {
            try watcher.wait(timeoutMilliseconds: BoardWatcherTests.waitMilliseconds)
        }

        func isQuiet() throws -> Bool { try watcher.wait(timeoutMilliseconds: 0) == .timeout }

        func expectBoardIsWatched() throws {
            #expect(try isQuiet())
            try write("two\n", to: board)
            #expect(try watcher.wait(timeoutMilliseconds: 0) == .boardChanged)
            try #require(rename(board, board + ".away") == 0)
            #expect(try watcher.wait(timeoutMilliseconds: 0).contains(.folderChanged))
        }
    }

    @Test func `after an exchange both files are watched, whichever is asked for first`() throws {
        for isArchiveFirst in [true, false] {
            let scene = try Scene()
            if isArchiveFirst { #expect(try scene.watcher.watchArchives([scene.archive])) }
            #expect(try scene.wake().contains(.folderChanged))
            try scene.watcher.rewatchBoard()
            if !isArchiveFirst { #expect(try scene.watcher.watchArchives([scene.archive])) }
            _ = try scene.watcher.wait(timeoutMilliseconds: 0)
            try write("late\n", to: scene.archive)
            #expect(try scene.wake() == .boardChanged)
            #expect(try scene.watcher.watchArchives([scene.archive]) == false)
            try scene.expectBoardIsWatched()
        }
    }

    @Test func `the end of an archive's watch leaves the board's`() throws {
        let scene = try Scene()
        #expect(try scene.wake().contains(.folderChanged))
        try scene.watcher.rewatchBoard()
        // Both paths mean the board: what is watched for its bytes is watched for its fate too.
        _ = try scene.watcher.watchArchives([scene.archive, scene.board])
        _ = try scene.watcher.watchArchives([])
        _ = try scene.watcher.wait(timeoutMilliseconds: 0)
        try write("late\n", to: scene.archive)
        try scene.expectBoardIsWatched()
    }
}
