import Crypto
import Glibc
import HiveSignal

/// Where a person's key is kept, and which key overrides of each board are verified with.
///
/// It is `$XDG_CONFIG_HOME/hive`, else `$HOME/.config/hive`, 0700 and outside every repository:
/// `key.json` is the person's private key, `pins/….pub` the public key of one board each. The
/// variables are those of the process: a project's `.env` has no say in who commands it.
package struct KeyFolder: Sendable, Hashable {
    /// Absolute; it need not be there yet.
    package let path: String

    /// - Throws: `homeless` where neither variable is an absolute path.
    package init(environment: [String: String]) throws(WitnessError) {
        // The XDG Base Directory Specification has a relative path ignored.
        func absolute(_ name: String) -> String? {
            guard var path = environment[name], path.utf8.first == UInt8(ascii: "/") else {
                return nil
            }
            while path.utf8.count > 1, path.hasSuffix("/") { path.removeLast() }
            return path
        }
        if let config = absolute("XDG_CONFIG_HOME") {
            path = config + "/hive"
        } else if let home = absolute("HOME") {
            path = home + "/.config/hive"
        } else {
            throw WitnessError(
                .homeless,
                "neither XDG_CONFIG_HOME nor HOME says where your key is kept",
                hint: "set HOME to your home folder"
            )
        }
    }

    /// As this process's own environment says.
    package static func ofProcess() throws(WitnessError) -> KeyFolder {
        var environment: [String: String] = [:]
        for name in ["XDG_CONFIG_HOME", "HOME"] {
            environment[name] = getenv(name).map { String(cString: $0) }
        }
        return try KeyFolder(environment: environment)
    }

    /// Where the person's private key is.
    package var keyPath: String { path + "/key.json" }

    // MARK: The person's key

    /// The person's private key as it lies there; nil where there is none.
    ///
    /// - Throws: `exposed` where others may read it, `malformed` where it is no key.
    package func key() throws(WitnessError) -> KeyFile? {
        try OwnFile.requireOwnFolder(path)
        let bytes = try OwnFile.read(keyPath, bytesMax: KeyFile.bytesMax, guarded: .reading)
        guard let bytes else { return nil }
        return try KeyFile(bytes, path: keyPath)
    }

    /// Keeps a private key, sealed where there is a passphrase.
    ///
    /// A key that is there may be lost only where it is `replacing`; `cost` is what one guess at
    /// the passphrase is to cost. Gives the key as it lies there now, and throws `exists`.
    @discardableResult
    package func keep(
        _ key: SecretKey,
        sealedBy passphrase: Passphrase?,
        replacing: Bool = false,
        cost: ScryptCost = .standard
    ) throws(WitnessError) -> KeyFile {
        try OwnFile.makeFolder(path)
        let file = try KeyFile(key, passphrase, cost: cost, path: keyPath)
        try OwnFile.write(file.bytes, to: keyPath, replacing: replacing)
        return file
    }

    // MARK: Pins

    /// Where the key of a board is pinned.
    ///
    /// The board's path is absolute, without symbolic links.
    package func pinPath(forBoard resolvedPath: String) -> String {
        let digest = SHA256.hash(data: Array(resolvedPath.utf8))
        return "\(pins)/\(Hex.encode(Array(digest.prefix(8)))).pub"
    }

    /// The key that overrides of a board are verified with; nil where none is pinned.
    ///
    /// - Throws: `exposed` where others may write it, `malformed` where it is no key.
    package func pin(forBoard resolvedPath: String) throws(WitnessError) -> OwnerKey? {
        for folder in [path, pins] { try OwnFile.requireOwnFolder(folder) }
        let file = pinPath(forBoard: resolvedPath)
        let bytes = try OwnFile.read(file, bytesMax: OwnerKey.textBytesMax, guarded: .writing)
        guard let bytes else { return nil }
        guard let key = OwnerKey(text: String(decoding: bytes, as: UTF8.self)) else {
            throw WitnessError(
                .malformed,
                "\(file) is no public key of hive's",
                hint: "remove it and run hive init, which pins your own key"
            )
        }
        return key
    }

    /// Pins a key for a board, in place of the one that was.
    package func setPin(
        _ key: OwnerKey,
        forBoard resolvedPath: String
    ) throws(WitnessError) {
        try OwnFile.makeFolder(path)
        try OwnFile.makeFolder(pins)
        let note = "# \(resolvedPath.filter { !$0.isNewline })\n"
        try OwnFile.write(
            Array((note + key.text).utf8),
            to: pinPath(forBoard: resolvedPath),
            replacing: true
        )
    }

    private var pins: String { path + "/pins" }
}
