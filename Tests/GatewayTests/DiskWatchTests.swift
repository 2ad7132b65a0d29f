import EventLoop
import Testing
import Vocabulary

@testable import Gateway

/// How much room is left where a node writes.
@Suite struct DiskWatchTests {
    @Test func `a folder has room, one that is not there has none to tell of`() throws {
        let folder = try TemporaryFolder()
        let room = try #require(DiskWatch.room(of: folder[""]))
        #expect(room.size > 0)
        #expect(room.free <= room.size)
        #expect(DiskWatch.room(of: folder["gone"]) == nil)
    }

    @Test func `it is looked for again and again`() async throws {
        let folder = try TemporaryFolder()
        try await onLoop {
            let timers = SettableTimers()
            let watch = DiskWatch(folder: folder["later"], timers: timers)
            watch.watch()
            let real = LoopTimers()
            let end = real.now + .seconds(5)
            try folder.write("", to: "later")
            while watch.room == nil, real.now < end {
                await real.sleep(for: .milliseconds(5))
                timers.advance(by: DiskWatch.every)
            }
            #expect(watch.room != nil)
        }
    }
}
