import GraphIR
import TensorTypes

/// A well-typed graph made from a seed: the parts of multi-task models (dense layers, experts and
/// gates, embeddings, one-hot columns, pooled sequences) and arbitrary ops between them, ending in a
/// scalar `loss` and a `prediction` f32[B, 1]. Values stay of the order of 1, so that computing in
/// f32 and in another order changes little. Some nodes are dead and some are there twice.
///
///     let random = try RandomGraph(seed: 7)
///     let plain = try ReferenceEvaluator(
///       batch: 5, feeds: random.feeds(batch: 5), parameters: random.parameterValues()
///     ).outputs(of: random.graph)
public struct RandomGraph: Sendable {
  public let seed: UInt64
  public let graph: Graph
  private let rows: [InputID: Int]

  /// - Parameters:
  ///   - steps: how many parts are put in; each is 1 to about 20 nodes.
  ///   - usesRandom: whether dropout (random ops) may be among them.
  public init(seed: UInt64, steps: Int = 12, usesRandom: Bool = false) throws {
    self.seed = seed
    var generator = RandomGraphGenerator(seed: seed, usesRandom: usesRandom)
    try generator.generate(steps: steps)
    graph = generator.builder.graph
    rows = generator.rows
  }

  /// Feeds for all inputs, the same at every call with the same arguments. Labels are 0 and 1.
  public func feeds(batch: Int, seed feedSeed: UInt64 = 0) -> [InputID: [Double]] {
    var generator = SplitMix64(seed: seed &* 31 &+ feedSeed)
    var feeds: [InputID: [Double]] = [:]
    for (id, value) in graph.inputs {
      let type = graph.type(of: value)
      let domain: OpCase.Domain =
        switch type.dtype {
        case .f32: id == "label" ? .mask : .real
        case .bool: .mask
        case .i32: id == "groups" ? .groups : .ids(rows: rows[id] ?? 1)
        }
      feeds[id] = domain.values(type.shape.count(batch: batch), &generator)
    }
    return feeds
  }

  /// Values for all parameters, the same at every call: within ±limit of their initializer.
  public func parameterValues() -> [ParameterID: [Double]] {
    var generator = SplitMix64(seed: seed &* 17 &+ 5)
    var values: [ParameterID: [Double]] = [:]
    for parameter in graph.parameters {
      values[parameter.id] = (0..<parameter.type.shape.fixedCount).map { _ in
        switch parameter.initializer {
        case .constant(let value): value
        case .normal(let limit), .uniform(let limit):
          Double.random(in: -limit...limit, using: &generator)
        }
      }
    }
    return values
  }
}
