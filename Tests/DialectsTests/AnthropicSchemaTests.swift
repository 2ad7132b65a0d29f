import Testing

@testable import Dialects

/// Schemas as Anthropic's API takes them.
@Suite struct AnthropicSchemaTests {
    private func written(_ schema: String) -> (schema: String, losses: Losses) {
        var losses = Losses()
        let out = AnthropicSchema.written(bytes(schema), at: "response_format.", &losses)
        return (text(out), losses)
    }

    @Test func `objects at every depth forbid members that they do not name`() {
        let (schema, losses) = self.written(
            #"{"type":"object","properties":{"a":{"type":"array","items":{"properties":{"b":{"type":"null"}}}}},"#
                + #""required":["a"],"$defs":{"c":{"anyOf":[{"type":"object","additionalProperties":false},true]}}}"#)
        #expect(
            schema
                == #"{"type":"object","properties":{"a":{"type":"array","items":{"properties":{"b":{"type":"null"}},"#
                + #""additionalProperties":false}}},"required":["a"],"$defs":{"c":{"anyOf":[{"type":"object","#
                + #""additionalProperties":false},true]}},"additionalProperties":false}"#)
        #expect(losses.isEmpty)
    }

    @Test(arguments: [
        (#""minimum":3"#, "minimum"), (#""maxLength":9"#, "maxLength"), (#""minItems":2"#, "minItems"),
        (#""format":"regex""#, "format"), (#""uniqueItems":true"#, "uniqueItems"),
        (#""patternProperties":{"a":{}}"#, "patternProperties"),
    ])
    func `bounds are hints`(keyword: String, name: String) {
        let (schema, losses) = self.written(#"{"type":"string",\#(keyword)}"#)
        #expect(schema == #"{"type":"string"}"#)
        #expect(losses.hints == ["response_format.\(name)"] && losses.demands.isEmpty)
    }

    @Test(arguments: [
        #"{"type":"array","minItems":1}"#, #"{"type":"string","format":"date"}"#, #"{"enum":["a",1,null]}"#,
        ##"{"$ref":"#/$defs/a"}"##, #"{"allOf":[{"const":1}],"description":"d","title":"t","default":1}"#,
    ])
    func `what is known goes as it is`(schema: String) {
        #expect(self.written(schema) == (schema, Losses()))
    }

    @Test func `a choice of one is a choice of some, and remarks say nothing`() {
        let (schema, losses) = self.written(#"{"oneOf":[{"type":"string"}],"$schema":"x","examples":["a"]}"#)
        #expect(schema == #"{"anyOf":[{"type":"string"}]}"# && losses.hints == ["response_format.oneOf"])
    }

    @Test func `a map without names is a demand, further members beside names are not`() {
        let map = #"{"type":"object","additionalProperties":{"type":"integer"}}"#
        #expect(self.written(map).losses.demands == ["response_format.additionalProperties"])
        let open = #"{"type":"object","properties":{"a":{}},"additionalProperties":true}"#
        #expect(self.written(open).losses.isEmpty)
    }
}
