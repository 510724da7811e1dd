import HiveSignal
import Testing

@testable import HiveWitness

@Suite struct OwnerKeyTests {
    /// RFC 8032 §7.1, test 2.
    @Test func `the key of RFC 8032 verifies its signature, and of no other message`() throws {
        let key = try #require(
            OwnerKey(
                bytes: Hex.decode(
                    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
                )
                    ?? []
            )
        )
        let signature = try #require(
            Hex.decode(
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                    + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
            )
        )
        #expect(key.verifies(signature, of: [0x72]))
        #expect(!key.verifies(signature, of: [0x73]))
        #expect(key.fingerprint.count == 16)
    }

    @Test func `bytes that are no key make none`() {
        #expect(OwnerKey(bytes: [1, 2, 3]) == nil)
    }
}
