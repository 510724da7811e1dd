import HiveKernel

/// What a line says about the workflow: one step of one trace that `paired` rules allow.
struct CorpusScene {
    /// Which of the story's traces.
    var thread: Int
    /// 0…3: H, I, V, E.
    var phase: Int
    var port: Int
    /// The trace's cycle, from 1.
    var cycle: Int
    /// False for a metric, which moves nothing.
    var advances: Bool

    /// The wire value of `hive`.
    var letter: String { ["H", "I", "V", "E"][phase] }
}

/// Traces that walk H→I→V→E, cycle after cycle, side by side.
///
/// A scene is proposed first and told only if its line turns out good: a bad line moves nothing.
struct CorpusStory {
    /// One trace and how far it has come.
    struct Thread {
        /// 32 hex digits.
        let trace: String
        /// The phase last reached in the current cycle, -1 before the first H.
        var standing = -1
        var cycle = 0
        /// The trace's newest `id`, for the next line's `parent`.
        var lastIdentifier: String?
    }

    /// Traces beside the generation's own.
    static let sideTraces = 64
    /// The first 16 bytes of SHA-256 of `hive-gen-87`: the trace of signals without `traceparent`.
    static let generationTrace = "af3cefc6aff7d226c1e8e7c4ba6e23f2"

    private(set) var threads: [Thread]

    init(_ random: inout SplitMix64) {
        threads = [Thread(trace: Self.generationTrace)]
        for _ in 0..<Self.sideTraces { threads.append(Thread(trace: random.hex(32))) }
    }

    /// A step that the rules allow now; `isTraced` chooses one of the side traces.
    func propose(isTraced: Bool, isMetric: Bool, _ random: inout SplitMix64) -> CorpusScene {
        let index = isTraced ? 1 + random.below(Self.sideTraces) : 0
        let thread = threads[index]
        let standing = max(thread.standing, 0)
        var scene = CorpusScene(
            thread: index,
            phase: standing,
            port: 0,
            cycle: thread.cycle,
            advances: !isMetric
        )
        var isNews = thread.standing < 0
        if !isMetric {
            let roll = random.below(100)
            if isNews {
                scene.cycle = 1
            } else if roll < 30 {
                isNews = true
                scene.phase = (standing + 1) % 4
                scene.cycle += scene.phase == 0 ? 1 : 0
            } else if roll < 40, standing > 0 {
                // Phases of a cycle overlap; but after E an H would open the next cycle.
                let lowest = standing == 3 ? 1 : 0
                scene.phase = lowest + random.below(standing - lowest + 1)
            }
        }
        // Ports 0 and 7 may speak in any phase that has been reached; the others only in their own.
        let pair = !isNews && random.chance(5) ? 0 : scene.phase
        scene.port = random.chance(50) ? pair : 7 - pair
        return scene
    }

    /// The scene's line is on the board: its trace stands where the scene left it.
    mutating func tell(_ scene: CorpusScene, identifier: String?) {
        if scene.advances {
            let isNewCycle = scene.cycle > threads[scene.thread].cycle
            let standing = threads[scene.thread].standing
            threads[scene.thread].standing = isNewCycle ? 0 : max(standing, scene.phase)
            threads[scene.thread].cycle = scene.cycle
        }
        if let identifier { threads[scene.thread].lastIdentifier = identifier }
    }
}
