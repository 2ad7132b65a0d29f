import Foundation

/// The proxies that an environment names, read as libcurl does, which works beneath Foundation on Linux (curl manual,
/// libcurl-env(3)). Where libcurl knows more ways to leave a proxy out, this one errs on the side of a proxy.
struct EnvironmentProxies {
    private let environment: [String: String]

    init(_ environment: [String: String]) { self.environment = environment.filter { !$0.value.isEmpty } }

    /// The variable whose proxy a request to `url` would go through.
    func variable(for url: URL) -> String? {
        let names =
            url.scheme == "https"
            ? ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] : ["http_proxy", "all_proxy", "ALL_PROXY"]
        guard let name = names.first(where: { self.environment[$0] != nil }) else { return nil }
        return self.leavesOut(url.host?.lowercased() ?? "") ? nil : name
    }

    private func leavesOut(_ host: String) -> Bool {
        guard let list = self.environment["no_proxy"] ?? self.environment["NO_PROXY"] else { return false }
        if list == "*" { return true }
        return list.lowercased().split(whereSeparator: { $0 == "," || $0 == " " }).contains { entry in
            let domain = entry.hasPrefix(".") ? entry.dropFirst() : entry
            return host == domain || host.hasSuffix("." + domain)
        }
    }
}
