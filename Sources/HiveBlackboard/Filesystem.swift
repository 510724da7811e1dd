import CLinux
import Glibc

/// Which filesystem a path lies on, and whether inotify can be trusted there.
package struct Filesystem: Sendable, Hashable {
    /// How often a board is looked at where inotify cannot be trusted.
    package static let pollMillisecondsNetwork = 250

    /// A short name: `ext4`, `nfs`, … or the magic number in hex.
    package let name: String
    /// True where another machine, or a process behind the kernel's back, can change a file
    /// without an inotify event here: the board is polled.
    package let isNetwork: Bool

    /// The filesystem of a path, or of the nearest folder above it that exists.
    package init(at path: String) throws(BoardError) {
        var path = path
        var magic: UInt32 = 0
        while clinux_filesystem_magic(path, &magic) != 0 {
            let code = errno
            let above = Path.folder(of: path)
            guard code == ENOENT || code == ENOTDIR, above != path else {
                throw BoardError(answer: -Int(code), .look, path: path)
            }
            path = above
        }
        self.init(magic: magic)
    }

    /// By the number statfs(2) gives.
    init(magic: UInt32) {
        if let network = Self.networks[magic] {
            (name, isNetwork) = (network, true)
        } else {
            (name, isNetwork) = (Self.locals[magic] ?? "0x" + String(magic, radix: 16), false)
        }
    }

    private static let networks: [UInt32: String] = [
        0x0000_6969: "nfs", 0x0102_1997: "9p", 0x6573_5546: "fuse", 0xff53_4d42: "cifs",
        0x0000_517b: "smb", 0xfe53_4d42: "smb2", 0x5346_414f: "afs", 0x6b41_4653: "afs",
        0x00c3_6400: "ceph", 0x7375_7245: "coda", 0x0000_564c: "ncp", 0x0bd0_0bd0: "lustre",
        0x4750_4653: "gpfs", 0x7461_636f: "ocfs2", 0x0116_1970: "gfs2", 0x786f_4256: "vboxsf",
        0xbacb_acbc: "vmhgfs", 0x7c7c_6673: "prlfs",
    ]

    private static let locals: [UInt32: String] = [
        0x0000_ef53: "ext4", 0x5846_5342: "xfs", 0x9123_683e: "btrfs", 0x0102_1994: "tmpfs",
        0x8584_58f6: "ramfs", 0x794c_7630: "overlay", 0x2fc1_2fc1: "zfs", 0xf2f5_2010: "f2fs",
        0xca45_1a4e: "bcachefs", 0x0000_4d44: "vfat", 0x2011_bab0: "exfat", 0x7366_746e: "ntfs3",
    ]
}
