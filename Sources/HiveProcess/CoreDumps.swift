import CLinux

/// Core dumps, which are copies of a process's memory and so of the keys in it.
package enum CoreDumps {
    /// Lets no core of this process be written, whatever `ulimit -c` and the machine say.
    ///
    /// It lasts for the life of the process. The kernel then refuses other processes of the same
    /// user a look into its memory and environment, too (prctl(2), PR_SET_DUMPABLE). Programs that
    /// it starts are dumpable again, but begin with `ulimit -c 0`, which they may raise: what they
    /// are given can be secret as well.
    ///
    /// - Returns: False where the system refuses.
    @discardableResult
    package static func forbid() -> Bool { clinux_forbid_core_dumps() == 0 }
}
