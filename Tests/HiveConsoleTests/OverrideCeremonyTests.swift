import HiveControl
import HiveSignal
import Testing

@testable import HiveConsole

/// What is asked, in which order, and what leaves the process.
@Suite struct OverrideCeremonyTests {
    /// The daemon's side, and what a person was asked and told.
    private final class Desk {
        var basis: JSONValue = [
            "boardId": "b0a2d", "gen": 87, "sequence": 12,
            "chain": .string(String(repeating: "07", count: 32)), "key": "0123456789abcdef",
            "fault": nil,
        ]
        var isSealed = false
        /// What the person answers, in turn.
        var answers: [String?] = []
        private(set) var asked: [String] = []
        private(set) var told: [String] = []
        /// What happens while the person thinks.
        var meanwhile: () -> Void = {}
        private(set) var calls: [(method: String, params: JSONValue)] = []

        func call(_ method: String, _ params: JSONValue) -> JSONValue {
            calls.append((method, params))
            switch method {
            case Method.overrideBasis: return basis
            case Method.override: return ["verdict": "accepted"]
            default: return ["gen": 87, "cycles": []]
            }
        }

        func run(
            _ order: OverrideOrder,
            _ given: OverrideCeremony.Given,
            hasPerson: Bool = true
        ) throws(CommandError) -> JSONValue {
            let isSealed = isSealed
            let signer = OverrideSigner(
                key: { () throws(CommandError) in
                    OverrideSigner.Key(fingerprint: "0123456789abcdef", isSealed: isSealed)
                },
                sign: { (line, passphrase) throws(CommandError) in
                    if isSealed && passphrase != Array("open sesame".utf8) { return nil }
                    return line.line(signature: [UInt8](repeating: 9, count: 64))
                }
            )
            let person = OverrideCeremony.Person(
                line: { self.answer($0) },
                hidden: { self.answer($0).map { Array($0.utf8) } }
            )
            return try OverrideCeremony(
                call: { (method, params) throws(CommandError) in self.call(method, params) },
                signer: signer,
                person: hasPerson ? person : nil,
                tell: { self.told.append($0) }
            ).run(order, given)
        }

        func failure(
            _ order: OverrideOrder,
            _ given: OverrideCeremony.Given,
            hasPerson: Bool = true
        ) -> CommandError? {
            do throws(CommandError) {
                _ = try run(order, given, hasPerson: hasPerson)
                return nil
            } catch {
                return error
            }
        }

        var sent: SignedOverride? {
            calls.last { $0.method == Method.override }?.params.text("line")
                .flatMap { SignedOverride(line: Array($0.utf8)) }
        }

        private func answer(_ question: String) -> String? {
            asked.append(question)
            meanwhile()
            return answers.isEmpty ? nil : answers.removeFirst()
        }
    }

    private let nothing = OverrideCeremony.Given(reason: nil, isConfirmed: false)
    private let all = OverrideCeremony.Given(reason: "a hotfix", isConfirmed: true)

    @Test func `a person is told, and asked for a reason, a yes and the passphrase`() throws {
        let desk = Desk()
        desk.isSealed = true
        desk.answers = ["a hotfix", "yes", "open sesame"]
        #expect(try desk.run(.generation(90), nothing).isAccepted)
        #expect(desk.asked == ["why?", "force it? (yes/no)", "passphrase:"])
        #expect(desk.told == ["generation 87 ends, no cycle is open; 90 begins empty"])
        let sent = try #require(desk.sent)
        #expect(sent.claim.override == .generation(90))
        #expect(sent.claim.head.sequence == 12)
        #expect(sent.claim.generation == 87)
        #expect(sent.claim.boardID == "b0a2d")
        #expect(sent.claim.key == "0123456789abcdef")
    }

