import Foundation
import Testing

/// The forbidden send does not compile: each fixture is given to the compiler that built these tests, beside the
/// modules that they use.
@Suite struct ForbiddenCodeTests {
    /// What the compiler says of `Fixtures/<name>.swift`; empty if it takes it.
    private func diagnostics(_ name: String) throws -> String {
        let fixture = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(name).swift")
        // The running test binary stands beside the modules it was built from.
        let modules = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent().appending(path: "Modules")
        try #require(
            FileManager.default.fileExists(atPath: modules.appending(path: "Residency.swiftmodule").path),
            "no module at \(modules.path)")
        let compiler = Process()
        compiler.executableURL = URL(filePath: "/usr/bin/env")
        // Uses after consumption are found after type checking, so the type check alone would not do.
        compiler.arguments = [
            "swiftc", "-emit-sil", "-o", "/dev/null", "-swift-version", "6", "-I", modules.path, fixture.path,
        ]
        let output = Pipe()
        compiler.standardOutput = output
        compiler.standardError = output
        try compiler.run()
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        compiler.waitUntilExit()
        if compiler.terminationStatus == 0 { return "" }
        try #require(!said.isEmpty, "the compiler failed without a word")
        return said
    }

    @Test(arguments: [
        ("GrantMadeElsewhere", "'Grant' initializer is inaccessible due to 'internal' protection level"),
        ("AddressesMadeElsewhere", "'CheckedAddresses' initializer is inaccessible due to 'internal' protection level"),
        ("VerdictMadeElsewhere", "'Verdict' initializer is inaccessible due to 'internal' protection level"),
        ("IntentMadeElsewhere", "'DurableIntent' initializer is inaccessible due to '@_spi' protection level"),
        ("CredentialRead", "'revealed' is inaccessible due to '@_spi' protection level"),
        ("IntentUsedTwice", "'intent' consumed more than once"),
        ("GrantUsedTwice", "'grant' consumed more than once"),
        ("GrantCopied", "'copy' cannot be applied to noncopyable types"),
    ])
    func `what would get round the gate does not compile`(name: String, expected: String) throws {
        let said = try self.diagnostics(name)
        #expect(said.contains("error: \(expected)"), "\(said)")
        // The source line shown below a diagnostic repeats its text, without the place.
        let errors = said.split(separator: "\n").filter { $0.contains(".swift:") && $0.contains(": error: ") }
        #expect(errors.count == 1, "one error only: \(said)")
    }

    @Test(arguments: ["GrantUsedOnce", "IntentUsedOnce"])
    func `the proper use compiles`(name: String) throws {
        #expect(try self.diagnostics(name) == "")
    }
}
