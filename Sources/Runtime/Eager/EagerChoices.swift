import GraphIR
import TensorTypes

/// What another computation of the same model chose where a derivative jumps: which element of a
/// window is the largest, where relu lets pass. Next to such a kink rounding decides, and two
/// correct computations may have different gradients; with the same choices both differentiate the
/// same function. Choices that are not next to a kink in this computation too are mistakes:
/// `farthest` shows them.
final class EagerChoices {
  /// Of each op with a kink, in the order in which the model emits them.
  private let values: [[Float]]
  private var next = 0
  /// Choices that this computation would have made differently.
  private(set) var differing = 0
  /// How far from the kink the farthest of these lies, as a share of the largest magnitude of what
  /// the op looked at.
  private(set) var farthest = 0.0

  init(_ values: [[Float]]) { self.values = values }

  var count: Int { values.reduce(0) { $0 + $1.count } }
  /// Whether the model asked for all of them.
  var areUsed: Bool { next == values.count }

  /// Whether an op has a kink that choices are recorded of.
  static func decides(_ op: Op) -> Bool {
    switch op {
    case .elementwise(.unary(.relu)), .convolution(.poolIndices): true
    case .source, .elementwise, .layout, .reduction, .matrix, .lookup, .convolution, .group, .fused,
      .effect:
      false
    }
  }

  /// The next op's choices.
  func take(_ op: Op, count: Int) throws -> [Float] {
    guard values.indices.contains(next), values[next].count == count else {
      throw TypeError(op: op.mnemonic, "\(count) choices are asked for that nobody made")
    }
    defer { next += 1 }
    return values[next]
  }

  /// Records how far from the kink the elements lie whose choice differs from this computation's.
  func note<Scalar: EagerScalar>(_ distances: [Scalar], of operand: [Scalar]) {
    guard !distances.isEmpty else { return }
    let largest = Double(operand.lazy.map { abs($0) }.max() ?? 0)
    for distance in distances {
      differing += 1
      farthest =
        distance.isFinite ? max(farthest, Double(distance) / max(largest, 1e-30)) : .infinity
    }
  }
}

extension EagerEngine {
  /// Runs an op with a kink as the choices say.
  func choose(_ op: Op, _ operands: [Tensor], _ choices: EagerChoices) throws -> [Tensor] {
    let x = operands[0]
    let values = x.floats
    guard case .convolution(.poolIndices(let form)) = op else {
      let mask = try choices.take(op, count: x.count)
      choices.note(
        zip(values, mask).filter { ($0 > 0) != ($1 > 0) }.map { Swift.abs($0.0) }, of: values)
      let factor = make(x.type, .floats(mask.map { $0 > 0 ? 1 : 0 }))
      return try emit(.elementwise(.binary(.mul)), [x, factor])
    }
    let type = try op.infer([x.type])[0]
    let sizes = type.shape.sizes(batch: batchSize)
    func gathered(_ indices: Tensor) throws -> [Scalar] {
      try Scalar.evaluate(
        .convolution(.poolGather(form)), [x, indices], resultSizes: sizes
      ).floats
    }
    let own = make(type, try Scalar.evaluate(op, [x], resultSizes: sizes))
    let chosen = make(
      type, .ids(try choices.take(op, count: own.count).map { Int32(exactly: $0) ?? -1 }))
    let (largest, taken) = (try gathered(own), try gathered(chosen))
    let differing = own.ids.indices.filter { own.ids[$0] != chosen.ids[$0] }
    choices.note(differing.map { largest[$0] - taken[$0] }, of: values)
    return [chosen]
  }
}
