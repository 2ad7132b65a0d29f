import Foundation

/// Finds the state folder of the node that a command means.
enum StateFolder {
    /// That of the configuration, else that of a running `gatehouse dev`. The command has another `option` by which it
    /// can be told.
    static func find(configurationPath: String?, orBy option: String) throws -> String {
        let path = configurationPath ?? Defaults.configurationPath
        if configurationPath != nil || FileManager.default.fileExists(atPath: path) {
            do {
                return try GatehouseFile.read(path: path, nodeDefault: "").stateFolder
            } catch {
                throw AdminFailure(message: "\(error)", isConfiguration: true)
            }
        }
        let development = DevelopmentFolder.path
        if FileManager.default.fileExists(atPath: development + "/" + Defaults.adminSocket) {
            if let fault = DevelopmentFolder.fault() { throw AdminFailure(message: fault) }
            return development
        }
        throw AdminFailure(
            message:
                "no node found: there is no \(path), and no `gatehouse dev` runs; name the node with \(option) or --config"
        )
    }
}