    @Test func `no passphrase ever leaves the process`() throws {
        let desk = Desk()
        desk.isSealed = true
        desk.answers = ["a hotfix", "y", "sesame?", "open sesame"]
        _ = try desk.run(.generation(90), nothing)
        for call in desk.calls { #expect(!call.params.text.contains("sesame")) }
        #expect(!desk.told.joined().contains("sesame"))
    }

    @Test func `two overrides of the same never share a nonce`() throws {
        let desk = Desk()
        _ = try desk.run(.generation(90), all)
        let first = desk.sent?.claim.nonce
        _ = try desk.run(.generation(90), all)
        #expect(first != nil && desk.sent?.claim.nonce != first)
    }

    @Test(arguments: [
        [nil], [""], ["  "], ["why not", nil], ["why not", ""], ["why not", "no"],
        ["why not", "yes", nil],
    ])
    func `who gives up at any question forces nothing`(_ answers: [String?]) throws {
        let desk = Desk()
        desk.isSealed = true
        desk.answers = answers
        let error = try #require(desk.failure(.generation(90), nothing))
        #expect(error.exitCode == 1 || error.exitCode == 2)
        #expect(desk.sent == nil)
    }

    @Test(arguments: ["gen", "boardId"])
    func `a yes of before a flip forces nothing after it`(_ key: String) throws {
        let desk = Desk()
        desk.answers = ["a hotfix", "yes"]
        desk.meanwhile = {
            var basis = desk.basis.objectValue ?? [:]
            basis[key] = key == "gen" ? 88 : "another"
            desk.basis = .object(basis)
        }
        let error = try #require(desk.failure(.phase(.validate, trace: nil), nothing))
        #expect(error.exitCode == 1)
        #expect(error.message.contains("nothing was forced"))
        #expect(desk.sent == nil)
    }

    @Test func `a reason as long as a book is refused before anything is asked`() throws {
        let desk = Desk()
        let reason = String(repeating: "why ", count: 2_000)
        let given = OverrideCeremony.Given(reason: reason, isConfirmed: true)
        let error = try #require(desk.failure(.generation(90), given))
        #expect(error.exitCode == 2)
        #expect(error.message == "the reason has 8000 bytes, more than 4096")
        #expect(desk.calls.isEmpty)
    }

    @Test func `a mistyped passphrase is asked for again, three times in all`() throws {
        let desk = Desk()
        desk.isSealed = true
        desk.answers = ["a", "b", "c", "open sesame"]
        let given = OverrideCeremony.Given(reason: "a hotfix", isConfirmed: true)
        let error = try #require(desk.failure(.generation(90), given))
        #expect(error.exitCode == 1)
        #expect(error.message == "the passphrase does not open your key: nothing was forced")
        #expect(desk.asked.count == 3)
        #expect(desk.sent == nil)
    }

    @Test func `a script gives everything, and is told what it lacks`() throws {
        let desk = Desk()
        #expect(try desk.run(.generation(90), all, hasPerson: false).isAccepted)
        for given in [
            nothing, OverrideCeremony.Given(reason: "a hotfix", isConfirmed: false),
            OverrideCeremony.Given(reason: nil, isConfirmed: true),
        ] {
            let error = try #require(desk.failure(.generation(90), given, hasPerson: false))
            #expect(error.exitCode == 2)
            #expect(error.hint == "give --reason TEXT and --yes")
        }
        desk.isSealed = true
        let error = try #require(desk.failure(.generation(90), all, hasPerson: false))
        #expect(error.exitCode == 2)
        #expect(error.hint.contains("--passphrase-stdin"))
    }

    @Test func `a passphrase that a script gives is tried once`() throws {
        let desk = Desk()
        desk.isSealed = true
        var given = all
        given.passphrase = Array("wrong".utf8)
        #expect(desk.failure(.generation(90), given, hasPerson: false)?.exitCode == 1)
        given.passphrase = Array("open sesame".utf8)
        #expect(try desk.run(.generation(90), given, hasPerson: false).isAccepted)
    }

    @Test func `where another key is needed, nobody types a word for nothing`() throws {
        let desk = Desk()
        desk.answers = ["a hotfix", "yes"]
        desk.basis = ["key": "fedcba9876543210", "fault": nil]
        let other = try #require(desk.failure(.generation(90), nothing))
        #expect(other.exitCode == 1)
        #expect(other.message.contains("fedcba9876543210, and yours is 0123456789abcdef"))
        desk.basis = ["key": nil, "fault": "no key is pinned for this board"]
        let none = try #require(desk.failure(.generation(90), nothing))
        #expect(none.message.contains("no key is pinned for this board"))
        #expect(desk.asked.isEmpty)
    }
}
