extension RuleBook {
    /// The rule book that holds without a file: `specs/rules.yaml`, byte for byte.
    package static let builtInText = #"""
        # The rule book: what the gates (specs/gates.md) and phase rules (specs/phases.md) leave
        # open. Every key may be left out; the value written here then holds. A key that hive does
        # not know is an error, so that a misspelt one is never without effect. To see what another
        # rule book would say of a board, without touching it: hive check --rules FILE BOARD

        # How phase rules judge: paired (many agents at once), strict (one agent, one step at a
        # time) or observe (they only warn, nothing is masked: for a board that exists already).
        mode: paired

        # Overwrite a quarantined line on the board, so that nobody who reads it there acts on it.
        mask: true

        generation:
          # G6: the lowest `gen` a signal may carry. 0 to 1000000000.
          minimum: 87

        # G0, for lines judged as they arrive; never for bytes found at start, in check or replay.
        timestamps:
          # How far in the future `ts` may lie, in seconds. 0 to 86400.
          future_seconds: 60
          # How old `ts` may be, in seconds, 1 to 315619200; null: of any age.
          staleness_seconds: null

        envelope:
          # G8: true refuses a signal that is not the data of a CloudEvents 1.0 event.
          required: false

        # Who may speak in which phase (paired; in observe it only warns; strict does not look).
        ports:
          # The ports that own each phase: each of 0 to 7 exactly once, and no phase without one.
          owners:
            H: [0, 7]
            I: [1, 6]
            V: [2, 5]
            E: [3, 4]
          # Ports that may also speak in any phase that the cycle has reached.
          roaming: [0, 7]

        socket:
          # The group whose members may use the control socket; null: the daemon's own user only.
          group: null

        """#
}
