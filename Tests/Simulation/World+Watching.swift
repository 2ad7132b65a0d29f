import Routing
import Vocabulary

/// What the referee looks at after every event and at the end.
extension World {
    mutating func watch() {
        var running: [Seat: Int] = [:]
        for transfer in self.transfers where transfer.isRunning {
            let place = Seat(request: self.requests[0].id, backend: transfer.seat.backend, model: transfer.seat.model)
            running[place, default: 0] += 1
        }
        for (place, count) in running {
            let slots =
                self.plan.backends.first { $0.id == place.backend }?.slots
                ?? self.plan.external.first { $0.id == place.backend }?.slots ?? 0
            self.referee.check(.slots, count <= slots, "\(count) of \(slots) at \(place.backend) with \(place.model)")
        }
        for queue in self.dispatcher.figures.queues {
            let count = queue.interactive + queue.batch
            self.referee.check(.queueBound, count <= self.plan.queuePerModel, "\(count) wait for \(queue.model)")
        }
    }

    /// A seat was given: only where the shell has said that work may go.
    mutating func checkSeat(_ seat: Seat) {
        self.checkBreakers(seat)
        if let cloud = self.clouds.first(where: { $0.plan.id == seat.backend }) {
            self.referee.check(.usableOnly, cloud.checked != nil, "a seat at \(seat.backend), which has no address")
        }
        guard let node = self.nodes.first(where: { $0.health.id == seat.backend }) else { return }
        self.referee.check(.usableOnly, !node.isDraining, "a seat at \(seat.backend), which is drained")
        self.referee.check(.usableOnly, !node.isQuarantined, "a seat at \(seat.backend), which answered from outside")
    }

    mutating func inspectTheEnd() {
        for request in self.requests where !request.isRefusedEarly {
            self.referee.check(
                .endsOnce, request.endings.count == 1, "request \(request.index) ended \(request.endings.count) times")
        }
        let figures = self.dispatcher.figures
        self.referee.check(.seats, figures.inFlight == 0, "\(figures.inFlight) seats are still taken")
        self.referee.check(.seats, figures.places.allSatisfy { $0.inFlight == 0 }, "a place counts somebody who left")
        self.referee.check(.seats, figures.waiting == 0, "\(figures.waiting) requests still wait")
        self.referee.check(.seats, figures.queues.allSatisfy { $0.interactive + $0.batch == 0 }, "a queue is not empty")
        self.inspectDepartures()
        let running = self.transfers.count { $0.isRunning }
        self.referee.check(.seats, running == 0, "\(running) transfers still run")
    }
}
