import Foundation
import Testing
import Vocabulary

@testable import Configuration

@Suite struct ConfigurationFileTests {
    /// A folder of its own for each test, gone at its end.
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "gatehouse-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    private func problem(_ path: String) -> String? {
        do throws(Problems) {
            _ = try ConfigurationTree.read(path: path)
            return nil
        } catch {
            return error.description
        }
    }

    @Test func `a written file is there whole, with its rights, and nothing is left beside it`() throws {
        try self.withFolder { folder in
            let path = folder + "/keys.yaml"
            try ConfigurationFile.write("schema: 1\n", to: path, mode: 0o600)
            try ConfigurationFile.write("schema: 1\na: 2\n", to: path, mode: 0o640)
            #expect(try ConfigurationFile.bytes(path, max: Bytes(100)) == Array("schema: 1\na: 2\n".utf8))
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect(attributes[.posixPermissions] as? Int == 0o640)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["keys.yaml"])
            #expect(try ConfigurationTree.read(path: path).decode(schema: 1) { $0.int("a") } == 2)
        }
    }

    @Test func `what a dead run left beside a file is replaced, and a link there is not followed`() throws {
        try self.withFolder { folder in
            let victim = folder + "/victim"
            try ConfigurationFile.write("mine", to: victim, mode: 0o600)
            try FileManager.default.createSymbolicLink(atPath: folder + "/f.new", withDestinationPath: victim)
            try ConfigurationFile.write("new", to: folder + "/f", mode: 0o600)
            #expect(try ConfigurationFile.bytes(victim, max: Bytes(9)) == Array("mine".utf8))
            #expect(try ConfigurationFile.bytes(folder + "/f", max: Bytes(9)) == Array("new".utf8))
        }
    }

    @Test(.enabled(if: geteuid() == 0, "only root gives files away"))
    func `root leaves a file to its owner, and a new one to the owner of its folder`() throws {
        func owner(_ path: String) throws -> [UInt32] {
            var status = stat()
            #expect(stat(path, &status) == 0)
            return [status.st_uid, status.st_gid, status.st_mode & 0o777]
        }
        try self.withFolder { folder in
            #expect(chown(folder, 4321, 4322) == 0)
            let path = folder + "/keys.yaml"
            try ConfigurationFile.write("a", to: path, mode: 0o600)
            #expect(try owner(path) == [4321, 4322, 0o600])
            #expect(chown(path, 5321, 5322) == 0)
            try ConfigurationFile.write("b", to: path, mode: 0o600)
            #expect(try owner(path) == [5321, 5322, 0o600])
        }
    }

    @Test func `one changes a file at a time, and who waits too long is told why`() throws {
        try self.withFolder { folder in
            let path = folder + "/keys.yaml"
            let count = try ConfigurationFile.whileLocked(path) {
                let error = #expect(throws: FileFault.self) {
                    try ConfigurationFile.whileLocked(path, patience: .milliseconds(30)) { Issue.record("changed") }
                }
                #expect(
                    error?.description == "\(path): file is being changed by another process, which has held "
                        + "`\(path).lock` for 1 s; let it end, then try again")
                return 1
            }
            #expect(try ConfigurationFile.whileLocked(path, patience: .zero) { count + 1 } == 2)
            #expect(throws: Problems.self) {
                try ConfigurationFile.whileLocked(path) { _ = try ConfigurationTree.read(path: path) }
            }
            #expect(try ConfigurationFile.whileLocked(path, patience: .zero) { 3 } == 3, "an error lets go of it too")
        }
        #expect(throws: FileFault.self) { try ConfigurationFile.whileLocked("/nowhere/at/all/f") {} }
    }

    @Test func `a lock that is another name of some file is refused`() throws {
        try self.withFolder { folder in
            let path = folder + "/keys.yaml"
            try "mine".write(toFile: folder + "/other", atomically: false, encoding: .utf8)
            try FileManager.default.linkItem(atPath: folder + "/other", toPath: path + ".lock")
            let error = #expect(throws: FileFault.self) { try ConfigurationFile.whileLocked(path) {} }
            #expect(
                error?.message
                    == "file cannot be locked: `\(path).lock` has another name too, or is no plain file; remove it")
        }
    }

    @Test func `a missing file is a problem that says where to go`() throws {
        try self.withFolder { folder in
            let path = folder + "/gatehouse.yaml"
            #expect(!ConfigurationFile.exists(path))
            #expect(
                self.problem(path)
                    == "\(path): file cannot be opened: no such file or directory; name another one with `--config`, "
                    + "or let `gatehouse init` write it")
        }
    }

    @Test func `a folder is no file`() throws {
        try self.withFolder { folder in
            #expect(ConfigurationFile.exists(folder))
            #expect(self.problem(folder) == "\(folder): file cannot be read: is a directory")
        }
    }

    @Test func `a file larger than its bound is not read on`() throws {
        try self.withFolder { folder in
            let path = folder + "/f"
            try ConfigurationFile.write(String(repeating: "x", count: 101), to: path, mode: 0o600)
            #expect(throws: FileFault.self) { try ConfigurationFile.bytes(path, max: Bytes(100)) }
            #expect(try ConfigurationFile.bytes(path, max: Bytes(101)).count == 101)
        }
        // Without an end of its own.
        #expect(throws: FileFault.self) { try ConfigurationFile.bytes("/dev/zero", max: Bytes(100)) }
    }

    @Test func `a folder that cannot be written is said, and the old file stays`() throws {
        do throws(FileFault) {
            try ConfigurationFile.write("x", to: "/nowhere/at/all/f", mode: 0o600)
            Issue.record("written")
        } catch {
            #expect(
                error.description == "/nowhere/at/all/f: file cannot be written beside it as `/nowhere/at/all/f.new`: "
                    + "no such file or directory")
        }
        try self.withFolder { folder in
            // A folder stands where the file should go: the rename fails.
            try FileManager.default.createDirectory(atPath: folder + "/f/inside", withIntermediateDirectories: true)
            #expect(throws: FileFault.self) { try ConfigurationFile.write("x", to: folder + "/f", mode: 0o600) }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["f"])
        }
    }
}
