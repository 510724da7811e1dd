import HiveProcess

/// Recognizes secrets in a line; what they are, never where in the line or what they say.
enum Secrets {
    /// No more of a line is looked at.
    static let lineBytesMax = 65_536
    /// A shorter literal is no password.
    static let literalBytesMin = 6

    /// What kind of secret the line holds, as in "a private key"; nil for none.
    ///
    /// - `isSettingsFile`: values without quotes count as literals, as in `.env` and YAML.
    static func kind(in line: ArraySlice<UInt8>, isSettingsFile: Bool) -> String? {
        let bytes = Array(line.prefix(lineBytesMax))
        return bytes.withUnsafeBytes { text in
            if text.has("-----BEGIN ") && text.has("PRIVATE KEY") { return "a private key" }
            for token in tokens where token.isIn(text) { return token.kind }
            if isWebToken(in: text) { return "a JSON web token" }
            if isAddressWithPassword(text) { return "a password in an address" }
            let lower = bytes.map(ASCII.lowercased)
            return isAssignment(bytes, lower, isSettingsFile: isSettingsFile)
                ? "a password or key as a literal" : nil
        }
    }

    // MARK: - Tokens with a prefix of their own

    /// A fixed beginning and at least so many letters, digits, `-` or `_` behind it.
    private struct Token {
        var kind: String
        var prefix: [UInt8]
        var bytesMin: Int

        init(_ kind: String, _ prefix: String, _ bytesMin: Int) {
            self.kind = kind
            self.prefix = Array(prefix.utf8)
            self.bytesMin = bytesMin
        }

        func isIn(_ text: UnsafeRawBufferPointer) -> Bool {
            var from = 0
            while let start = text.firstOffset(of: prefix, from: from) {
                from = start + prefix.count
                let isAlone = start == 0 || !ASCII.isWord(text[start - 1])
                let length = text[from...].prefix { Secrets.isTokenByte($0) }.count
                if isAlone && length >= bytesMin { return true }
            }
            return false
        }
    }

