import Data
import GraphIR
import ModelDefs
import Plan
import Schema

/// Refuses what cannot fit before it is allocated.
enum MemoryCheck {
  /// Looks at the embedding tables alone, before there is a graph. Throws a memory error with the
  /// estimate.
  /// - Parameter shards: Over how many processes the rows of tables are spread.
  static func require(_ spec: Spec, _ schema: DataSchema, shards: Int = 1) throws {
    var tables: [(name: String, feature: String, weights: Double, isGiven: Bool)] = []
    for (feature, encoded) in zip(spec.features, schema.features) {
      let rows = Double(encoded.cardinality ?? 0)
      switch feature.input {
      case .embedding(let dim, let table), .sequence(let dim, let table, _):
        // Features that share a table share a vocabulary as well.
        guard !tables.contains(where: { $0.name == table }) else { continue }
        let isGiven = spec.features.contains {
          $0.pretrained != nil && $0.input.tableParameter == feature.input.tableParameter
        }
        let share = feature.isFrozen ? 1 : Double(max(1, shards))
        tables.append((table, feature.name, rows / share * Double(dim), isGiven))
      case .numeric, .piecewiseLinear, .periodic, .oneHot: break
      }
    }
    // Row-wise updates need no gradient of the size of a table.
    let copies = Double(
      spec.training.optimizer.sparse.map { 1 + $0.stateCount } ?? 2
        + spec.training.optimizer.stateCount)
    // Beside them the vectors of a file that a table begins with.
    let needed = tables.reduce(0) { $0 + 4 * (copies + ($1.isGiven ? 1 : 0)) * $1.weights }
    guard needed > Double(present), let most = tables.map(\.weights).max(),
      let largest = tables.first(where: { $0.weights == most })
    else { return }
    throw ExperimentError(
      .memory,
      "the embedding tables need \(Format.bytes(Int(min(needed, 1e18)))) of memory, there are"
        + " \(Format.bytes(present)); the largest is that of feature \(largest.feature) with"
        + " \(Format.count(Int(min(largest.weights, 1e18)))) weights",
      hint: "\(rowsHint(largest.feature, spec)), or lower its embedding_dim")
  }

  /// How a feature's table gets fewer rows.
  private static func rowsHint(_ feature: String, _ spec: Spec) -> String {
    switch spec.dataDeclaration.features.first(where: { $0.name == feature })?.kind {
    case .id(.trainingData), .sequence(.trainingData, _): "raise its min_frequency"
    case .id(.identity), .sequence(.identity, _): "lower its num_ids"
    case .id(.list), .sequence(.list, _): "shorten its vocabulary"
    case .id(.hash), .sequence(.hash, _), .numeric, .piecewise, .bucketized, .cross, .vector, nil:
      "lower its hash_bucket_size"
    }
  }

  /// Looks at the parameters of a model's graph, before the compiler does. Throws a memory error
  /// with the estimate.
  /// - Parameter shards: Over how many processes the rows of these tables are spread.
  static func require(
    _ graph: Graph, stateCount: Int, tables: [String] = [], shards: Int = 1
  ) throws {
    let weights = graph.parameters.reduce(0.0) { sum, parameter in
      let share = tables.contains(parameter.id.name) ? Double(max(1, shards)) : 1
      return sum + Double(parameter.type.shape.fixedCount) / share
    }
    let needed = 4 * Double(2 + stateCount) * weights
    guard needed > Double(present),
      let largest = graph.parameters.max(by: {
        $0.type.shape.fixedCount < $1.type.shape.fixedCount
      })
    else { return }
    throw ExperimentError(
      .memory,
      "the model needs \(Format.bytes(Int(min(needed, 1e18)))) of memory, there are"
        + " \(Format.bytes(present)): \(Format.count(Int(min(weights, 1e18)))) weights with their"
        + " gradients and \(stateCount) optimizer states; the largest parameter is"
        + " \(largest.id.name) with \(Format.count(largest.type.shape.fixedCount)) weights",
      hint: "lower hash_bucket_size, embedding_dim or the layers")
  }

  private static var present: Int { MachineMemory.bytes }

  /// Throws a memory error for a file that does not fit into memory.
  static func require(bytes: Int, of path: String) throws {
    guard bytes > present else { return }
    throw ExperimentError(
      .memory,
      "\(path): the plan has \(Format.bytes(bytes)), the machine \(Format.bytes(present)) of memory"
    )
  }

  /// Throws a memory error with the estimate.
  /// - Parameter bytes: nil for what a session of the plan needs.
  static func require(_ plan: Plan, bytes: Int? = nil) throws {
    let needed = bytes ?? plan.memoryBytes
    guard needed > present else { return }
    let largest = plan.parameters.max { $0.rows * $0.columns < $1.rows * $1.columns }
    let tables = largest.map {
      "; the largest parameter is \($0.name) with \(Format.count($0.rows * $0.columns)) weights"
    }
    throw ExperimentError(
      .memory,
      "the plan needs \(Format.bytes(needed)) of memory, there are \(Format.bytes(present)):"
        + " \(Format.count(plan.parameterFloats)) weights with their gradients and"
        + " \(plan.training.optimizer.stateCount) optimizer states" + (tables ?? ""),
      hint: "lower hash_bucket_size, embedding_dim, the layers or training.batch_size")
  }
}
