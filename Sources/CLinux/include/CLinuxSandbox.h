// A small sandbox of namespaces and Landlock: what hive uses where bubblewrap is not installed.
#ifndef HIVE_CLINUX_SANDBOX_H
#define HIVE_CLINUX_SANDBOX_H

/// Runs a program in a sandbox and ends with its exit code, or 128 and the signal's number.
///
/// The words are a subset of bubblewrap's, in which order does not matter less than there:
/// `--ro-bind FROM TO`, `--bind FROM TO`, `--tmpfs TO`, `--symlink TARGET TO`, `--proc TO`,
/// `--dev TO`, `--chdir FOLDER`, `--hostname NAME`, `--share-net`, then `--` and the program's
/// words. User, mount, process, IPC and host name namespaces are always new, and the network's
/// unless it is shared; the root is an empty, read-only one; no capability is left; the whole of it
/// ends with its caller. Where the kernel has Landlock, writing is bound by it a second time.
///
/// It returns only where nothing could be done at all: what went wrong is on standard error.
int clinux_sandbox(int count, char *const words[]);

/// Which version of Landlock the kernel has; 0: none.
int clinux_landlock_version(void);

#endif
