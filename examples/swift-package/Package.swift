// swift-tools-version: 6.0
import PackageDescription

let package = Package(
  name: "two-tasks",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "mtlc", path: "../..")],
  targets: [
    .executableTarget(
      name: "two-tasks",
      dependencies: [
        .product(name: "GraphIR", package: "mtlc"), .product(name: "Passes", package: "mtlc"),
        .product(name: "Plan", package: "mtlc"), .product(name: "Runtime", package: "mtlc"),
        .product(name: "Schema", package: "mtlc"), .product(name: "TensorTypes", package: "mtlc"),
      ])
  ]
)
