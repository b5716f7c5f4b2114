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
struct SplitProducts: InstructionPass {
  let name = "split_products"

  func run(_ draft: inout ProgramDraft) throws {
    let trains = draft.instructions.contains { $0.operands.contains { $0.access == .update } }
    guard trains, draft.capacity > 1, draft.capacity <= ProductSplit.largestBatch else { return }
    let split = ProductSplit(capacity: draft.capacity, parameters: draft.parameters)
    draft.instructions = try draft.instructions.flatMap { instruction in
      try split.pieces(of: instruction, &draft.storages)
    }
  }
}

private struct ProductSplit {
  /// More rows are cut along the batch.
  static let largestBatch = 128
  /// Elements of a weight from which a share of it outweighs the additional sum.
  private static let smallestWeight = 16_384
  private static let smallestInner = 128
  /// Where the weight's gradient is cut too: tiles of that many rows.
  private static let alignment = 16

  let capacity: Int
  let parameters: BufferID

  func pieces(
    of instruction: Instruction, _ table: inout StorageTable
  ) throws -> [Instruction] {
    switch instruction {
    case .matmul(let product):
      guard let output = product.c, let depth = inner(product, output) else { break }
      return try split(product, output, depth: depth, table: &table)
    case .oneHotLinear(let product) where product.weight.buffer == parameters:
      guard let shares = shares(product.features, product.weight) else { break }
      let first = product.features.those(of: [.first], shares)
      let second = product.features.those(of: [.early, .late], shares)
      return try split(product, [first, second], table: &table)
    case .oneHotGradient(let update) where update.updateL2 != nil:
      return parts(update).map { .oneHotGradient($0) }
    default: break
    }
    return [instruction]
  }

  /// The length of the axis that is summed over, if the product is one to be cut.
  private func inner(_ product: MatmulInstruction, _ output: View) -> Int? {
    guard product.groups == 1, !product.transposeA, !product.transposeB, !product.accumulate,
      product.addend == nil, product.gradientOf == nil, product.columnSums == nil,
      product.update == nil,
      product.b.buffer == parameters, case .fixed(let depth) = product.b.extents[0],
      case .fixed(let columns) = product.b.extents[1], output.extents.count == 2,
      case .batch(times: 1) = output.extents[0], depth >= Self.smallestInner,
      depth * columns >= Self.smallestWeight
    else { return nil }
    return depth
  }

  private func split(
    _ product: MatmulInstruction, _ output: View, depth: Int, table: inout StorageTable
  ) throws -> [Instruction] {
    let half = (depth / 2 + Self.alignment - 1) / Self.alignment * Self.alignment
    var partial: [View] = []
    var result: [Instruction] = []
    for range in [0..<half, half..<depth] {
      let sums = try partialSums(output, &table)
      let a = Self.slice(product.a, axis: 1, range)
      let b = Self.slice(product.b, axis: 0, range)
      let bias = partial.isEmpty ? product.bias : nil
      result.append(.matmul(MatmulInstruction(a: a, b: b, c: sums, bias: bias)))
      partial.append(sums)
    }
    return try result
      + sum(
        partial, into: output, activation: product.activation, on: product.activationColumns)
  }

  // MARK: One-hot columns

  /// The groups of the features, in a product as in its gradient; nil where the weight is not divided.
  private func shares(
    _ features: [OneHotLinearInstruction.Feature], _ weight: View
  ) -> [OneHotShares.Share]? {
    guard features.count > 1, features.covers(weight), case .fixed(let columns) = weight.extents[1],
      case .fixed(let rows) = weight.extents[0], rows * columns >= Self.smallestWeight
    else { return nil }
    return OneHotShares(features, columns: columns, capacity: capacity).shares
  }

  /// An update of a weight, cut where its forward product is.
  private func parts(_ update: OneHotGradientInstruction) -> [OneHotGradientInstruction] {
    guard let shares = shares(update.features, update.weight) else { return [update] }
    func part(
      _ share: OneHotShares.Share, _ rows: OneHotGradientInstruction.UpdatedRows
    ) -> OneHotGradientInstruction {
      var part = update
      part.features = update.features.those(of: [share], shares)
      part.updatedRows = rows
      return part
    }
    return [
      part(.early, .absent), part(.first, .all), part(.early, .present), part(.late, .all),
    ].filter { !$0.features.isEmpty }
  }

  private func split(
    _ product: OneHotLinearInstruction, _ parts: [[OneHotLinearInstruction.Feature]],
    table: inout StorageTable
  ) throws -> [Instruction] {
    var partial: [View] = []
    var result: [Instruction] = []
    for features in parts {
      let sums = try partialSums(product.matrix, &table)
      result.append(
        .oneHotLinear(
          OneHotLinearInstruction(
            features: features, weight: product.weight,
            bias: partial.isEmpty ? product.bias : nil, matrix: sums, accumulate: false)))
      partial.append(sums)
    }
    if product.accumulate { partial.append(product.matrix) }
    return try result
      + sum(
        partial, into: product.matrix, activation: product.activation,
        on: product.activationColumns)
  }

  // MARK: The sum

  private func partialSums(_ output: View, _ table: inout StorageTable) throws -> View {
    let columns = output.extents[1].size(rows: capacity)
    return try table.temporary(
      TensorType(.f32, [.batch, .fixed(columns)]), label: "partial product")
  }

  /// output = activation(Σ partial), a loop for the columns with the activation and one for
  /// those without.
  private func sum(
    _ partial: [View], into output: View, activation: MatmulInstruction.Activation?,
    on active: Range<Int>?
  ) throws -> [Instruction] {
    let columns = output.extents[1].size(rows: capacity)
    return try Self.pieces(columns, activation, on: active).map { range, activation in
      var chain = ElementwiseChainBuilder(shape: [.batch, .fixed(range.count)])
      var sum = chain.load(Self.slice(partial[0], axis: 1, range))
      for other in partial.dropFirst() {
        sum = chain.apply(.add, [sum, chain.load(Self.slice(other, axis: 1, range))])
      }
      if let activation { sum = chain.apply(Self.operation(activation), [sum]) }
      chain.store(sum, to: Self.slice(output, axis: 1, range))
      return .elementwise(try chain.instruction())
    }
  }

  private static func pieces(
    _ columns: Int, _ activation: MatmulInstruction.Activation?, on active: Range<Int>?
  ) -> [(Range<Int>, MatmulInstruction.Activation?)] {
    guard let activation else { return [(0..<columns, nil)] }
    let active = active ?? 0..<columns
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
    case .relu: .function(.relu)
    case .sigmoid: .function(.sigmoid)
    case .tanh: .function(.tanh)
    }
  }
}

extension [OneHotLinearInstruction.Feature] {
  fileprivate func those(
    of wanted: Set<OneHotShares.Share>, _ shares: [OneHotShares.Share]
  ) -> [Element] {
    zip(self, shares).filter { wanted.contains($0.1) }.map(\.0)
  }
}
