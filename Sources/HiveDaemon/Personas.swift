import Glibc
package import HiveSignal

/// The eight personas that hold: each port's from its file, or else built in.
package struct Personas: Sendable, Hashable {
    /// What `source(of:)` says of a persona without a file.
    package static let builtInSource = "built-in"
    /// How the name of a persona's file ends; hidden files are passed over.
    package static let fileSuffix = ".agent.md"

    private struct Entry: Sendable, Hashable {
        var persona: Persona
        var source: String
    }

    /// By port number: eight.
    private var entries: [Entry]

    package subscript(port: Port) -> Persona { entries[Int(port.rawValue)].persona }

    /// The path of the port's file as it was found, or `built-in`; a name in it may hold anything.
    package func source(of port: Port) -> String { entries[Int(port.rawValue)].source }
}

// MARK: - Built in

extension Personas {
    /// The personas that hold without any file: the texts of `builtInFiles`.
    package static let builtIn = Personas(
        entries: Port.all.map { port in
            let file = builtInFiles[Int(port.rawValue)]
            do throws(HiveError) {
                let parsed = try PersonaFile.parse(text: file.text, file: file.name)
                precondition(parsed.persona.port == port, "built-in personas are out of order")
                return Entry(persona: parsed.persona, source: builtInSource)
            } catch {
                preconditionFailure("a built-in persona is broken: \(error)")
            }
        }
    )

    /// The shipped files, byte for byte, by port number.
    package static let builtInFiles: [(name: String, text: String)] = [
        ("port-0-lidless-legion.agent.md", lidlessLegionText),
        ("port-1-web-weaver.agent.md", webWeaverText),
        ("port-2-mirror-magus.agent.md", mirrorMagusText),
        ("port-3-spore-storm.agent.md", sporeStormText),
        ("port-4-red-regnant.agent.md", redRegnantText),
        ("port-5-pyre-praetorian.agent.md", pyrePraetorianText),
        ("port-6-kraken-keeper.agent.md", krakenKeeperText),
        ("port-7-spider-sovereign.agent.md", spiderSovereignText),
    ]
}

// MARK: - From a folder

extension Personas {
    /// The personas of the folder's `*.agent.md` files; a port without a file keeps the built-in.
    ///
    /// Without a folder all eight are built in; so they are where it is not there, unless the
    /// caller `requires` it because a person named it.
    ///
    /// - Throws: exit code 2 for a folder or a file that is not what it should be and for a second
    ///   file of one port, 3 for what cannot be read.
    package static func load(folder: String?, requires: Bool) throws(HiveError) -> Personas {
        guard let folder else { return builtIn }
        var personas = builtIn
        var owners: [Port: String] = [:]
        for name in try fileNames(in: folder, requires: requires) {
            let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
            let file = try PersonaFile.read(path)
            let port = file.persona.port
            let shownPath = PersonaFile.shown(path)
            if let owner = owners.updateValue("\(shownPath):\(file.portLine)", forKey: port) {
                throw .usage(
                    "\(shownPath):\(file.portLine): port: found \(port.rawValue), which \(owner) "
                        + "has already; expected one file for each port",
                    hint: "change the port of one of the two files, or take that file away"
                )
            }
            personas.entries[Int(port.rawValue)] = Entry(persona: file.persona, source: path)
        }
        return personas
    }

    /// The names of the personas' files, sorted, so that the same folder gives the same answer.
    private static func fileNames(
        in folder: String,
        requires: Bool
    ) throws(HiveError) -> [String] {
        guard let directory = opendir(folder) else {
            let code = errno
            if code == ENOENT && !requires { return [] }
            throw unreadable(folder: folder, code: code)
        }
        defer { closedir(directory) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(directory) else {
                let code = errno
                guard code == 0 else { throw unreadable(folder: folder, code: code) }
                return names.sorted()
            }
            let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            let isOurs = String(decoding: bytes, as: UTF8.self).hasSuffix(fileSuffix)
            guard isOurs, bytes.first != UInt8(ascii: ".") else { continue }
            guard let name = String(validating: bytes, as: UTF8.self) else {
                let repaired = PersonaFile.shown(String(decoding: bytes, as: UTF8.self))
                throw .usage(
                    "\(PersonaFile.shown(folder)): found a file whose name is not UTF-8, "
                        + "\(repaired); expected names such as \(builtInFiles[0].name)",
                    hint: "rename the file"
                )
            }
            names.append(name)
        }
    }

    private static func unreadable(folder: String, code: Int32) -> HiveError {
        let message =
            "cannot read the personas' folder \(PersonaFile.shown(folder)): "
            + BoundedFile.reason(code)
        if BoundedFile.isMissing(code) {
            return .usage(
                message,
                hint: "set HIVE_AGENTS_DIR to a folder; without it, built-in personas hold"
            )
        }
        return .machine(
            message,
            hint: "make the folder readable for this user, or set HIVE_AGENTS_DIR to another"
        )
    }
}
