import GraphIR
import Plan
import TensorTypes

/// Cuts the product of a small batch with a large weight along the axis that is summed over, into
/// two products and their sum.
///
/// In a training step the optimizer writes the weight's rows and the next forward pass reads them.
/// A batch of few rows cannot be cut between threads along the batch, and a cut along the weight's
/// columns makes two cores share its lines: what one writes, the other's prefetcher takes away
/// (measured on two cores of a Sapphire Rapids server: a sweep over a [499, 144] weight and its
/// Adam state takes 75 µs cut by columns, 24 µs on one core, 11 µs cut by rows). With both products
/// cut by the weight's rows each core keeps its half of the weight in its own cache.
///
/// The cut does not depend on how many threads run the plan, so neither do the results.
struct InnerSplit {
  /// More rows are cut along the batch.
  static let largestBatch = 128
  /// Elements of a weight from which a share of it outweighs the additional sum.
  static let smallestWeight = 16_384
  static let smallestInner = 128
  /// Where the weight's gradient is cut too: tiles of that many rows.
  private static let alignment = 16

  let capacity: Int
  let parameters: BufferID

  func apply(
    to instructions: [Instruction], table: inout StorageTable
  ) throws -> [Instruction] {
    guard capacity > 1, capacity <= Self.largestBatch else { return instructions }
    var result: [Instruction] = []
    for instruction in instructions {
      if case .matmul(let product) = instruction, let output = product.c,
        let depth = inner(product, output)
      {
        result += try split(product, output, depth: depth, table: &table)
      } else {
        result.append(instruction)
      }
    }
    return result
  }

  /// The length of the axis that is summed over, if the product is one to be cut.
  private func inner(_ product: MatmulInstruction, _ output: View) -> Int? {
    guard product.groups == 1, !product.transposeA, !product.transposeB, !product.accumulate,
      product.gradientOf == nil, product.columnSums == nil, product.update == nil,
      product.b.buffer == parameters, case .fixed(let depth) = product.b.extents[0],
      case .fixed(let columns) = product.b.extents[1], output.extents.count == 2,
      case .batch = output.extents[0], depth >= Self.smallestInner,
      depth * columns >= Self.smallestWeight
    else { return nil }
    return depth
  }

  private func split(
    _ product: MatmulInstruction, _ output: View, depth: Int, table: inout StorageTable
  ) throws -> [Instruction] {
    let columns = output.extents[1].size(rows: capacity)
    let half = (depth / 2 + Self.alignment - 1) / Self.alignment * Self.alignment
    let type = TensorType(.f32, [.batch, .fixed(columns)])
    var partial: [View] = []
    var result: [Instruction] = []
    for range in [0..<half, half..<depth] {
      let sums = try table.temporary(type, label: "partial product")
      let a = Self.slice(product.a, axis: 1, range)
      let b = Self.slice(product.b, axis: 0, range)
      result.append(.matmul(MatmulInstruction(a: a, b: b, c: sums)))
      partial.append(sums)
    }
    for (range, activation) in Self.pieces(product, columns: columns) {
      var chain = ElementwiseChainBuilder(shape: [.batch, .fixed(range.count)])
      let first = chain.load(Self.slice(partial[0], axis: 1, range))
      let second = chain.load(Self.slice(partial[1], axis: 1, range))
      var sum = chain.apply(.add, [first, second])
      if let bias = product.bias {
        let row = View(
          buffer: bias.buffer, offset: bias.offset + range.lowerBound,
          extents: [output.extents[0], .fixed(range.count)], strides: [0, 1])
        sum = chain.apply(.add, [sum, chain.load(row)])
      }
      if let activation { sum = chain.apply(Self.operation(activation), [sum]) }
      chain.store(sum, to: Self.slice(output, axis: 1, range))
      result.append(.elementwise(try chain.instruction()))
    }
    return result
  }

  /// The columns with the activation and those without.
  private static func pieces(
    _ product: MatmulInstruction, columns: Int
  ) -> [(Range<Int>, MatmulInstruction.Activation?)] {
    guard let activation = product.activation else { return [(0..<columns, nil)] }
    let active = product.activationColumns ?? 0..<columns
    return [
      (0..<active.lowerBound, nil), (active, activation), (active.upperBound..<columns, nil),
    ].filter { !$0.0.isEmpty }
  }

  private static func slice(_ view: View, axis: Int, _ range: Range<Int>) -> View {
    var result = view
    result.offset += range.lowerBound * view.strides[axis]
    result.extents[axis] = .fixed(range.count)
    return result
  }

  private static func operation(
    _ activation: MatmulInstruction.Activation
  ) -> ElementwiseInstruction.Operation {
    switch activation {
    case .relu: .relu
    case .sigmoid: .sigmoid
    case .tanh: .tanh
    }
  }
}
