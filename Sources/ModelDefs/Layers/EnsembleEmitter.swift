import GraphIR
import TensorTypes

/// An emitter whose dense layers have members. What behind the first of them is a row of a batch is one row
/// for each member, those of a row side by side: f32[B, n] becomes f32[Bm, n] for m members, and everything
/// that treats rows alike goes on as without members.
protocol MemberEmitter: Emitter {
  var members: Int { get }
}

/// Gives a model that is written against `Emitter` members, without its knowing.
final class EnsembleEmitter<Base: Emitter>: MemberEmitter {
  typealias Tensor = Base.Tensor

  private let base: Base
  let members: Int

  init(_ base: Base, members: Int) {
    self.base = base
    self.members = members
  }

  /// Where rows of the batch meet rows of members, each member has the row of the batch.
  func emit(_ op: Op, _ operands: [Tensor]) throws -> [Tensor] {
    guard operands.contains(where: { rows(of: $0) == .batches(members) }) else {
      return try base.emit(op, operands)
    }
    return try base.emit(
      op, operands.map { rows(of: $0) == .batch ? try base.repeated($0, members) : $0 })
  }

  private func rows(of tensor: Tensor) -> Dimension? { base.shape(of: tensor).dimensions.first }

  func type(of tensor: Tensor) -> TensorType { base.type(of: tensor) }
  func parameter(_ parameter: Parameter) throws -> Tensor { try base.parameter(parameter) }
  func makeRandomStream() -> Int { base.makeRandomStream() }
  var isTraining: Bool { base.isTraining }
  func output(_ name: String, _ tensor: Tensor) throws { try base.output(name, tensor) }
}
