import HiveSignal
import Testing

@testable import HiveWitness

@Suite struct SecretKeyTests {
    /// RFC 8032 §7.1, test 2.
    @Test func `the key of RFC 8032 signs as written there`() throws {
        let seed = Hex.decode("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
        let key = try #require(SecretKey(seed: seed ?? []))
        let signature = try key.signature(of: [0x72])
        #expect(
            Hex.encode(key.owner.bytes)
                == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
        )
        #expect(
            Hex.encode(signature)
                == "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        )
    }

    @Test func `a signed override verifies with its own key, and with no other`() throws {
        let key = try SecretKey()
        let line = try key.sign(draft(for: key.owner))
        #expect(try isSigned(line, by: key.owner))
        #expect(try !isSigned(line, by: SecretKey().owner))
    }

    @Test func `a signed override with any byte changed verifies no more`() throws {
        let key = try SecretKey()
        let line = try key.sign(draft(for: key.owner))
        for index in line.indices {
            var forged = line
            forged[index] ^= 1
            guard let read = SignedOverride(line: forged) else { continue }
            #expect(!key.owner.verifies(read.signature, of: read.message), "byte \(index)")
        }
    }

    @Test func `two keys are two`() throws {
        #expect(try SecretKey().owner != SecretKey().owner)
    }

    @Test func `neither key nor passphrase shows in what is printed of them`() throws {
        let key = try SecretKey()
        let passphrase = try Passphrase.of("correct horse")
        var printed = ""
        dump((key, passphrase), to: &printed)
        printed += "\(key) \(passphrase) \(String(reflecting: key))"
        #expect(!printed.contains("horse"))
        #expect(!printed.contains("\(key.seed[0]), \(key.seed[1])"))
        #expect(!printed.contains("- 0:"))
    }
}

@Suite struct OwnerKeyTextTests {
    @Test func `a key is read back from its line, with comments around it`() throws {
        let key = try SecretKey().owner
        #expect(OwnerKey(text: key.text) == key)
        #expect(OwnerKey(text: "# mine\r\n\n\(key.text)\n") == key)
    }

    @Test func `a line with any character changed is no key, or another's`() throws {
        let key = try SecretKey().owner
        let text = Array(key.text.utf8)
        for index in text.indices.dropLast() {
            var other = text
            other[index] ^= 1
            #expect(OwnerKey(text: String(decoding: other, as: UTF8.self)) == nil, "at \(index)")
        }
    }

    @Test func `two keys, or none, are no key`() throws {
        let key = try SecretKey().owner
        #expect(OwnerKey(text: key.text + key.text) == nil)
        #expect(OwnerKey(text: "") == nil)
        #expect(OwnerKey(text: "# \(key.text)") == nil)
    }
}
