import HiveTestKit
import Testing

@testable import HiveWitness

@Suite struct XMLReaderTests {
    private static let good = """
        \u{FEFF}<?xml version="1.0" encoding='UTF-8' standalone="yes"?>
        <!-- made by hand -->
        <?style none?>
        <testsuites a='1 "quoted"' b="x &lt;&amp;&gt;&quot;&apos; &#8594; &#x1F41D;">
          <testcase name="line&#10;end
        and tab\there"/>
          <system-out><![CDATA[<not> an ]] element & no entity]]>after &amp; ü</system-out>
          <p:q.r-s_1 />
        </testsuites>

        """

    private func read(_ text: String) throws(XMLFault) -> XMLElement {
        try XMLReader.read(Array(text.utf8))
    }

    @Test func `elements, attributes, text, CDATA and entities are read`() throws {
        let root = try read(Self.good)
        #expect(root.name == "testsuites")
        #expect(root.attributes == ["a": "1 \"quoted\"", "b": "x <&>\"' → 🐝"])
        #expect(root.children.map(\.name) == ["testcase", "system-out", "p:q.r-s_1"])
        #expect(root.children[0].attributes["name"] == "line\nend and tab here")
        #expect(root.children[1].text == "<not> an ]] element & no entityafter & ü")
    }

    @Test func `each kind of line end is one line feed`() throws {
        #expect(try read("<a>1\r\n2\r3\n</a>").text == "1\n2\n3\n")
    }

    @Test(arguments: [
        ("", "there is no element"), ("  \n", "there is no element"),
        ("<a>", "it ends before </a>"),
        ("<a></b>", "</b> where </a> is due"), ("</a>", "ends nothing"),
        ("<a/><b/>", "behind the end"), ("<a/>text", "outside"), ("x<a/>", "outside"),
        ("<a b=1/>", "not in quotes"), ("<a b='1' b='2'/>", "twice"), ("<a b='<'/>", "a < in"),
        ("<a b='1'c='2'/>", "white space"), ("<a>&nbsp;</a>", "not known"),
        ("<a>&#0;</a>", "not known"), ("<a>&#xD800;</a>", "not known"),
        ("<a>&#99999999;</a>", "not known"), ("<a>&#+5;</a>", "not known"),
        ("<a>& b</a>", "begins no entity"), ("<a>]]></a>", "]]> in text"),
        ("<a><![CDATA[x]]</a>", "has no end"), ("<!-- a -- b --><a/>", "is missing"),
        ("<a><?xml version='1.0'?></a>", "second XML declaration"),
        ("<?xml version='1.0' encoding='UTF-16'?><a/>", "other than UTF-8"),
        ("<a>\u{1}</a>", "does not allow"), ("<a>\u{FFFE}</a>", "does not allow"),
        ("<1/>", "a name is missing"), ("<a", "is missing"), ("<a b", "is missing"),
    ])
    func `what is not well formed is refused with a reason`(_ text: String, _ reason: String) {
        let fault = #expect(throws: XMLFault.self, "\(text)") { try read(text) }
        #expect(fault?.problem.contains(reason) == true, "\(text): \(String(describing: fault))")
    }

    @Test func `a document type is refused, and with it every entity that grows`() {
        let text = """
            <?xml version="1.0"?>
            <!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;">]>
            <lolz>&lol2;</lolz>
            """
        let fault = #expect(throws: XMLFault.self) { try read(text) }
        #expect(fault?.line == 2)
        #expect(fault?.problem.contains("document type") == true)
    }

    @Test func `bytes that are no UTF-8 are refused`() {
        #expect(throws: XMLFault.self) { try XMLReader.read(Array("<a>".utf8) + [0xFF]) }
    }

    @Test func `depth, elements, attributes and names are bounded`() throws {
        let deep = { (count: Int) in
            String(repeating: "<a>", count: count) + String(repeating: "</a>", count: count)
        }
        #expect(try read(deep(XMLReader.depthMax)).name == "a")
        #expect(throws: XMLFault.self) { try read(deep(XMLReader.depthMax + 1)) }
        #expect(throws: XMLFault.self) { try read(String(repeating: "<a>", count: 100_000)) }
        let many = String(repeating: "<b/>", count: XMLReader.elementsMax)
        #expect(throws: XMLFault.self) { try read("<a>\(many)</a>") }
        let attributes = (0...XMLReader.attributesMax).map { "a\($0)=''" }
        #expect(throws: XMLFault.self) { try read("<a \(attributes.joined(separator: " "))/>") }
        let name = String(repeating: "n", count: XMLReader.nameBytesMax + 1)
        #expect(throws: XMLFault.self) { try read("<\(name)/>") }
        let long = String(repeating: "é", count: XMLReader.textBytesMax)
        #expect(try read("<a>\(long)</a>").text.utf8.count <= XMLReader.textBytesMax + 2)
    }

    @Test func `every prefix of a good document is refused and traps nowhere`() throws {
        let bytes = Array(Self.good.utf8)
        let end = try #require(bytes.lastIndex(of: UInt8(ascii: ">")))
        for length in 0...end {
            #expect(throws: XMLFault.self, "\(length) bytes") {
                try XMLReader.read(Array(bytes[..<length]))
            }
        }
    }

    @Test func `changed and random bytes trap nowhere`() {
        var random = SeededGenerator()
        print("XMLReader: HIVE_SEED=\(random.seed)")
        let good = Array(Self.good.utf8)
        let pieces: [[UInt8]] = [
            "<", ">", "</", "/>", "<!--", "-->", "<![CDATA[", "]]>", "&", "&#x", ";", "=", "'",
            "\"",
            "<?xml", "?>", "a", " ", "\u{FEFF}", "<!DOCTYPE",
        ].map { Array($0.utf8) }
        for _ in 0..<Campaign.size(short: 2_000, long: 200_000) {
            var bytes = good
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.removeSubrange(place..<min(bytes.count - 1, place + 9))
                default:
                    let piece = pieces.randomElement(using: &random) ?? []
                    bytes.insert(contentsOf: piece, at: place)
                }
            }
            _ = try? XMLReader.read(bytes)
            let noise = (0..<Int.random(in: 0...40, using: &random)).flatMap { _ in
                pieces.randomElement(using: &random) ?? []
            }
            _ = try? XMLReader.read(noise)
        }
    }
}
