/// The names of the control protocol's methods.
///
/// Parameters and results are JSON objects; the keys below are fixed, `…?` may be left out, and
/// `T | null` is always there. A method that the rules refuse answers with
/// `ControlError.Code.rulesSayNo`; a quarantined line is a result and not an error.
///
/// A **LogLine** is one judged line, as `log.read` and `log.follow` give it:
/// `{"sequence","verdict":"accepted|quarantined","line","offset","ts","type","phase","port","gen",`
/// `"generation","mark","pull","msg","id","parent","task","agent","traceId","cycle",`
/// `"warnings":[],"entry","gates":[],"violations":[],"reason"}`. What the line did not say, or said
/// wrongly, is null; `gen` is what the line says, `generation` that of the board it stands on;
/// `entry` is the id of the quarantine entry, null for an accepted line.
///
/// An **EmitResult** is what became of one line:
/// `{"verdict","gates":[],"violations":[],"warnings":[],"reason","offset","line","sequence","id",`
/// `"signalId","appended":bool}`. `id` is the id of the quarantine entry, null for an accepted
/// line; `signalId` is what an answer gives as its `parent`: an accepted line's own id, else
/// `s-GEN-OFFSET`, null for any other; `offset`, `line` and `sequence` are null where the line was
/// not appended.
package enum Method {
    /// Where the board stands and what needs doing.
    ///
    /// `{}` → `{"daemon":{"pid","uptimeSeconds","version"} | null,"board","generation",`
    /// `"mode","phase","traceId","cycle","accepted","quarantined","blank","refused","unseen",`
    /// `"sequence","offset","lagBytes","tornTail":{"bytes","ageSeconds"} | null,`
    /// `"ratePerSecond":{"10s","60s"},"residentBytes","chain","tampered":string | null,`
    /// `"boardMissing":bool,"socket","filesystem":{"name","polling":bool},"rules",`
    /// `"rulesStale":bool,"tasks":{"waiting","running","done","unanswered","overBudget"},`
    /// `"backend","warnings":[string]}`; `overBudget` counts since the daemon's start;
    /// `rulesStale`: the rule book's file says other than what the daemon judges by.
    package static let status = "status"

    /// The phase, the generation and every cycle.
    ///
    /// `{}` → `{"gen","phase","cycle","traceId","accepted","quarantined","mode","offset","chain",`
    /// `"cycles":[{"traceId","cycle","phase","reached":["H","I"]}],"daemon":{…}}`; `phase` and
    /// `traceId` are those of the last accepted line.
    package static let state = "state"

    /// Judges lines and appends those that pass.
    ///
    /// `{"lines":[LINE…]}` → `{"results":[EmitResult…]}`, one for each line and in their order.
    /// A LINE is a string without its LF, `{"base64":"…"}` where the bytes are not UTF-8, or
    /// `{"signal":"…"}`: a plain signal, which goes into an envelope where the rules require one.
    package static let emit = "emit"

    /// What a line would be judged as, were it emitted now; nothing is appended or kept.
    ///
    /// `{"line":LINE}` → `{"verdict","gates":[],"violations":[],"warnings":[],"reason",`
    /// `"asked":[GATE…],"explanations":[{"gate" | "violation","found","expected","cure"}]}`;
    /// `asked` are the frame checks and gates that were asked: all that apply to such a line, or,
    /// where it is no JSON object, the one frame check that it fails.
    package static let validate = "validate"

    /// Judged lines, oldest first.
    ///
    /// `{"last":N | "after":SEQUENCE,"limit"?,"phase"?,"port"?,"trace"?,"agent"?,"type"?,`
    /// `"verdict"?}` → `{"lines":[LogLine…]}`
    package static let logRead = "log.read"

    /// Lines as they are judged.
    ///
    /// The filters of `log.read`, and `after`? → `{}`, then a `log` notification for each line:
    /// first those judged after the sequence `after`, then every line as it is judged, until the
    /// client closes the connection or the daemon stops. Between them a `flip` notification for
    /// each generation that ends.
    package static let logFollow = "log.follow"

    /// The notification of `log.follow`; its parameters are a LogLine.
    package static let log = "log"

    /// The notification of `log.follow` that a generation has ended:
    /// `{"gen","next","summary","forced":bool,"lines","accepted","quarantined"}`.
    package static let flipped = "flip"

    /// The notification of `log.follow` that lines were refused, or declared wrong, and went to the
    /// quarantine without having been on the board: `{"refused"}`, how many there were ever.
    package static let refused = "refused"

    /// What failed, the newest last.
    ///
    /// `{"limit"?,"all":bool}` → `{"entries":[{"id","ts","violation","gates":[],"violations":[],`
    /// `"reason","line","offset","length","agent","text","attemptedPhase",`
    /// `"masked":"pending|masked|left|restored" | null,`
    /// `"disposition":"unseen|discarded|released|restored"}]}`; without `all` the unseen ones only.
    /// `text` is what the line said, in one line and cut; `masked` is null for a line that was
    /// refused before it reached the board.
    package static let quarantineList = "quarantine.list"

    /// One entry, explained.
    ///
    /// `{"id"}` → the whole entry, and `{"masked","disposition","text",`
    /// `"explanations":[{"gate" | "violation","found","expected","cure"}]}`. `id` may be any prefix
    /// that only one entry has, here and below; `text` is the line's bytes made readable.
    package static let quarantineShow = "quarantine.show"

    /// Puts a line that its author finds wrong into quarantine; it never reaches the board.
    ///
    /// `{"line":LINE,"reason"}` → EmitResult. Where the reason begins with the name of a violation,
    /// that one is the entry's first, else `DECLARED`; what hive itself has against the line
    /// follows.
    package static let quarantineAdd = "quarantine.add"

    /// Appends a mended line, or the same one, anew.
    ///
    /// `{"id","line"?}` → EmitResult. `line` is the mended line; without it the original is
    /// appended anew.
    package static let quarantineRelease = "quarantine.release"

    /// Puts the masked bytes back on the board.
    ///
    /// `{"id"}` → `{"restored":true,…}`
    package static let quarantineRestore = "quarantine.restore"

    /// Takes entries as seen.
    ///
    /// `{"ids":[…]}` → `{"discarded":N}`
    package static let quarantineDiscard = "quarantine.discard"

    /// What was asked of whom, by which signal, and what became of it; the oldest first.
    ///
    /// `{"last"?,"open"?:bool,"id"?}` → `{"tasks":[{"id","state":"waiting|running|answered|done|`
    /// `lapsed|refused|dropped","port","commander","hive","depth","mark","traceId","signal":{"id",`
    /// `"sequence","hive","port","type","pull","mark","msg","agent","ts"} | null,"outcome":{…the`
    /// `same…} | null,"attempts","assignedAt","startedAt","finishedAt","dollars","note"}]}`. `id`
    /// gives that one task; the times are RFC 3339 or null.
    package static let tasks = "tasks"

    /// Asks many questions of models at once, and returns as soon as they are stored.
    ///
    /// `{"scatterId"?,"tasks":[{"id"?,"prompt","agent"?,"systemPrompt"?,"model"?,"tools"?,"port"?,`
    /// `"phase"?}…] | "prompt","count"?,"swarm"?:1…3,"phase"?,"backend"?,"model"?,"concurrency"?,`
    /// `"timeoutMs"?,"maxTokens"?,"dollars"?,"dryRun"?:bool}` → `{"scatterId","taskIds":[],`
    /// `"dispatched","backend","concurrency"}`; with `dryRun` nothing is stored or asked:
    /// `{"dryRun":true,"backend","models":[],"tasks","concurrency","inputTokens",`
    /// `"outputTokensMax","estimatedCost": number | null,"costMax": number | null}` (dollars; null:
    /// no price is known). `file` and `lines` say where each of the `tasks` stands, for messages:
    /// `"file"?,"lines"?:[NUMBER…]`. A scatter with a `scatterId` that is there already is not
    /// asked again.
    package static let scatter = "scatter"

    /// Waits for the answers of scatters.
    ///
    /// `{"ids":[…],"timeoutMs"?,"text"?:bool}` → `gather.result`, `gather.progress` and, where
    /// `text` asks for them, `gather.text` notifications, then `{"scatters":[SCATTER…]}`. An id is
    /// that of a scatter, or of one task of it. Without `timeoutMs` it waits until all is answered;
    /// when the time is up the rest is told as `pending`. A SCATTER is `{"scatterId","backend",`
    /// `"dispatched","allComplete":bool,"completed","failed","cancelled","pending","attempts",`
    /// `"interrupted","cost":{"inputTokens","outputTokens","estimatedCost"},"timing":{"startMs",`
    /// `"endMs": number | null,"avgLatencyMs","p95LatencyMs"}}`; `attempts` are requests sent,
    /// `interrupted` those under way when a process ended. Of an ask it has its `question`, too.
    package static let gather = "gather"

    /// The notification of `gather` for each task, once: `{"scatterId","result":{"taskId",`
    /// `"status":"completed|pending|failed|cancelled","output","error","model","attempts",`
    /// `"latencyMs","confidence","dollars","interrupted"?}}`.
    package static let result = "gather.result"

    /// The notification of `gather` that some of a task's answer has come: `{"taskId","text"}`; an
    /// empty text: the answer begins anew.
    package static let text = "gather.text"

    /// The notification of `gather`, some times a second: `{"scatterId","tasks","completed",`
    /// `"failed","cancelled","attempts","estimatedCost","elapsedMs"}`.
    package static let progress = "gather.progress"

    /// The last scatters, the oldest first.
    ///
    /// `{"last"?,"open"?:bool}` → `{"scatters":[SCATTER…]}`
    package static let scatters = "scatters"

    /// Asks a swarm one question and counts its votes (specs/quorum.md).
    ///
    /// `{"mission","askId"?,"swarm"?,"disruptors"?,"probes"?,"calls"?:1|2,"seed"?,"backend"?,`
    /// `"models"?:[…],"concurrency"?,"timeoutMs"?,"maxTokens"?,"dollars"?,"board"?:bool,`
    /// `"record"?:bool}`, or
    /// `{"resume":ID,"record"?}` for an ask that was begun → `ask.step` and `ask.tally`
    /// notifications, where `record` asks for them `ask.record` notifications, then the artifact:
    /// `{"mission","answer":string | null,"confidence","status":"complete|failed","evidence":{`
    /// `"swarmSize","disruptorsInjected","disruptorsDetected","quorumMet":bool,"votes":[VOTE…],`
    /// `"models":{NAME:COUNT},"voters","needed","tolerated","groups":[{"answer","votes","weight",`
    /// `"agents":[]}],"dissenters":[],"abstained":[],"withDisruptors":{"quorumMet":bool,"answer"},`
    /// `"probes":RELIABILITY,"seed","backend","cost":{"requests","inputTokens","outputTokens",`
    /// `"estimatedCost"},"timing":{"startMs","endMs","elapsedMs"},"askId","traceId","question":`
    /// `string | null}}`. A VOTE is `{"agent","role":"voter|disruptor","port","model","answer",`
    /// `"agrees":bool | null,"named":bool,"reliability":RELIABILITY,"plan","working","error",`
    /// `"latencyMs","dollars"}`, a RELIABILITY `{"weight","probes","failed","falseAcceptRate",`
    /// `"falseRejectRate"}` with null for a rate that nothing measured. Without `board` false the
    /// question and the answers become signals. An ask whose `askId` is there already is gone on
    /// with.
    package static let ask = "ask"

    /// The notification of `ask` that an agent has come to a step: `{"askId","agent","port",`
    /// `"role","step":"perceive|react|execute|yield","status":"done|failed",`
    /// `"text": string | null}`.
    package static let askStep = "ask.step"

    /// The notification of `ask` of the votes so far: `{"askId","voters","needed","yielded",`
    /// `"groups":[{"answer","votes",…}],"ended","steps"}`; `ended` of `steps` calls have ended,
    /// probes among them.
    package static let askTally = "ask.tally"

    /// The notification of `ask` for each line of its record, in order.
    package static let askRecord = "ask.record"

    /// Judged lines that have these words.
    ///
    /// `{"words","limit"?}` → `{"lines":[LogLine…]}`
    package static let search = "search"

    /// Judges the board again from its first line.
    ///
    /// `{"rules"?,"mode"?,"until"?,"gen"?}` → `{"gen","lines","accepted","quarantined","chain",`
    /// `"chainMatches":bool | null,"changed":[{"line","offset","before":VERDICT,"after":VERDICT}],`
    /// `"changedCount","byCode":[{"code","gained","lost"}]}` with VERDICT =
    /// `{"verdict","gates":[],"violations":[]}`. `rules` is an absolute path, `until` a sequence,
    /// `gen` a generation that ended, whose archive is read;
    /// `changed` may be cut short, `changedCount` and `byCode` (how many lines got or lost each
    /// gate and violation) never are.
    package static let replay = "replay"

    /// Since when a violation was possible, and when it first happened.
    ///
    /// `{"violation","rules"?,"mode"?,"gen"?}` → `{"violation","mode","possibleAfter":{"sequence",`
    /// `"line","signal":LogLine | null,"traceId","phaseBefore":string | null,"example":{"hive",`
    /// `"port"}} | null,"first":{"sequence","line","signal":LogLine} | null}`. The violation was
    /// possible once a signal in a trace that the board knew would have drawn it, such as `example`
    /// in `traceId`; `phaseBefore` is where that trace's cycle stood. `sequence` and `line` 0, and
    /// `signal` null: possible before any line; `possibleAfter` null: never. Each `signal` has the
    /// verdict of the rules asked for, by which the board is judged again; `rules` is an absolute
    /// path.
    package static let bisect = "bisect"

    /// The state as it was after a judged line, in whatever generation.
    ///
    /// `{"sequence"}` → what `state` gives, with `"sequence"` and the `"line"` it stands in; 0 is
    /// the empty board.
    package static let at = "at"

    /// What led to a line, and what it led to.
    ///
    /// `{"id"}`: the id of a signal, its place `s-…`, a task `t-…`, the beginning of a quarantine
    /// entry's id, or a sequence → `{"kind":"signal","place","signal":LogLine,"causes":[LogLine…],`
    /// `"answers":TASK | null,"tasks":[TASK…],"replies":[LogLine…]}` (causes: its parent, the
    /// parent's parent, …; answers: the task it is the outcome of; tasks: what it asked; replies:
    /// who calls it their parent), `{"kind":"task","id","task":TASK | null,"asking":{…as for a`
    /// `signal…} | null}` or `{"kind":"entry","entry":{…as quarantine.show…}}`. A TASK is as
    /// `tasks` gives it.
    package static let why = "why"

    /// What an override must be signed over.
    ///
    /// `{}` → `{"boardId","gen","traceId","sequence","chain","key":string | null,"fault":string |
    /// null}`: the generation's own trace, the present head of the chain, the fingerprint of the
    /// key that overrides are verified with, and, where there is none, why.
    package static let overrideBasis = "override.basis"

    /// Takes an override that a person signed: appends it, and does what it forces.
    ///
    /// `{"line"}` → EmitResult, with `"released":EmitResult | null` for the line that it let pass
    /// and `"flip":{…as flip…} | null`. Where the line to be released would not pass all the same,
    /// nothing is appended.
    package static let override = "override"

    /// Ends the generation: archives the board and begins an empty one.
    ///
    /// `{"summary","dryRun"?:bool}` → `{"flipped":bool,"dryRun":bool,"gen","next","summary",`
    /// `"archive","manifest","lines","accepted","quarantined","chain","violations":[],`
    /// `"open":[{"traceId","cycle","phase","reached":[]}],"openTasks"}`; `open` are the cycles that
    /// reached I and not E: where there are any, nothing is flipped.
    package static let flip = "flip"

    /// Checks the board and its files.
    ///
    /// `{"rebuild":bool,"repair":bool}` → `{"checks":[{"name","status":"ok|warning|failed",`
    /// `"found","cure"}],"rebuilt":{…}?}`
    package static let doctor = "doctor"

    /// The rules in force.
    ///
    /// `{}` → `{"source","mode","inPlace":string | null,"text","since"}`: `text` is the rule book
    /// as it was read, `source` its path or `built-in`, `inPlace` the mode that a flag or
    /// `rules.mode` put in place of the book's, `since` the offset from which these rules hold.
    package static let rules = "rules"

    /// Puts a mode in place of the rule book's, until the daemon ends.
    ///
    /// `{"mode":"strict|paired|observe" | null}` → `{"changed":bool,"mode","offset"}`: the mode
    /// that holds now, from this offset on; null gives the book its own mode back.
    package static let rulesMode = "rules.mode"

    /// What the phase rules would say to a signal.
    ///
    /// `{"to"?:"H|I|V|E|X","from"?:"H|I|V|E|-" | null,"trace"?,"mode"?}` → `{"mode",`
    /// `"from":STANDING | null,"trace":STANDING | null}` with STANDING =
    /// `{"traceId":string | null,"cycle","phase":string | null,"reached":[],"moves":[{"to",`
    /// `"ports":[{"port","verdict","violations":[],"warnings":[],"cycle"}]}]}`. `from` is a cycle
    /// that came to that phase step by step (`-` or null: none has begun), `trace` a trace as it
    /// stands now, by its id or the beginning of it; without either it is the last one's. Without
    /// `to` all four phases are asked. A port's `cycle` is the one in which the signal would count.
    /// `mode` asks by another mode than the board's.
    package static let moves = "moves"

    /// Where an agent stands, and what its phase allows.
    ///
    /// `{"agent"?,"trace"?,"phase"?,"rules"?:bool}` → `{"agent":string | null,"gen","mode",`
    /// `"traceId","cycle",`
    /// `"phase":"H|I|V|E" | null,"port":number | null,"reached":[],"unresolved":[{"id",`
    /// `"violation","attemptedPhase","reason"}],"nextAllowed":[{"phase","ports":[]}],`
    /// `"allowed":[ACTION…],"blocked":[ACTION…],"evidence":"off|warn|required"}`. `phase` and
    /// `port` are those of the agent's last accepted signal of this generation that is no metric,
    /// else `phase` is the highest that the trace has reached, and `port` null; null: nothing has
    /// begun. `trace` is a trace-id or a traceparent; without it, it is that of the agent's last
    /// signal, else the last one's. `phase` in the request asks what that phase would allow.
    /// `unresolved` are the phase violations of this agent in this trace that nobody has released
    /// or discarded, and whose phase the cycle has not reached since. An ACTION is as the rule
    /// book's `tools.phases` names it. Where `rules` asks for it, the text of the rule book in
    /// force is told as `"rules"`.
    package static let standing = "standing"

    /// What the budget of reactions allows, and what is spent.
    ///
    /// `{}` → `{"hour":{"tasks","limit"},"open":{"tasks","limit"},"day":{"dollars","limit":number`
    /// `| null},"waiting","running","done","unanswered","overBudget"}`: tasks assigned in the last
    /// hour, tasks not yet answered, what the answers of the last 24 hours cost.
    package static let budget = "budget"

    /// Reads the rule book anew.
    ///
    /// `{}` → `{"changed":bool,"offset"}`: the offset from which the rules that were read hold.
    package static let rulesReload = "rules.reload"

    /// Stops the daemon.
    ///
    /// `{}` → `{"stopping":true}`, and the daemon closes the connection once it has stopped.
    package static let stop = "stop"
}
