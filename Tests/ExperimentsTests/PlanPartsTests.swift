import Experiments
import Foundation
import Testing

/// What a compiled plan tells of its parameters: parts by name, and where tables lie.
@Suite struct PlanPartsTests {
  private func compiled(_ model: String, dimensions: Int = 4, _ more: String = "") throws
    -> CompiledPlan
  {
    let bench = try Bench()
    try bench.sample(rows: 200)
    let spec = try bench.write(
      """
      {
        name: "parts", data: { train: "train.csv" },
        features: [
          { name: "city", type: "id", embedding_dim: \(dimensions), encoding: "embedding" },
          { name: "age", type: "numeric" },
        ],
        tasks: [{ name: "click" }, { name: "purchase" }],
        model: \(model),
        training: { batch_size: 32, epochs: 1, optimizer: { type: "adam" }, \(more) },
      }
      """, to: "spec.json5")
    return try Experiment(contentsOf: spec).compile()
  }

  private func part(_ path: String, of plan: CompiledPlan) throws -> ComponentTree.Node {
    var node = plan.components.root
    for piece in path.split(separator: "/") {
      node = try #require(
        node.children.first { $0.name == piece }, "\(piece) of \(path) in \(node.children)")
    }
    return node
  }

  /// AITM's queries, keys and values have no bias (Xi et al., 2021); other layers do.
  @Test func layersTellWhetherTheyHaveABias() throws {
    let plan = try compiled(
      #"{ type: "aitm", funnel: ["click", "purchase"], tower_hidden_units: [6] }"#)
    let transfer = try part("transfer", of: plan)
    var kernels: [String] = []
    func collect(_ node: ComponentTree.Node) {
      if node.parameters.contains(where: { $0.name == "kernel" }) { kernels.append(node.shape) }
      node.children.forEach(collect)
    }
    collect(transfer)
    #expect(kernels.count >= 3)
    #expect(kernels.filter { $0 == "6 → 6, no bias" }.count == 3, "\(kernels)")
    let towers = try part("towers", of: plan)
    kernels = []
    collect(towers)
    #expect(!kernels.isEmpty)
    #expect(kernels.allSatisfy { !$0.contains("bias") }, "\(kernels)")
  }

  /// Rows of a table that is looked up lie a power of two apart where that costs a third more at most.
  @Test(arguments: [
    (3, 4), (5, 5), (6, 8), (8, 8), (10, 10), (11, 11), (12, 16), (20, 20), (24, 32),
  ])
  func rowsOfTablesLieApart(dimensions: Int, stride: Int) throws {
    let plan = try compiled(
      #"{ type: "shared_bottom", bottom_hidden_units: [4], tower_hidden_units: [] }"#,
      dimensions: dimensions, #"sparse_optimizer: { type: "lazy_adam" }"#)
    let table = try #require(plan.plan.parameters.first { $0.name == "embedding.city" })
    #expect(table.columns == dimensions)
    #expect(table.rowStride == stride)
  }
}