    private static let tokens: [Token] = [
        Token("an AWS access key", "AKIA", 16), Token("an AWS access key", "ASIA", 16),
        Token("a GitHub token", "ghp_", 36), Token("a GitHub token", "gho_", 36),
        Token("a GitHub token", "ghu_", 36), Token("a GitHub token", "ghs_", 36),
        Token("a GitHub token", "ghr_", 36), Token("a GitHub token", "github_pat_", 22),
        Token("a GitLab token", "glpat-", 20), Token("a GitLab token", "gldt-", 20),
        Token("a Slack token", "xoxb-", 10), Token("a Slack token", "xoxp-", 10),
        Token("a Slack token", "xoxa-", 10), Token("a Slack token", "xoxr-", 10),
        Token("a Slack token", "xoxs-", 10), Token("a Slack token", "xapp-", 10),
        Token("a Slack address", "hooks.slack.com/services/", 8),
        Token("a Stripe key", "sk_live_", 16), Token("a Stripe key", "rk_live_", 16),
        Token("a Stripe key", "sk_test_", 16), Token("a Stripe secret", "whsec_", 16),
        Token("an Anthropic key", "sk-ant-", 20), Token("an OpenRouter key", "sk-or-", 20),
        Token("an OpenAI key", "sk-proj-", 20), Token("an OpenAI key", "sk-", 32),
        Token("a Google key", "AIza", 35), Token("an npm token", "npm_", 36),
        Token("a PyPI token", "pypi-AgE", 16), Token("a SendGrid key", "SG.", 20),
        Token("a Hugging Face token", "hf_", 30), Token("a DigitalOcean token", "dop_v1_", 32),
    ]

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        ASCII.isWord(byte) || byte == UInt8(ascii: "-")
    }

    /// `eyJ….eyJ….…`: two JSON objects and a signature in base64url.
    private static func isWebToken(in text: UnsafeRawBufferPointer) -> Bool {
        var from = 0
        while let start = text.firstOffset(of: Array("eyJ".utf8), from: from) {
            from = start + 3
            let token = text[start...].prefix { isTokenByte($0) || $0 == UInt8(ascii: ".") }
            let parts = token.split(separator: UInt8(ascii: "."))
            if parts.count >= 3, parts[0].count > 10, parts[2].count > 10,
                parts[1].starts(with: "eyJ".utf8)
            {
                return true
            }
        }
        return false
    }

    /// `scheme://user:password@host`.
    private static func isAddressWithPassword(_ text: UnsafeRawBufferPointer) -> Bool {
        var from = 0
        while let start = text.firstOffset(of: Array("://".utf8), from: from) {
            from = start + 3
            let authority = text[from...].prefix { byte in
                byte > 0x20 && byte != UInt8(ascii: "/") && byte != UInt8(ascii: "\"")
            }
            guard let at = authority.lastIndex(of: UInt8(ascii: "@")),
                let colon = authority.firstIndex(of: UInt8(ascii: ":")), colon < at
            else { continue }
            if isLiteral(authority[(colon + 1)..<at].map { $0 }, bytesMin: 3) { return true }
        }
        return false
    }

    // MARK: - Assignments

    /// Names, in lower case, whose values are secret.
    private static let names = [
        "password", "passwd", "passphrase", "secret", "api_key", "apikey", "api-key", "access_key",
        "accesskey", "auth_token", "authtoken", "access_token", "private_key",
    ].map { Array($0.utf8) }

    /// `password = "…"`, `"apiKey": "…"`, `API_KEY=…` and the like.
    private static func isAssignment(
        _ line: [UInt8],
        _ lower: [UInt8],
        isSettingsFile: Bool
    ) -> Bool {
        for name in names {
            for start in lower.offsets(of: name, max: 8) {
                // The rest of the name: a suffix such as `_KEY`, and the quote that ends it.
                var rest = line[(start + name.count)...].drop(while: ASCII.isWord)
                if let quote = rest.first, isQuote(quote) { rest = rest.dropFirst() }
                rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "]") }
                guard let value = value(behindSign: rest, isSettingsFile: isSettingsFile) else {
                    continue
                }
                if isLiteral(value, bytesMin: literalBytesMin) { return true }
            }
        }
        return false
    }

    /// What is assigned: within quotes, or, in a settings file, up to a blank.
    private static func value(
        behindSign text: ArraySlice<UInt8>,
        isSettingsFile: Bool
    ) -> [UInt8]? {
        let signs = text.prefix { ":=>".utf8.contains($0) }
        guard (1...2).contains(signs.count), !signs.elementsEqual("==".utf8),
            !signs.elementsEqual("::".utf8), signs.first != UInt8(ascii: ">")
        else { return nil }
        let value = text.dropFirst(signs.count).drop { $0 == UInt8(ascii: " ") }
        guard let quote = value.first else { return nil }
        if isQuote(quote) {
            let literal = value.dropFirst().prefix { $0 != quote }
            return literal.endIndex < value.endIndex ? Array(literal) : nil
        }
        guard isSettingsFile else { return nil }
        let word = value.prefix { $0 > 0x20 }
        // A call or a reference is code, no literal.
        return word.contains { "()[]{},;.".utf8.contains($0) } ? nil : Array(word)
    }

    private static func isQuote(_ byte: UInt8) -> Bool { "\"'`".utf8.contains(byte) }

    /// False for what stands in for a secret: references, placeholders, prose.
    private static func isLiteral(_ value: [UInt8], bytesMin: Int) -> Bool {
        guard value.count >= bytesMin, !value.contains(UInt8(ascii: " ")),
            !value.contains(where: { "${}<>%".utf8.contains($0) })
        else { return false }
        let text = String(decoding: value.map(ASCII.lowercased), as: UTF8.self)
        return !emptyWords.contains(text) && !placeholders.contains { text.contains($0) }
    }

    /// Names of what would stand there.
    private static let emptyWords: Set<String> = [
        "password", "passwd", "pass", "passphrase", "secret", "secrets", "api_key", "apikey",
        "string", "boolean", "undefined",
    ]

    private static let placeholders = [
        "example", "changeme", "change_me", "change-me", "your", "xxx", "***", "...", "placeholder",
        "dummy", "redacted", "process.env", "os.environ", "getenv", "secrets.",
    ]
}

extension UnsafeRawBufferPointer {
    fileprivate func has(_ text: String) -> Bool {
        firstOffset(of: Array(text.utf8), from: 0) != nil
    }
}
