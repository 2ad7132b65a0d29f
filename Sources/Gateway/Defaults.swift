/// The places that hold unless somebody says otherwise (`DESIGN.md`, "Ports" and "Command line").
public enum Defaults {
    /// The model APIs.
    public static let dataPort: UInt16 = 11430
    /// Health endpoints and metrics.
    public static let operationsPort: UInt16 = 11432
    /// HAProxy's agent check.
    static let agentPort: UInt16 = 11433
    /// The configuration of an installed daemon.
    public static let configurationPath = "/etc/gatehouse/gatehouse.yaml"
    /// The state folder of an installed daemon.
    static let stateFolder = "/var/lib/gatehouse"
    /// What starts an installed daemon.
    static let start = "systemctl start gatehouse"
    /// The admin socket's name in the state folder.
    static let adminSocket = "admin.sock"
    /// The usage database's name in the state folder.
    static let usageDatabase = "usage.sqlite"
    /// The audit chain's name in the state folder.
    static let auditDatabase = "audit.sqlite"
    /// The name in the state folder of the key under which bodies are committed to.
    static let commitmentKey = "commitment.key"
}

/// This program's version.
public enum Version {
    /// As `gatehouse version` prints it.
    public static let text = "0.1.0"
}
