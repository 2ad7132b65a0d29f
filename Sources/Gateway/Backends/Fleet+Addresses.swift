import EventLoop
import Residency
import Routing
import Vocabulary

/// A backend that has a place, whether or not anybody looks after its health.
@LoopActor
protocol Addressed: AnyObject {
    var id: BackendID { get }
    var site: BackendSite { get }
    /// Where it may be reached, or why not.
    var addresses: Result<CheckedAddresses, Refusal> { get set }
    /// The next resolution of its name.
    var resolution: TimerToken? { get set }
    /// What routing needs to know of it now.
    func view(manifest: Manifest) -> BackendView
}

/// Where backends are.
extension Fleet {
    /// Finds out where a backend is: at once if its address is configured, else by its name, again and again.
    func locate(_ backend: any Addressed) {
        backend.resolution?.cancel()
        do throws(Refusal) {
            if let fixed = try self.gate.judgeWithoutResolving(backend.id, at: self.timers.now) {
                return self.located(backend, .success(fixed))
            }
        } catch {
            return self.located(backend, .failure(error))
        }
        let gate = self.gate
        _ = startTask { [weak self] in await self?.resolve(backend, under: gate) }
    }

    /// What is known of a name is put to the new gate at once, as old as it is: a slow resolver must not make a reload
    /// an outage.
    func judgeAnew(_ backend: any Addressed) {
        guard backend.site.endpoint.nameToResolve != nil, case .success(let known) = backend.addresses else { return }
        do throws(Refusal) {
            backend.addresses = .success(
                try self.gate.judge(known.addresses.map(\.address), of: backend.id, at: known.resolvedAt))
        } catch {
            backend.addresses = .failure(error)
        }
    }

    private func resolve(_ backend: any Addressed, under gate: Gate) async {
        guard let name = backend.site.endpoint.nameToResolve else { return }
        let answer = await resolveName(name)
        guard self.isConfigured(backend), gate.generation == self.gate.generation else { return }
        backend.resolution = self.timers.schedule(after: Bounds.resolveEvery) { [weak self] in
            _ = startTask { await self?.resolve(backend, under: gate) }
        }
        switch answer {
        case .failure(let error):
            // A resolver that fails for a moment does not stop a backend: the gate lets a judgement age a while.
            if case .failure = backend.addresses {
                self.located(backend, .failure(Refusal(.dnsNoAnswer, error.message)))
            }
        case .success(let addresses):
            do throws(Refusal) {
                self.located(backend, .success(try gate.judge(addresses, of: backend.id, at: self.timers.now)))
            } catch {
                self.located(backend, .failure(error))
            }
        }
    }

    private func located(_ backend: any Addressed, _ addresses: Result<CheckedAddresses, Refusal>) {
        let before = backend.addresses
        backend.addresses = addresses
        if case .failure(let refusal) = addresses, before != addresses {
            self.onNews(News(backend: backend.id, isWarning: true, message: refusal.description))
        }
        if case .success(let found) = addresses, case .success(let known) = before,
            Set(found.addresses) != Set(known.addresses) || found.unixPath != known.unixPath
        {  // A resolver may tell the same addresses in another order each time.
            self.outbound.closeConnections(of: backend.id)
        }
        if (try? before.get()) == nil || (try? addresses.get()) == nil { self.publish(backend) }
        self.wasLocated(backend)
    }
}
