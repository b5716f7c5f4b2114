// swift-tools-version: 6.0
import PackageDescription

/// The arrows of the architecture: which target may import which. Nothing else is allowed.
let package = Package(
  name: "mtlc",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "mtlc", targets: ["mtlc"]),
    .library(name: "GraphIR", targets: ["GraphIR"]),
    .library(name: "Passes", targets: ["Passes"]),
    .library(name: "Runtime", targets: ["Runtime"]),
    .library(name: "Experiments", targets: ["Experiments"]),
    .library(name: "mtlc-c", type: .dynamic, targets: ["CInterface"]),
  ],
  targets: [
    .target(name: "TensorTypes"),
    .target(name: "Schema"),
    .target(name: "GraphIR", dependencies: ["TensorTypes"]),
    .target(name: "Plan", dependencies: ["TensorTypes", "Schema"]),
    .target(name: "Passes", dependencies: ["TensorTypes", "Schema", "GraphIR", "Plan"]),
    .target(name: "CKernels"),
    .target(name: "Transport", dependencies: ["Schema"]),
    .target(
      name: "Runtime",
      dependencies: ["TensorTypes", "Schema", "GraphIR", "Plan", "CKernels", "Transport"]),
    .target(name: "Data", dependencies: ["Schema", "CKernels"]),
    .target(name: "ModelDefs", dependencies: ["TensorTypes", "Schema", "GraphIR"]),
    .target(
      name: "Export", dependencies: ["TensorTypes", "Schema", "GraphIR", "Plan", "ModelDefs"]),
    .target(name: "Report", dependencies: ["Schema"]),
    .target(
      name: "Experiments",
      dependencies: [
        "TensorTypes", "Schema", "GraphIR", "Plan", "Passes", "Runtime", "Data", "ModelDefs",
        "Export", "Report", "Transport",
      ]),
    .target(name: "CMtlc"),
    .target(name: "CInterface", dependencies: ["Experiments", "Schema", "CMtlc"]),
    .target(name: "CAllocation"),
    .executableTarget(
      name: "mtlc", dependencies: ["Experiments", "Report", "Schema", "CAllocation"]),
    .testTarget(name: "ReportTests", dependencies: ["Report", "Schema", "TestSupport"]),
    .testTarget(
      name: "ModelDefsTests",
      dependencies: [
        "TensorTypes", "Schema", "GraphIR", "Plan", "Runtime", "ModelDefs", "TestSupport",
      ],
      exclude: ["Golden"]),
    .testTarget(name: "SchemaTests", dependencies: ["Schema"]),
    .target(
      name: "TransportExercise", dependencies: ["Schema", "Transport"],
      path: "Tests/TransportExercise"),
    .executableTarget(
      name: "transport-worker", dependencies: ["Schema", "Transport", "TransportExercise"],
      path: "Tests/TransportWorker"),
    .testTarget(
      name: "TransportTests",
      dependencies: [
        "Schema", "Transport", "TransportExercise", "transport-worker", "TestSupport",
      ]),
    .testTarget(name: "DocumentationTests"),
    .testTarget(name: "DataTests", dependencies: ["Data", "Schema", "TestSupport"]),
    .testTarget(
      name: "RuntimeTests",
      dependencies: [
        "Runtime", "TensorTypes", "Schema", "Plan", "CKernels", "GraphIR", "TestSupport",
        "AllocationCounter", "Transport",
      ]),
    .target(name: "AllocationCounter", path: "Tests/AllocationCounter"),
    .target(
      name: "TestSupport", dependencies: ["TensorTypes", "GraphIR"], path: "Tests/TestSupport"),
    .testTarget(name: "GraphIRTests", dependencies: ["TensorTypes", "GraphIR", "TestSupport"]),
    .testTarget(
      name: "ExperimentsTests",
      dependencies: [
        "Experiments", "Schema", "Data", "ModelDefs", "Passes", "Plan", "Runtime", "TestSupport",
        "Transport",
      ]),
    .testTarget(
      name: "ExportTests",
      dependencies: [
        "TensorTypes", "Schema", "GraphIR", "Plan", "Data", "ModelDefs", "Export", "Experiments",
        "TestSupport",
      ]),
    .testTarget(
      name: "CInterfaceTests",
      dependencies: [
        "CInterface", "CMtlc", "Experiments", "Schema", "Plan", "Data", "AllocationCounter",
        "TestSupport",
      ],
      exclude: ["binding_test.py"]),
    .testTarget(
      name: "mtlcTests",
      dependencies: ["mtlc", "Experiments", "Plan", "Runtime", "TestSupport"]),
    .testTarget(
      name: "PlanTests", dependencies: ["Plan", "Schema", "TensorTypes", "TestSupport"]),
    .executableTarget(
      name: "campaign",
      dependencies: [
        "Schema", "Plan", "Runtime", "Data", "ModelDefs", "Export", "Experiments", "CInterface",
        "CMtlc", "TestSupport",
      ],
      path: "Tests/Campaigns"),
    .testTarget(name: "CampaignTests", dependencies: ["campaign", "TestSupport"]),
    .testTarget(
      name: "PassesTests", dependencies: ["GraphIR", "Passes", "TensorTypes", "TestSupport"]),
    .target(
      name: "CKernelsSelfTest", dependencies: ["CKernels"], path: "Tests/CKernelsSelfTest"),
    .testTarget(name: "CKernelsTests", dependencies: ["CKernels", "CKernelsSelfTest"]),
    .testTarget(
      name: "DifferentialTests",
      dependencies: [
        "TensorTypes", "Schema", "GraphIR", "Plan", "Passes", "Runtime", "ModelDefs", "CKernels",
        "TestSupport", "Transport",
      ]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c11
)

// All test targets make one bundle, and a build of tests is one of everything, so that an edit to a
// low target compiles all above it again. `MTLC_TESTS=GraphIRTests,PassesTests swift test …` builds
// these test targets and what they depend on; CONTRIBUTING.md says when.
if let chosen = Context.environment["MTLC_TESTS"] {
  let tests = package.targets.filter { $0.type == .test }.map(\.name).sorted()
  var needed = chosen.split(separator: ",").map(String.init)
  for name in needed where !tests.contains(name) {
    fatalError(
      "MTLC_TESTS names '\(name)'; the test targets are \(tests.joined(separator: ", "))")
  }
  var next = 0
  while next < needed.count {
    let target = package.targets.first { $0.name == needed[next] }
    for case .byNameItem(let name, _) in target?.dependencies ?? [] where !needed.contains(name) {
      needed.append(name)
    }
    next += 1
  }
  package.targets.removeAll { !needed.contains($0.name) }
  package.products.removeAll { product in
    let target = product.name == "mtlc-c" ? "CInterface" : product.name
    return !package.targets.contains { $0.name == target }
  }
}
