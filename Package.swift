// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// The hot path crosses rooms once a line: its small functions are inlined across them.
let hot =
    strict + [.unsafeFlags(["-cross-module-optimization"], .when(configuration: .release))]

/// The rooms, in the order data walks them: bytes → line → signal → verdict → row → reaction.
let package = Package(
    name: "hive",
    products: [.executable(name: "hive", targets: ["hive"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    ],
    targets: [
        .target(name: "CLinux", path: "Sources/CLinux"),
        .target(
            name: "CCurl",
            path: "Sources/CCurl",
            linkerSettings: [.linkedLibrary("curl")]
        ),
        .target(name: "HiveSignal", swiftSettings: hot),
        .target(name: "HiveKernel", dependencies: ["HiveSignal"], swiftSettings: hot),
        .target(
            name: "HiveBlackboard",
            dependencies: ["HiveSignal", "CLinux"],
            swiftSettings: strict
        ),
        .target(
            name: "HiveLedger",
            dependencies: ["HiveSignal", .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: strict
        ),
        .target(
            name: "HiveProcess",
            dependencies: [
                "HiveSignal", "CLinux",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "HiveWorkers",
            dependencies: ["HiveSignal", "HiveProcess", "CLinux", "CCurl"],
            swiftSettings: strict
        ),
        .target(
            name: "HiveWitness",
            dependencies: [
                "HiveSignal", "HiveProcess", "CLinux",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
            ],
            swiftSettings: strict
        ),
        .target(name: "HiveControl", dependencies: ["HiveSignal"], swiftSettings: strict),
        .target(
            name: "CEdit",
            path: "Sources/CEdit",
            linkerSettings: [.linkedLibrary("edit")]
        ),
        .target(
            name: "HiveConsole",
            dependencies: ["HiveSignal", "HiveControl", "CEdit"],
            swiftSettings: strict
        ),
        .target(
            name: "HiveMCP",
            dependencies: ["HiveSignal", "HiveControl"],
            swiftSettings: strict
        ),
        .target(
            name: "HiveDaemon",
            dependencies: [
                "HiveSignal", "HiveKernel", "HiveBlackboard", "HiveLedger", "HiveProcess",
                "HiveWorkers", "HiveWitness", "HiveControl",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "hive",
            dependencies: [
                "HiveSignal", "HiveControl", "HiveDaemon", "HiveConsole", "HiveMCP", "HiveWitness",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict,
            // Nobody links to the program. Its 29,000 names would be searched for each name of
            // each library at every start: a fifth of the time that a hook takes to begin.
            linkerSettings: [
                .unsafeFlags(
                    ["-Xlinker", "--no-export-dynamic"],
                    .when(configuration: .release)
                )
            ]
        ),
        .executableTarget(
            name: "hive-bench",
            dependencies: [
                "HiveSignal", "HiveKernel", "HiveBlackboard", "HiveLedger", "HiveControl",
                "HiveDaemon",
            ],
            exclude: ["rivals"],
            swiftSettings: strict
        ),
        .target(
            name: "HiveTestKit",
            dependencies: ["HiveSignal", "CLinux"],
            path: "Tests/HiveTestKit",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "scripted-endpoint",
            dependencies: ["HiveTestKit"],
            path: "Tests/scripted-endpoint",
            swiftSettings: strict
        ),
        .testTarget(name: "HiveSignalTests", dependencies: ["HiveSignal"], swiftSettings: strict),
        .testTarget(
            name: "HiveKernelTests",
            dependencies: ["HiveSignal", "HiveKernel"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "HiveBlackboardTests",
            dependencies: ["HiveSignal", "HiveBlackboard"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "HiveLedgerTests",
            dependencies: ["HiveSignal", "HiveLedger"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "HiveWorkersTests",
            dependencies: ["HiveSignal", "HiveProcess", "HiveWorkers", "HiveTestKit"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "HiveWitnessTests",
            dependencies: [
                "HiveSignal", "HiveProcess", "HiveWitness", "HiveTestKit",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "HiveControlTests",
            dependencies: ["HiveSignal", "HiveControl"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "HiveConsoleTests",
            dependencies: ["HiveSignal", "HiveControl", "HiveConsole", "HiveTestKit"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "HiveMCPTests",
            dependencies: ["HiveSignal", "HiveControl", "HiveMCP", "HiveTestKit"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "HiveDaemonTests",
            dependencies: [
                "HiveSignal", "HiveKernel", "HiveBlackboard", "HiveLedger", "HiveControl",
                "HiveDaemon", "HiveProcess", "HiveWorkers", "HiveWitness", "HiveTestKit",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "HiveEndToEndTests",
            dependencies: [
                "HiveSignal", "HiveControl", "HiveConsole", "HiveLedger", "HiveWitness",
                "HiveTestKit", "hive",
            ],
            exclude: ["Guard/payloads"],
            swiftSettings: strict
        ),
        .testTarget(name: "TidyTests", swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
