import Foundation
import Runtime
import Testing

/// The variants of the kernels, each chosen by `MTLC_ISA`: all compute the same but for rounding.
@Suite struct KernelVariantTests {
  private static let specs = [
    (name: "small", text: Workbench.spec),
    (
      name: "wide",
      text: """
      {
        data: { train: "train.csv", test: "test.csv" },
        features: [
          { columns: ["city", "device"], type: "id", embedding_dim: 16 },
          { columns: ["age", "discount"], type: "numeric", normalizer: "zscore" },
        ],
        tasks: [{ name: "click" }, { name: "purchase" }],
        model: { type: "ple", num_levels: 2, num_task_experts: 2, num_shared_experts: 2,
          expert_hidden_units: [33, 17], tower_hidden_units: [19], activation: "tanh",
          batch_norm: true, interaction: { type: "dcn_v2", layers: 2 } },
        training: { batch_size: 96, epochs: 1, sparse_optimizer: { type: "lazy_adam" },
          task_weighting: "uncertainty" },
      }
      """
    ),
  ]

  private func run(
    _ bench: Workbench, _ variant: KernelVariant, _ arguments: [String]
  ) throws -> Tool.Outcome {
    try Tool.run(arguments, in: bench, variables: ["MTLC_ISA": variant.rawValue])
  }

  /// Each within the bounds of the reference in double precision.
  @Test(arguments: KernelVariant.available, specs.map(\.name))
  func modesAgree(variant: KernelVariant, spec: String) throws {
    let bench = try Workbench(spec: #require(Self.specs.first { $0.name == spec }).text)
    let outcome = try run(bench, variant, ["compare", "spec.json5", "--steps", "3"])
    #expect(outcome.code == 0, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.output.contains("the modes agree"))
  }

  /// Of one plan, within what rounding does to the sums of a layer of this width: 100 units.
  @Test func predictionsAgree() throws {
    for spec in Self.specs {
      let bench = try Workbench(spec: spec.text)
      try bench.expect(0, ["train", "spec.json5", "-o", "out"])
      var predictions: [KernelVariant: [Double]] = [:]
      for variant in KernelVariant.available {
        let outcome = try run(bench, variant, ["run", "out/plan.bin", "--predict", "test.csv"])
        #expect(outcome.code == 0, "\(outcome.errors)")
        predictions[variant] = outcome.output.split(separator: "\n").dropFirst()
          .flatMap { $0.split(separator: ",") }.compactMap { Double($0) }
      }
      let expected = try #require(predictions[.generic])
      #expect(expected.count == 600)
      for (variant, values) in predictions {
        let farthest = zip(values, expected).map { abs($0 - $1) }.max() ?? .infinity
        #expect(values.count == expected.count && farthest < 100 * 0x1p-24, "\(variant)")
      }
    }
  }

  @Test func othersAreRefused() throws {
    let bench = try Workbench(empty: ())
    for name in ["altivec", "AVX2", ""] {
      let outcome = try Tool.run(["version"], in: bench, variables: ["MTLC_ISA": name])
      #expect(outcome.code == 2)
      #expect(outcome.errors.contains("no variant \"\(name)\""), "\(outcome.errors)")
      #expect(outcome.errors.contains("generic"))
    }
  }

  /// The best one that runs by itself comes first.
  @Test func theBestIsCurrent() {
    #expect(KernelVariant.available.first?.rawValue == KernelVariant.current)
    #expect(KernelVariant.available.last == .generic)
  }
}

/// What `mtlc compare` says where there is nothing to compare.
@Suite struct ComparisonOfInfinitiesTests {
  @Test func isSaid() throws {
    let bench = try Workbench(empty: ())
    let rows = (0..<40).map { "\($0 == 3 ? "1e30" : "\($0 % 7)"),\($0 % 2)" }
    try bench.write((["x,y"] + rows).joined(separator: "\n") + "\n", to: "rows.csv")
    try bench.write(
      """
      {
        data: { train: "rows.csv" },
        features: [{ name: "x", type: "numeric", normalizer: "none" }],
        tasks: [{ name: "y" }],
        model: { type: "shared_bottom", bottom_hidden_units: [4], tower_hidden_units: [],
          interaction: { type: "dcn_v2", layers: 3 } },
        training: { batch_size: 8, epochs: 1 },
      }
      """, to: "spec.json5")
    let outcome = try bench.run(["compare", "spec.json5"])
    #expect(outcome.code == 5)
    for words in ["the modes do NOT agree", "mtlc train says what they come from"] {
      #expect(outcome.output.contains(words), "\(outcome.output)")
    }
    try bench.expectFailure(
      5, ["train", "spec.json5"], says: ["is 1e+30, in the feature \"x\""])
  }
}
