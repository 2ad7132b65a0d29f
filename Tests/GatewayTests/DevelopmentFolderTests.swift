import Foundation
import Testing

@testable import Gateway

/// The folder of `dev`, whose name anybody can guess.
@Suite struct DevelopmentFolderTests {
    private func refusal(_ path: String) -> String? {
        do throws(StartFailure) {
            try DevelopmentFolder.make(at: path)
            return nil
        } catch {
            return error.message
        }
    }

    @Test func `it is made for its user alone, and found again`() throws {
        let folder = try TemporaryFolder()
        #expect(self.refusal(folder["dev"]) == nil)
        #expect(try folder.mode(of: "dev") == 0o700)
        #expect(self.refusal(folder["dev"]) == nil)
        #expect(DevelopmentFolder.fault(at: folder["dev"]) == nil)
    }

    @Test func `a link, a file and a folder that others may enter are refused`() throws {
        let folder = try TemporaryFolder()
        let way =
            "expected a folder of this user alone, with the rights 0700; remove it, or set TMPDIR to a folder of your own"
        try FileManager.default.createDirectory(
            atPath: folder["mine"], withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try FileManager.default.createSymbolicLink(atPath: folder["link"], withDestinationPath: folder["mine"])
        #expect(self.refusal(folder["link"]) == "\(folder["link"]) is no folder, \(way)")
        try folder.write("", to: "file")
        #expect(self.refusal(folder["file"]) == "\(folder["file"]) is no folder, \(way)")
        #expect(chmod(folder["mine"], 0o750) == 0)
        #expect(self.refusal(folder["mine"]) == "\(folder["mine"]) has the rights 0750, \(way)")
        #expect(self.refusal(folder["none/dev"])?.hasPrefix("cannot make the folder ") == true)
    }

    @Test(.enabled(if: geteuid() == 0, "only root gives folders away"))
    func `a folder of another user is refused`() throws {
        let folder = try TemporaryFolder()
        #expect(self.refusal(folder["dev"]) == nil)
        #expect(chown(folder["dev"], 4321, 4321) == 0)
        #expect(self.refusal(folder["dev"])?.contains(" belongs to user 4321, expected ") == true)
    }
}
