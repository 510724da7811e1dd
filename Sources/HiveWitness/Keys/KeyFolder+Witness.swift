extension KeyFolder {
    /// Where this machine's witness key is: it signs receipts, and has no passphrase, as the
    /// witness works without a person.
    package var witnessKeyPath: String { path + "/witness.json" }

    /// This machine's witness key; made where there is none yet.
    ///
    /// Throws `exposed` where others may read it, `malformed` where it is no key.
    package func witnessKey() throws(WitnessError) -> SecretKey {
        if let key = try witnessKeyIfThere() { return key }
        try OwnFile.makeFolder(path)
        let key = try SecretKey()
        let file = try KeyFile(key, nil, cost: .standard, path: witnessKeyPath)
        do throws(WitnessError) {
            try OwnFile.write(file.bytes, to: witnessKeyPath, replacing: false)
            return key
        } catch {
            // Another process was as fast: its key is the one.
            if error.code == .exists, let key = try witnessKeyIfThere() { return key }
            throw error
        }
    }

    private func witnessKeyIfThere() throws(WitnessError) -> SecretKey? {
        try OwnFile.requireOwnFolder(path)
        let file = witnessKeyPath
        let bytes = try OwnFile.read(file, bytesMax: KeyFile.bytesMax, guarded: .reading)
        guard let bytes else { return nil }
        return try KeyFile(bytes, path: file).open(nil)
    }
}
