import Glibc

/// Variables by which libcurl, OpenSSL or the resolver would be told to go elsewhere, to trust others or to write
/// session secrets to a file (`residency.md` A3). `*_proxy` in any case is matched by its ending.
private let steeringVariables: Set<String> = [
    "NO_PROXY", "SSLKEYLOGFILE", "SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE", "NETRC", "HOSTALIASES",
    "RES_OPTIONS", "LOCALDOMAIN", "CURL_SSL_BACKEND", "OPENSSL_CONF", "OPENSSL_MODULES", "OPENSSL_ENGINES",
    "OPENSSL_CONF_INCLUDE", "CURL_HOME", "QLOGDIR", "RESOLV_HOST_CONF", "RESOLV_MULTI", "RESOLV_ADD_TRIM_DOMAINS",
    "RESOLV_OVERRIDE_TRIM_DOMAINS", "RESOLV_REORDER",
]

/// Takes out of the environment every variable that could steer a connection, and returns the names of those that
/// were there, sorted, so that they can be told.
///
/// To be called once, at the very start: before other threads exist (`unsetenv` is not safe beside `getenv`) and
/// before anything initialises libcurl or OpenSSL, which read some of them only then.
public func scrubEnvironment() -> [String] {
    let found = environmentNames().filter(steersConnections).sorted()
    for name in found {
        unsafe _ = unsetenv(name)
    }
    return found
}

/// Whether the variable `name` is one that `scrubEnvironment` takes out.
func steersConnections(_ name: String) -> Bool {
    let upper = name.uppercased()
    return steeringVariables.contains(upper) || upper.hasSuffix("_PROXY")
}

private func environmentNames() -> [String] {
    var names: [String] = []
    var entry = unsafe environ
    while let text = unsafe entry.pointee {
        let line = unsafe String(cString: text)
        names.append(String(line.prefix { $0 != "=" }))
        unsafe entry += 1
    }
    return names
}
