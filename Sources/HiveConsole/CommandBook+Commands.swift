extension CommandBook {
    /// Every command of the REPL: what is not here does not work.
    static let standard = CommandBook(commands: look + trouble + act + here)

    static let filters = [
        "phase=", "port=", "agent=", "trace=", "type=", "verdict=",
    ]

    /// What `bisect` can be asked for.
    static let violations = [
        "SKIPPED_HUNT", "SKIPPED_INTERLOCK", "SKIPPED_VALIDATE", "REWARD_HACK", "PREMATURE_FLIP",
        "BACKWARD_JUMP", "INCOMPLETE_CYCLE", "LAZY_AI", "PORT_OUT_OF_PHASE", "WRONG_GENERATION",
        "UNWITNESSED", "EMERGENCY", "DUPLICATE_ID",
    ]

    static let modes = ["observe", "paired", "strict"]

    static let emitOptions = [
        "--phase", "--port", "--mark", "--pull", "--type", "--trace", "--parent", "--task", "--id",
        "--agent", "--gen",
    ]

    private static let look = [
        Command(
            name: "status",
            group: .look,
            summary: "whether a daemon runs, where the board stands, what needs doing",
            example: "status"
        ),
        Command(
            name: "state",
            group: .look,
            usage: "[TRACE]",
            summary: "the phase, the generation and each cycle",
            example: "state 4bf9",
            detail: "TRACE is a trace-id or its beginning: only its cycle is shown.",
            completes: [.trace]
        ),
        Command(
            name: "phase",
            group: .look,
            usage: "[TRACE]",
            summary: "where a trace stands, and who may say what next",
            example: "phase 4bf9",
            detail: "TRACE is a trace-id or its beginning; without it, the last signal's.",
            completes: [.trace]
        ),
        Command(
            name: "check",
            group: .look,
            usage: "FROM TO [TRACE]",
            summary: "whether a signal of one phase may follow another",
            example: "check H V",
            detail: "FROM is H, I, V, E, or - where none has begun: a cycle that came there step "
                + "by step. With TRACE, also for that trace as it stands now.",
            places: [.standing, .phase, .trace]
        ),
        Command(
            name: "signals",
            aliases: ["log"],
            group: .look,
            usage: "[N | -n N] [\(filters.map { $0 + "…" }.joined(separator: "] ["))]",
            summary: "the last judged lines",
            example: "signals 50 phase=V verdict=quarantined",
            detail: "The last 20, or N; the filters go together.",
            completes: [.filter],
            options: ["--last"]
        ),
        Command(
            name: "search",
            group: .look,
            usage: "WORD…",
            summary: "accepted lines that have these words",
            example: "search parser test"
        ),
        Command(
            name: "show",
            group: .look,
            usage: "ID",
            summary: "one signal (s-…, or its id), entry (q-…) or task (t-…)",
            example: "show q-3fa9",
            detail: "A number is a sequence: what stands before a line in signals.",
            completes: [.entry, .task, .signal]
        ),
        Command(
            name: "why",
            group: .look,
            usage: "ID",
            summary: "why an entry failed; what led to a signal, and what came of it",
            example: "why s-87-1431",
            completes: [.entry, .task, .signal]
        ),
        Command(
            name: "at",
            group: .look,
            usage: "SEQUENCE",
            summary: "the state as it was after a line",
            example: "at 42",
            detail: "The sequence is what stands before a line in signals; 0 is the empty board."
        ),
        Command(
            name: "tasks",
            group: .look,
            usage: "[ID] [--open] [-n N]",
            summary: "what signals asked of the ports, and the answers; below, scatters",
            example: "tasks --open",
            completes: [.task],
            options: ["--open", "--last"]
        ),
        Command(
            name: "agents",
            group: .look,
            summary: "who spoke: where, how often, and their last words",
            example: "agents",
            detail: "By the last 1,000 lines."
        ),
        Command(
            name: "ports",
            group: .look,
            summary: "ports by phases: how strong each trail is, and who spoke last",
            example: "ports",
            detail:
                "By the last 1,000 accepted lines. A trail is the sum of its marks, which halve "
                + "each hour; the bars at the right are the last hour, five minutes each."
        ),
        Command(
            name: "budget",
            group: .look,
            summary: "what reactions may cost, what is spent, and how many tasks wait",
            example: "budget",
            detail: "The limits are in the rule book, under budget."
        ),
    ]

    private static let trouble = [
        Command(
            name: "quarantine",
            group: .trouble,
            usage: "list [--all] [--limit N] | show ID | release ID [--line LINE] | "
                + "restore ID | discard ID…|--all",
            summary: "what failed, and what becomes of it",
            example: "quarantine release q-3fa9",
            detail: "release puts the original into the line to be mended: Enter appends it anew, "
                + "Ctrl-C leaves everything as it is.",
            subcommands: ["list", "show", "release", "restore", "discard"],
            completes: [.entry],
            options: ["--all", "--limit", "--line"]
        ),
        Command(
            name: "replay",
            group: .trouble,
            usage: "[--rules FILE] [--mode MODE] [--until N] [--gen N]",
            summary: "judge the board again, and say what comes out otherwise",
            example: "replay --mode strict",
            options: ["--rules", "--mode", "--until", "--gen"]
        ),
        Command(
            name: "bisect",
            group: .trouble,
            usage: "VIOLATION [--rules FILE] [--mode MODE] [--gen N]",
            summary: "since when a violation was possible, and when it happened",
            example: "bisect REWARD_HACK",
            detail: "The board is judged again. Possible: a signal in a trace that the board knew "
                + "by then would have drawn it.",
            places: [.violation],
            options: ["--rules", "--mode", "--gen"]
        ),
        Command(
            name: "doctor",
            group: .trouble,
            summary: "check all that can be got wrong, and say what mends it",
            example: "doctor"
        ),
    ]

    private static let act = [
        Command(
            name: "emit",
            group: .act,
            usage: "--phase P --port N [--mark M] [--pull P] [--type T] [--trace new|ID] "
                + "[--parent ID] [--task ID] [--id ID] [--agent NAME] [--gen N] MESSAGE",
            summary: "judge a signal and, where it passes, append it",
            example: "emit --phase H --port 7 'where is the parser?'",
            options: emitOptions
        ),
        Command(
            name: "scatter",
            group: .act,
            usage: "PROMPT [COUNT] [--model M] [--backend B]",
            summary: "ask models a question, as often as you like, and show the answers",
            example: "scatter 'name three bees' 5",
            detail:
                "The daemon asks. Ctrl-C leaves it running, and gather shows the answers later.",
            options: ["--model", "--backend"]
        ),
        Command(
            name: "gather",
            group: .act,
            usage: "ID",
            summary: "wait for a scatter's answers and show them",
            example: "gather sc-0123456789abcdef",
            detail: "ID is a scatter, or a task of one; tasks lists scatters. Ctrl-C leaves it "
                + "running.",
            completes: [.scatter]
        ),
        Command(
            name: "flip",
            group: .act,
            usage: "SUMMARY… | --dry-run",
            summary: "end the generation: archive the board and begin an empty one",
            example: "flip 'the parser is done'",
            detail: "Allowed once every cycle that reached I has reached E.",
            options: ["--dry-run"]
        ),
        Command(
            name: "override",
            group: .act,
            usage: "phase P [--trace T] | release ID | gen N | port N mute|unmute | tampered "
                + "[--reason TEXT] [--yes]",
            summary: "force what the rules forbid, with your key and a reason",
            example: "override phase V --trace 4bf9",
            detail: "It asks for a reason, says what will follow, and wants a yes and your "
                + "passphrase. Nothing of these is kept in the history.",
            subcommands: OverrideOrder.actions,
            options: ["--trace", "--reason", "--yes"]
        ),
        Command(
            name: "rules",
            group: .act,
            usage: "show | reload | mode strict|paired|observe|book",
            summary: "the rule book that holds; read it anew, or judge by another mode",
            example: "rules mode strict",
            detail: "A mode holds in place of the book's until another one is given or the daemon "
                + "ends; book gives the book's own back. What is judged stays as it is.",
            subcommands: ["show", "reload", "mode"],
            values: ["mode": modes + ["book"]]
        ),
    ]

    private static let here = [
        Command(
            name: "tail",
            aliases: ["unmute"],
            group: .here,
            summary: "print each line above the prompt as it is judged (as at the start)",
            example: "tail"
        ),
        Command(
            name: "mute",
            group: .here,
            summary: "print no news until tail",
            example: "mute"
        ),
        Command(
            name: "clear",
            group: .here,
            summary: "clear the screen",
            example: "clear"
        ),
        Command(
            name: "help",
            aliases: ["?"],
            group: .here,
            usage: "[COMMAND]",
            summary: "the commands; with a name, one of them",
            example: "help quarantine",
            completes: [.command]
        ),
        Command(
            name: "quit",
            aliases: ["exit"],
            group: .here,
            summary: "leave (Ctrl-D does too)",
            example: "quit"
        ),
    ]
}
