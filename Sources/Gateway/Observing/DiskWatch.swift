import EventLoop
import Glibc
import Vocabulary

/// Knows how much room is left where the state folder is: usage and audit are written there. A disk that hangs is waited
/// for by a worker; what was found last is told meanwhile.
@LoopActor
final class DiskWatch {
    /// A file system's room.
    struct Room: Sendable, Equatable {
        /// What a program without privileges may still write, in bytes.
        var free: Int
        /// All of it, in bytes.
        var size: Int
    }

    /// From one look to the next.
    static let every = Duration.seconds(5)

    /// What the last look found; `nil` before the first.
    private(set) var room: Room?
    private let folder: String
    private let timers: any Timers

    init(folder: String, timers: any Timers) {
        self.folder = folder
        self.timers = timers
    }

    /// Looks now, and again and again.
    func watch() {
        _ = startTask { [weak self, folder] in
            let found = await runOnWorker { Self.room(of: folder) }
            if let found { self?.room = found }
            self?.timers.schedule(after: Self.every) { [weak self] in self?.watch() }
        }
    }

    /// Blocks. `nil` where the kernel does not say.
    nonisolated static func room(of folder: String) -> Room? {
        var figures = statvfs()
        guard statvfs(folder, &figures) == 0 else { return nil }
        let unit = Int(clamping: figures.f_frsize)
        return Room(free: Int(clamping: figures.f_bavail) * unit, size: Int(clamping: figures.f_blocks) * unit)
    }
}
