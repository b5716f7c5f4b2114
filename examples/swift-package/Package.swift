// swift-tools-version: 6.0
import PackageDescription

let experiments: Target.Dependency = .product(name: "Experiments", package: "mtlc")

let package = Package(
  name: "swift-package",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "mtlc", path: "../..")],
  targets: [
    // A spec file: check, train, write the plan, predict rows in memory.
    .executableTarget(name: "train-spec", dependencies: [experiments]),
    // A spec made of typed values.
    .executableTarget(name: "spec-in-swift", dependencies: [experiments]),
    // A graph built by hand, compiled and run step by step.
    .executableTarget(
      name: "two-tasks",
      dependencies: [
        .product(name: "GraphIR", package: "mtlc"), .product(name: "Passes", package: "mtlc"),
        .product(name: "Runtime", package: "mtlc"),
      ]),
  ]
)
