import Health
import Testing

struct `Ollama's version` {
    @Test(arguments: [
        "0.17.6", "0.33.0-rc2", "v0.5.1", "0.5.7-0-ga420a45-dirty", "12.0.0", "0.0.0", "0.6.2+cu12",
    ])
    func `is read`(text: String) throws {
        let version = try #require(OllamaVersion(text))
        #expect(version.description == text)
    }

    @Test(arguments: [
        "", "0.17", "0.17.6.1", "0..1", "0.17.x", "dev", "-1.0.0", "0.17.6-", "1.0.0000000000001", "٠.١.٢", " 0.1.0",
        "0.1.0" + String(repeating: "0", count: 64),
    ])
    func `is not read from other text`(text: String) {
        #expect(OllamaVersion(text) == nil)
    }

    @Test func `is ordered`() throws {
        let texts = [
            "0.0.0", "0.5.7-0-ga420a45", "0.5.7", "0.9.10", "0.10.0-rc0", "0.10.0-rc2", "0.10.0-rc10", "0.10.0",
            "0.17.6",
            "0.33.0-rc2", "1.0.0",
        ]
        let versions = try texts.map { try #require(OllamaVersion($0)) }
        for (place, left) in versions.enumerated() {
            for (otherPlace, right) in versions.enumerated() {
                #expect((left < right) == (place < otherPlace), "\(left) and \(right)")
                #expect((left == right) == (place == otherPlace))
            }
        }
        #expect(OllamaVersion("v0.5.7") == OllamaVersion("0.5.7+cu12"))
        #expect(OllamaVersion("v0.5.7")?.hashValue == OllamaVersion("0.5.7+cu12")?.hashValue)
    }

    @Test(arguments: [
        ("0.11.9", false, false, false), ("0.12.0-rc0", true, false, false), ("0.12.0", true, false, false),
        ("0.16.1", true, false, false), ("0.16.2-rc1", true, false, false), ("0.16.2", true, true, false),
        ("0.17.5", true, true, false), ("0.17.6-rc1", true, true, false), ("0.17.6", true, true, true),
        ("0.33.0-rc2", true, true, true), ("0.0.0", true, false, false),
    ])
    func `tells its ways out and its safeguards, the unsure case on the safe side`(
        text: String, hasRemoteModels: Bool, hasCloudSwitch: Bool, hasLocalSuffix: Bool
    ) throws {
        let version = try #require(OllamaVersion(text))
        #expect(version.hasRemoteModels == hasRemoteModels)
        #expect(version.hasCloudSwitch == hasCloudSwitch)
        #expect(version.hasLocalSuffix == hasLocalSuffix)
    }

    @Test func `and the cloud together say when the local suffix is needed`() {
        for cloud in CloudState.allCases {
            #expect(Inventory(version: OllamaVersion("0.17.6"), cloud: cloud).needsLocalSuffix == (cloud != .off))
            #expect(!Inventory(version: OllamaVersion("0.17.5"), cloud: cloud).needsLocalSuffix)
            #expect(!Inventory(cloud: cloud).needsLocalSuffix)
        }
    }
}
