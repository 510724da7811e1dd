import Testing

@testable import HiveKernel

/// What counts as the same answer.
@Suite struct AnswerFormTests {
    @Test(
        arguments: [
            [
                "4", " 4. ", "4.0", "$4", "**4**", "`4`", "\"4\"", "+4", "4e0", "(4)", "\u{200B}4",
                "2 + 2 = 4.", "The answer is 4.", "the answer is “2+2 = 4”",
                "The answer is: 4", "The correct answer is 4.", "The answer to this question is 4.",
            ],
            ["1,000", "1000", "1e3", "1000.000", "€1,000"],
            ["-0.5", "\u{2212}.5", "-0.50", "-$0.5", "-5e-1"],
            ["0", "-0", "0.0", "000"],
            ["Paris", "paris.", " PARIS ", "“Paris”", "_Paris_", "Par\u{AD}is", "**Paris.**"],
            ["4", "４", "４．０", "２＋２＝４", "（４）", "＄４"],
            ["-4", "−4", "–4", "－４"],
            ["it's so", "it’s so", "It‘s so.", "“it’s so”", "it＇s so"],
            ["Jean-Luc", "jean‐luc", "Jean‑Luc", "Jean–Luc"], ["yes", "Ｙｅｓ", "yes—it is"],
            ["New  York", "new york", "New\u{A0}York", "New\nYork"],
            ["café", "cafe\u{301}", "CAFÉ"],
            ["Straße", "STRASSE", "straße"],
            ["yes", "Yes.", "YES, it is", "true", "yes. It is even"],
            ["no", "No!", "No, it is odd", "FALSE"],
            [
                #"{"a":1,"b":[2]}"#, #"{ "b": [2.0], "a": 1e0 }"#, #"`{"a":1,"b":[2]}`."#,
                "```json\n{\"b\":[2],\"a\":1}\n```",
            ],
        ]
    )
    func `writings of one answer are one answer`(_ texts: [String]) throws {
        let forms = try texts.map { try #require(AnswerForm($0), "\($0)") }
        for (form, text) in zip(forms, texts) { #expect(form == forms[0], "\(text)") }
        #expect(Set(forms).count == 1)
    }

    @Test func `what is not known to be the same stays apart`() {
        let texts = [
            "4", "four", "40", "-4", "4%", "4 apples", "1,5", "15", "1,00", "100", "Paris",
            "Paris, France", "No. 5", "no", "yes", "nobody", "C", "C#", "C++", #"["4"]"#, "[4]",
            #"{"a":1}"#, #"{"A":1}"#, "0x10", "1.2.3", "x = 4", "2 + 2 = four", "= 4",
            "yes-man", "it is", "its", "ＡＢ", "А", "²",
            "The answer is", "The answer isn't 4", "1e999", "e5", "--4", ".",
        ]
        let forms = texts.map { AnswerForm($0) }
        #expect(forms.allSatisfy { $0 != nil })
        #expect(Set(forms.compactMap(\.self)).count == texts.count)
    }

    @Test(arguments: ["", "  \n\t", "\u{200B}", "\u{FEFF} "])
    func `a text that says nothing is no answer`(_ text: String) {
        #expect(AnswerForm(text) == nil)
        #expect(AnswerForm(inReply: "I thought.\nANSWER:" + text) == nil)
    }

    @Test(
        arguments: [
            "ANSWER: Paris", "answer: paris",
            "Let me think: Rome.\nANSWER: Rome?\n**Answer:** Paris",
            "**ANSWER: Paris**", "`ANSWER: Paris`", "> Answer : Paris\nThat was it.",
            "# ANSWER:\nParis", "Paris", "so\r\nANSWER: Paris\r\n", "*ANSWER*: **Paris**.",
        ]
    )
    func `the last answer line is the answer`(_ reply: String) throws {
        #expect(AnswerForm(inReply: reply) == AnswerForm("Paris"), "\(reply)")
    }

    @Test func `words before the colon are no answer line`() {
        #expect(AnswerForm(inReply: "ANSWERS: Paris") != AnswerForm("Paris"))
        #expect(AnswerForm(inReply: "The answer: Paris") != AnswerForm("Paris"))
    }

    @Test func `a text that is too long to be reduced counts to the letter`() throws {
        let long = String(repeating: "word ", count: AnswerForm.reducedBytesMax)
        let form = try #require(AnswerForm(long))
        #expect(form == AnswerForm(" " + long))
        #expect(form != AnswerForm(long.uppercased()))
    }

    @Test func `hostile digits neither trap nor take long`() throws {
        let nines = String(repeating: "9", count: 4_000)
        for text in [nines, "1e" + nines, "0." + nines, "1," + nines, "-" + nines + "e-64"] {
            #expect(try #require(AnswerForm(text)).value != .number("0"))
        }
        #expect(AnswerForm("1e64")?.value == .number("1" + String(repeating: "0", count: 64)))
        let deep = String(repeating: "[", count: 4_000)
        #expect(try #require(AnswerForm(deep)).value == .text(deep))
    }

    @Test(
        arguments: [
            ("What is the capital of Australia?", "The capital of Australia is Canberra."),
            ("What is the capital of Australia?", "**The capital of Australia is Canberra**"),
            (
                "what is THE capital of  Australia?",
                "The answer is: the capital of Australia is: Canberra"
            ),
            (
                "What is the capital of Australia? In a word.",
                "The capital of Australia is “Canberra”."
            ),
            ("What is the capital of Australia?", "ANSWER: The capital of Australia is Canberra."),
            (
                "What is the capital of Australia?",
                "The capital of Australia is Canberra.\n\nIt has a lake."
            ),
        ]
    )
    func `a sentence that repeats the question is its answer`(question: String, reply: String) {
        #expect(AnswerForm(inReply: reply, to: question) == AnswerForm("Canberra"), "\(reply)")
        #expect(AnswerForm(inReply: reply) != AnswerForm("Canberra"), "nothing is asked")
    }

    @Test(arguments: ["2+2 is 4.", "2 + 2 equals 4", "2+2 = 4\n\nSo it is.", "2 + 2 is equal to 4"])
    func `a sum that repeats the question is its result`(reply: String) {
        #expect(AnswerForm(inReply: reply, to: "What is 2+2?") == AnswerForm("4"), "\(reply)")
    }

    @Test func `a sentence that may say anything else stays apart`() {
        let question = "What is the capital of Australia?"
        let replies = [
            "Canberra", "The capital of Australia is Sydney.",
            "The capital of Australia is not Canberra.",
            "The capital of Australia is Canberra, not Sydney.",
            "The capital of Australia is Canberra. No, it is Sydney.",
            "The capital of Australia is Canberra\nor Sydney.", "The capital of Australia is",
            "The capital of Australia isn't Canberra.",
            "The capital of Australia was Canberra.", "The capital of Australiais Canberra.",
            "The capital of Australian sport is Canberra.", "The capital of Austria is Canberra.",
            "The old capital of Australia is Canberra.", "It is Canberra.",
            "I say the capital of Australia is Canberra.", "Canberra is the capital of Australia.",
        ]
        let forms = replies.map { AnswerForm(inReply: $0, to: question) }
        #expect(Set(forms).count == replies.count)
        let twice = "What is the capital of Australia? What is its largest city?"
        let stated = "The capital of Australia is Canberra."
        for other in [twice, "Name the capital of Australia.", "Is the capital of Australia old?"] {
            #expect(AnswerForm(inReply: stated, to: other) == AnswerForm(stated), "\(other)")
        }
        let sums = ["2 + 22 is 4", "2 + 2 + 2 is 4", "12 + 2 is 4", "2 + 2 = 4 or 5"]
        for sum in sums {
            #expect(AnswerForm(inReply: sum, to: "What is 2+2?") != AnswerForm("4"), "\(sum)")
        }
    }

    @Test func `a first paragraph that says yes or no is the answer, any other is not`() {
        let question = "Is 9 an even number?"
        #expect(AnswerForm(inReply: "No\n\nIt is odd.", to: question) == AnswerForm("no"))
        #expect(AnswerForm(inReply: "Yes\n\nANSWER: no", to: question) == AnswerForm("no"))
        for reply in ["Let me see.\n\nNo", "2\n\n3\n\n5", "No\nbody knows"] {
            #expect(AnswerForm(inReply: reply, to: question) == AnswerForm(reply), "\(reply)")
        }
    }

    @Test func `any text can be reduced, and its form's text is reduced to the same`() {
        let seed = testSeed()
        var random = SeededGenerator(seed: seed)
        let pieces = [
            "answer", "ANSWER:", " ", "\n", "\"", "*", "(", ")", "4", ".", ",", "-", "$", "e", "{",
            "}", "[", "]", ":", "é", "\u{301}", "\u{200B}", "👩‍💻", "yes", "no", "`", "```", "\u{0}",
            "The answer is", "what", " is ", "?",
        ]
        for _ in 0..<2_000 {
            let text = (0..<random.below(12)).map { _ in random.pick(pieces) }.joined()
            let question = random.pick(["What is 4?", "what is é", text, "what is \(text)?"])
            guard let form = AnswerForm(inReply: text, to: question) else { continue }
            if case .json = form.value { continue }
            #expect(AnswerForm(form.text) == form, "seed \(seed): \(text.debugDescription)")
        }
    }
}
