// swift-tools-version: 6.2
import PackageDescription

/// What holds for every target: the newest language mode, no warnings, async helpers that stay on their caller's
/// executor (a hop to the global pool costs 25 us).
let house: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    // A fifth of the CPU per request: targets are small, so most calls cross one's border; exclusivity and isolation,
    // which debug builds and tests check at run time, need not be checked again.
    .unsafeFlags(
        ["-cross-module-optimization", "-enforce-exclusivity=unchecked", "-disable-dynamic-actor-isolation"],
        .when(configuration: .release)),
]

/// For targets that touch C: each `unsafe` marks a line to read.
let wrapper: [SwiftSetting] = house + [.strictMemorySafety()]

/// For what other packages build with theirs, which may have no unsafe flags.
let library: [SwiftSetting] = [
    .treatAllWarnings(as: .error), .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

extension Target.Dependency {
    static let crypto = product(name: "Crypto", package: "swift-crypto")
    static let deque = product(name: "DequeModule", package: "swift-collections")
    static let log = product(name: "Logging", package: "swift-log")
    static let arguments = product(name: "ArgumentParser", package: "swift-argument-parser")
    static let grdb = product(name: "GRDB", package: "GRDB.swift")
    static let yams = product(name: "Yams", package: "Yams")
}

let package = Package(
    name: "gatehouse",
    platforms: [.macOS(.v13), .iOS(.v16)],  // Of the library; the daemon runs on Linux.
    products: [
        .executable(name: "gatehouse", targets: ["gatehouse"]),
        .library(name: "LLMService", targets: ["LLMService"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // C, and the few lines Swift cannot say.
        .systemLibrary(name: "CLibuv", pkgConfig: "libuv", providers: [.apt(["libuv1-dev"])]),
        .systemLibrary(name: "CLibcurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .target(name: "CShim", dependencies: ["CLibcurl"]),

        // Decisions: pure values, no clock, no loop, no C.
        .target(name: "Vocabulary", swiftSettings: house),
        .target(name: "Dialects", dependencies: ["Vocabulary"], swiftSettings: house),
        .target(name: "Residency", dependencies: ["Vocabulary", .crypto], swiftSettings: house),
        .target(name: "Health", dependencies: ["Vocabulary"], swiftSettings: house),
        .target(name: "Accounting", dependencies: ["Vocabulary", .crypto], swiftSettings: house),
        .target(
            name: "Routing", dependencies: ["Vocabulary", "Residency", "Health"],
            swiftSettings: house),

        // The shell: feeds events in, carries actions out.
        .target(name: "EventLoop", dependencies: ["Vocabulary", "CLibuv", "CShim", .deque], swiftSettings: wrapper),
        .target(name: "TLS", dependencies: ["Vocabulary", "EventLoop", "COpenSSL"], swiftSettings: wrapper),
        .target(name: "HTTPServer", dependencies: ["Vocabulary", "EventLoop", .deque], swiftSettings: house),
        .target(
            name: "Outbound", dependencies: ["Vocabulary", "EventLoop", "Residency", "CLibcurl", "CShim"],
            swiftSettings: wrapper),
        .target(name: "Configuration", dependencies: ["Vocabulary", .yams], swiftSettings: house),
        .target(name: "Storage", dependencies: ["Vocabulary", "Residency", "Accounting", .grdb], swiftSettings: house),
        .target(
            name: "SimulatedOllama", dependencies: ["Vocabulary", "EventLoop", "HTTPServer", "Dialects"],
            swiftSettings: house),
        .target(
            name: "Gateway",
            dependencies: [
                "Vocabulary", "EventLoop", "TLS", "HTTPServer", "Outbound", "Dialects", "Residency", "Health",
                "Accounting", "Routing", "Configuration", "Storage", "SimulatedOllama", .deque, .log,
            ], resources: [.embedInCode("models.manifest")], swiftSettings: house),
        .executableTarget(
            name: "gatehouse", dependencies: ["Gateway", "SimulatedOllama", .arguments], swiftSettings: house),

        // For business code: alone and small.
        .target(name: "LLMService", swiftSettings: library),
        // Shows how it is used.
        .executableTarget(name: "DocumentSummarizer", dependencies: ["LLMService"], swiftSettings: library),

        .testTarget(name: "VocabularyTests", dependencies: ["Vocabulary"], swiftSettings: house),
        .testTarget(name: "DialectsTests", dependencies: ["Dialects"], swiftSettings: house),
        .testTarget(name: "ResidencyTests", dependencies: ["Residency"], exclude: ["Fixtures"], swiftSettings: house),
        .testTarget(name: "HealthTests", dependencies: ["Health"], swiftSettings: house),
        .testTarget(name: "AccountingTests", dependencies: ["Accounting"], swiftSettings: house),
        .testTarget(name: "RoutingTests", dependencies: ["Routing", "Health", "Residency"], swiftSettings: house),
        .testTarget(name: "EventLoopTests", dependencies: ["EventLoop", "CLibuv"], swiftSettings: house),
        .testTarget(name: "TLSTests", dependencies: ["TLS", "EventLoop", "COpenSSL"], swiftSettings: house),
        .testTarget(name: "HTTPServerTests", dependencies: ["HTTPServer", "EventLoop"], swiftSettings: house),
        .testTarget(
            name: "OutboundTests", dependencies: ["Outbound", "EventLoop", "HTTPServer", "Residency"],
            exclude: ["Fixtures"], swiftSettings: house),
        .testTarget(name: "ConfigurationTests", dependencies: ["Configuration"], swiftSettings: house),
        .testTarget(name: "StorageTests", dependencies: ["Storage", "Accounting", "Residency"], swiftSettings: house),
        .testTarget(
            name: "SimulatedOllamaTests", dependencies: ["SimulatedOllama", "HTTPServer", "EventLoop"],
            swiftSettings: house),
        .testTarget(
            name: "GatewayTests",
            dependencies: [
                "Vocabulary", "EventLoop", "HTTPServer", "Dialects", "Residency", "Health", "Accounting", "Routing",
                "Configuration", "Storage", "SimulatedOllama", "Gateway", .grdb, .log,
            ], swiftSettings: house),
        .testTarget(
            name: "LLMServiceTests",
            dependencies: ["LLMService", "DocumentSummarizer", "SimulatedOllama", "EventLoop", "Vocabulary"],
            swiftSettings: house),
        .testTarget(
            name: "Simulation", dependencies: ["Vocabulary", "Routing", "Health", "Residency"],
            path: "Tests/Simulation", swiftSettings: house),
    ]
)
