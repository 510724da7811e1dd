/// The script of a hook: a few lines of sh that call the program.
///
/// `hooks/` has the same texts, for who copies them by hand.
package enum HookScript {
    /// How a hook is called that was there before; it goes on running, first.
    package static let beforeSuffix = ".before-hive"

    /// What a script of hive's has on its second line, whatever its version.
    package static let mark = "# hive's "

    /// The script's text.
    ///
    /// - Parameters:
    ///   - name: which hook.
    ///   - program: the path of `hive`, or its name for one on `PATH`.
    /// - Returns: what the file holds.
    package static func text(_ name: HookName, program: String) -> String {
        """
        #!/bin/sh
        \(mark)\(name.rawValue) hook; `hive hook uninstall` puts back what was here before.
        hive=\(ShellWord.quoted(program))
        \(shortcut(name))command -v "$hive" >/dev/null 2>&1 || hive=hive
        command -v "$hive" >/dev/null 2>&1 || {
          echo "hive: not found: install it, or take this hook out: rm '$0'" >&2
          exit \(failure(name))
        }
        exec "$hive" hook run \(name.rawValue) --script "$0" -- "$@"

        """
    }

    /// git asks several times for each change of a ref; the program is needed for one of them.
    private static func shortcut(_ name: HookName) -> String {
        guard name == .referenceTransaction else { return "" }
        return "[ \"$1\" = prepared ] || [ -e \"$0\(beforeSuffix)\" ] || exit 0\n"
    }

    /// Without the program: a commit waits, and what git does all day goes on.
    private static func failure(_ name: HookName) -> Int {
        switch name {
        case .referenceTransaction, .postCommit: 0
        case .preCommit, .commitMessage, .prePush, .preReceive: 1
        }
    }
}
