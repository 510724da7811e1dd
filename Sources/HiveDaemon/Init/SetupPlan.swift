package import HiveSignal

/// What `hive init` finds in a folder and makes there: looked at first, then carried out.
///
/// Everything that can be seen to fail fails before the first file is made. What is there stays as
/// it is, so an init that was cut short is finished by the next one.
package struct SetupPlan: Sendable {
    /// One thing of a project that hive uses.
    package struct Step: Sendable, Hashable {
        package enum Action: String, Sendable, Hashable {
            /// It was not there.
            case made
            /// It was there and stays as it is.
            case kept
            /// Lines or files were added to what was there.
            case extended
        }

        /// From the project's folder where it stands inside, else absolute; a folder ends in `/`.
        package var path: String
        package var action: Action
        /// Why, or what is in it; may be empty.
        package var note: String

        package var json: JSONValue {
            [
                "path": .string(path),
                "action": .string(action.rawValue),
                "note": .string(note),
            ]
        }
    }

    /// Something that works but may not be meant.
    package struct Warning: Sendable, Hashable {
        package var message: String
        /// What to do about it; empty where there is nothing.
        package var cure: String

        package var text: String { cure.isEmpty ? message : "\(message): \(cure)" }
    }

    /// A change to the disk; paths are absolute.
    enum Work: Sendable, Hashable {
        case makeFolder(String)
        case makeFile(String, text: String)
        case append(String, text: String)
    }

    package internal(set) var steps: [Step] = []
    package internal(set) var warnings: [Warning] = []
    private(set) var work: [Work] = []

    mutating func add(
        _ path: String,
        _ action: Step.Action,
        note: String = "",
        work: [Work] = []
    ) {
        steps.append(Step(path: path, action: action, note: note))
        self.work += work
    }

    /// Makes what is missing.
    ///
    /// - Throws: exit code 3; what was made until then stays and is kept by the next init.
    package func carryOut() throws(HiveError) {
        for work in work {
            switch work {
            case .makeFolder(let path):
                try Folders.make(path, mode: 0o755)
            case .makeFile(let path, let text):
                // False: somebody made it since we looked, and theirs stays.
                _ = try FreshFile.make(path, text)
            case .append(let path, let text):
                try FreshFile.append(text, to: path)
            }
        }
    }
}
