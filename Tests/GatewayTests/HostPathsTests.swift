import Foundation
import Testing
import Vocabulary

@testable import Gateway

/// What a backend tells of its models, without what it tells of its host.
@Suite struct HostPathsTests {
    private func removed(_ json: String) -> String? {
        HostPaths.removed(from: Array(json.utf8), of: "m:latest").map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func `the model's name stands for the path in its model file, everything else stays`() {
        let before = #"""
            { "license": "a /blobs/sha256-1", "modelfile":"# FROM m:latest\n\nFROM /srv/ollama/models/blobs/sha256-aa\nFROM /srv/ollama/models/blobs/sha256-bb\nADAPTER /srv/x/blobs/sha256-cc\nTEMPLATE \"\"\"{{ .Prompt }}\nFROM here\"\"\"\nPARAMETER stop \"é\"\n" ,"template":"x"}
            """#
        let after = #"""
            { "license": "a /blobs/sha256-1", "modelfile":"# FROM m:latest\n\nFROM m:latest\nTEMPLATE \"\"\"{{ .Prompt }}\nFROM here\"\"\"\nPARAMETER stop \"é\"\n" ,"template":"x"}
            """#
        #expect(self.removed(before) == after)
    }

    @Test(arguments: [
        (#"{"modelfile":"from C:\\Users\\a\\blobs\\sha256-aa"}"#, #"{"modelfile":"FROM m:latest"}"#),
        (
            #"{"details":{"parent_model":"/a/blobs/sha256-1","format":"gguf"}}"#,
            #"{"details":{"parent_model":"","format":"gguf"}}"#
        ),
        (#"{"details":{"parent_model":"llama3.2:3b"}}"#, #"{"details":{"parent_model":"llama3.2:3b"}}"#),
        (#"{"modelfile":7,"details":null}"#, #"{"modelfile":7,"details":null}"#),
        ("{}", "{}"),
    ])
    func `other forms`(before: String, after: String) {
        #expect(self.removed(before) == after)
    }

    @Test func `what is no object is not kept`() {
        #expect(self.removed("[]") == nil)
        #expect(self.removed("{") == nil)
    }
}
