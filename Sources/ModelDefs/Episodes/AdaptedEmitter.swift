import GraphIR
import TensorTypes

/// An emitter in which parameters can stand for other values: a model that is written against
/// `Emitter` then computes with adapted weights, without knowing of it.
package final class AdaptedEmitter<Base: DifferentiableEmitter>: Emitter {
  package typealias Tensor = Base.Tensor

  package let base: Base
  /// Which parameters an inner step moves.
  private let adapts: (ParameterID) -> Bool
  /// What the adapted parameters stand for, and the order in which they were met.
  package private(set) var values: [ParameterID: Tensor] = [:]
  package private(set) var order: [ParameterID] = []
  /// Feeds are read under this prefix, their batch axis having this many rows.
  package private(set) var rows: (prefix: String, count: Int)

  package init(_ base: Base, adapts: @escaping (ParameterID) -> Bool) {
    self.base = base
    self.adapts = adapts
    rows = ("", 1)
  }

  /// Reads from here on what is fed for these rows.
  package func read(_ prefix: String, rows count: Int) { rows = (prefix, count) }

  /// One step of gradient descent on a loss that was emitted here.
  /// - Parameter createGraph: whether later gradients go through this one (second order).
  package func descend(on loss: Tensor, rate: Double, createGraph: Bool) throws {
    let sources = order.compactMap { values[$0] }
    let gradients = try base.gradients(
      of: loss, withRespectTo: sources, createGraph: createGraph)
    for (index, id) in order.enumerated() {
      values[id] = try base.sub(sources[index], base.scale(gradients[index], by: rate))
    }
  }

  // MARK: Emitter

  package func emit(_ op: Op, _ operands: [Tensor]) throws -> [Tensor] {
    switch op {
    case .source(.input(let id, let type)):
      let input = InputID("\(rows.prefix).\(id.name)")
      return try base.emit(.source(.input(input, fixed(type))), operands)
    case .source(.batchSize): return [try base.constant(Double(rows.count))]
    case .source(.constant(let value, let type)):
      return try base.emit(.source(.constant(value, fixed(type))), operands)
    case .source(.random(let stream, let shape)):
      return try base.emit(.source(.random(stream: stream, fixed(shape))), operands)
    case .layout(.reshape(let shape)):
      return try base.emit(.layout(.reshape(fixed(shape))), operands)
    case .layout(.broadcast(let shape)):
      return try base.emit(.layout(.broadcast(fixed(shape))), operands)
    case .source, .elementwise, .layout, .reduction, .matrix, .lookup, .convolution, .group, .fused,
      .effect:
      return try base.emit(op, operands)
    }
  }

  private func fixed(_ shape: Shape) -> Shape {
    Shape(shape.dimensions.map { .fixed($0.size(batch: rows.count)) })
  }

  private func fixed(_ type: TensorType) -> TensorType { TensorType(type.dtype, fixed(type.shape)) }

  package func type(of tensor: Tensor) -> TensorType { base.type(of: tensor) }

  package func parameter(_ parameter: Parameter) throws -> Tensor {
    if let value = values[parameter.id] { return value }
    let value = try base.parameter(parameter)
    if parameter.isTrainable, adapts(parameter.id) {
      values[parameter.id] = value
      order.append(parameter.id)
    }
    return value
  }

  package func makeRandomStream() -> Int { base.makeRandomStream() }
  package var isTraining: Bool { base.isTraining }
  package func output(_ name: String, _ tensor: Tensor) throws { try base.output(name, tensor) }
}
