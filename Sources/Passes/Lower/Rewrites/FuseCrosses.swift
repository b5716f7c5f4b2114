import Plan
import TensorTypes

/// Lets a product multiply its result by a matrix of the same shape, and add another, while it stores
/// it: the layers of a cross network, x₀ ⊙ (W·x + b) + x, and the products of their gradients.
struct FuseCrosses: InstructionPass {
  let name = "fuse_crosses"

  func run(_ draft: inout ProgramDraft) {
    let instructions = draft.instructions
    var result = instructions
    var products: [Place: Int] = [:]
    for (index, instruction) in instructions.enumerated() {
      guard case .matmul(let product) = instruction, product.groups == 1, product.update == nil,
        product.cross == nil, let c = product.c
      else { continue }
      products[Place(c)] = index
    }
    guard !products.isEmpty else { return }
    var touched = TouchedMemory(capacity: draft.capacity)
    for (index, instruction) in instructions.enumerated() {
      touched.insert(instruction.operands, of: index)
    }
    for view in draft.fetched { touched.insert(view, .read, of: instructions.count) }
    var removed: Set<Int> = []
    for (index, instruction) in instructions.enumerated() {
      guard case .elementwise(let loop) = instruction, let cross = CrossLoop(loop) else { continue }
      for (value, factor) in [(cross.a, cross.b), (cross.b, cross.a)] {
        guard let place = products[Place(value)], place < index,
          case .matmul(var product) = result[place], product.cross == nil, let c = product.c,
          cross.matrix(value, like: c) == c, let fused = cross.fused(factor, like: c),
          touched.isUnchanged(fused.inputs, from: place, to: index),
          touched.isUnchanged([c], from: place + 1, to: index),
          touched.isUntouched(fused.output, from: place, to: index)
        else { continue }
        product.cross = fused
        if !product.accumulate, touched.count(.read, of: c) == 1 { product.c = nil }
        result[place] = .matmul(product)
        removed.insert(index)
        break
      }
    }
    draft.instructions = result.enumerated().filter { !removed.contains($0.offset) }
      .map(\.element)
  }

  /// Where a view begins.
  private struct Place: Hashable {
    var buffer: BufferID
    var offset: Int

    init(_ view: View) { (buffer, offset) = (view.buffer, view.offset) }
  }
}

/// A loop that computes a ⊙ b, or a ⊙ b + residual, and nothing else.
private struct CrossLoop {
  let a: View
  let b: View
  private let residual: View?
  private let output: View

  init?(_ loop: ElementwiseInstruction) {
    /// What a register holds: the operands that were multiplied, and the one that was added.
    struct Value {
      var factors: [Int]
      var added: Int?
      var operand: Int? { factors.count == 1 && added == nil ? factors[0] : nil }
    }
    guard let store = loop.steps.last, store.operation == .store else { return nil }
    var registers: [Int: Value] = [:]
    for step in loop.steps.dropLast() {
      let (x, y) = (registers[step.a], registers[step.b])
      switch (step.operation, x?.operand, y?.operand) {
      case (.load, _, _): registers[step.destination] = Value(factors: [step.a])
      case (.mul, let first?, let second?):
        registers[step.destination] = Value(factors: [first, second])
      case (.add, let operand?, nil), (.add, nil, let operand?):
        guard let product = x?.operand == nil ? x : y, product.added == nil else { return nil }
        registers[step.destination] = Value(factors: product.factors, added: operand)
      case (_, _, _): return nil
      }
    }
    guard let value = registers[store.a], value.factors.count == 2 else { return nil }
    a = loop.views[value.factors[0]]
    b = loop.views[value.factors[1]]
    residual = value.added.map { loop.views[$0] }
    output = loop.views[store.b]
  }

  /// A view of the loop as a matrix with the extents of another: neighbouring axes of a loop may be
  /// one. Nil where it is no such matrix with rows of contiguous elements.
  func matrix(_ view: View, like other: View) -> View? {
    guard other.extents.count == 2, case .fixed(let columns) = other.extents[1], columns > 1 else {
      return nil
    }
    var matrix = View(
      buffer: view.buffer, offset: view.offset, extents: other.extents, strides: view.strides)
    if view.strides == [1], view.extents == [other.extents[0].times(columns)] {
      matrix.strides = [columns, 1]
      return matrix
    }
    return view.extents == other.extents && view.strides[1] == 1 && view.strides[0] >= columns
      ? matrix : nil
  }

  /// What the product of a matrix has to do besides, with the loop's other factor.
  func fused(_ factor: View, like c: View) -> MatmulInstruction.Cross? {
    guard let factor = matrix(factor, like: c), let output = matrix(output, like: c) else {
      return nil
    }
    guard let residual else { return .init(factor: factor, residual: nil, output: output) }
    return matrix(residual, like: c).map { .init(factor: factor, residual: $0, output: output) }
  }
}

extension MatmulInstruction.Cross {
  fileprivate var inputs: [View] { [factor] + (residual.map { [$0] } ?? []) }
}

extension Extent {
  /// So many times as many.
  fileprivate func times(_ count: Int) -> Extent {
    switch self {
    case .fixed(let size): .fixed(size * count)
    case .batch(let times): .batch(times: times * count)
    }
  }
}

extension TouchedMemory {
  /// Whether no instruction from the first to before the last writes to the views.
  fileprivate func isUnchanged(_ views: [View], from first: Int, to last: Int) -> Bool {
    views.allSatisfy { count(.write, of: $0, from: first, to: last) == 0 }
  }

  /// Whether none of them reads the view either.
  fileprivate func isUntouched(_ view: View, from first: Int, to last: Int) -> Bool {
    isUnchanged([view], from: first, to: last) && count(.read, of: view, from: first, to: last) == 0
  }

  private func count(
    _ access: Operand.Access, of view: View, from first: Int, to last: Int
  ) -> Int {
    var count = 0
    forEach(access, of: view) {
      first <= $0 && $0 < last
    } _: { _ in
      count += 1
    }
    return count
  }
}
