import Glibc

/// Which file a path or descriptor means: the same pair is the same file, whatever its name.
package struct FileIdentity: Sendable, Hashable {
    package var device: UInt64
    package var inode: UInt64

    package init(device: UInt64, inode: UInt64) {
        self.device = device
        self.inode = inode
    }

    /// The two halves of Linux's 64-bit device number (makedev(3)).
    var deviceMajor: UInt64 { (device >> 8) & 0xfff | (device >> 32) & ~0xfff }
    var deviceMinor: UInt64 { device & 0xff | (device >> 12) & 0xffff_ff00 }
}

/// What stat(2) says of a file, as far as this room asks.
package struct FileStatus: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        case regular, folder, fifo, socket, device, link
    }

    package var kind: Kind
    package var identity: FileIdentity
    /// In bytes.
    package var size: Int64

    package init(kind: Kind, identity: FileIdentity, size: Int64) {
        self.kind = kind
        self.identity = identity
        self.size = size
    }

    /// What a call that fails leaves behind.
    static let none = FileStatus(
        kind: .device,
        identity: FileIdentity(device: 0, inode: 0),
        size: 0
    )

    init(_ raw: stat) {
        switch raw.st_mode & S_IFMT {
        case S_IFREG: kind = .regular
        case S_IFDIR: kind = .folder
        case S_IFIFO: kind = .fifo
        case S_IFSOCK: kind = .socket
        case S_IFLNK: kind = .link
        default: kind = .device
        }
        identity = FileIdentity(device: UInt64(raw.st_dev), inode: UInt64(raw.st_ino))
        size = Int64(raw.st_size)
    }
}
