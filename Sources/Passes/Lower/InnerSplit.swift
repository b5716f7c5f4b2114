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
  /// What the step of a row with a gradient that comes from the other thread costs beside the mean of
  /// all rows.
  private static let presentRowCost = 1.25
  /// Elements of the weight whose step takes as long as what else the first thread does in the last
  /// level: columns that are numbers, the rest of the parameters.
  private static let elsewhere = 5000

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
      } else if case .oneHotLinear(let product) = instruction,
        product.weight.buffer == parameters, let place = Self.middle(product, capacity: capacity)
      {
        result += try split(product, at: place, table: &table)
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

  /// The feature where a product or its gradient is to be cut. The first thread works through the
  /// chain of small levels between the two and then steps all rows of the first part, and what else
  /// there is to step; the second one steps the second part's rows that the batch lacks meanwhile,
  /// and then the rest of them.
  static func middle(_ product: OneHotLinearInstruction, capacity: Int) -> Int? {
    guard capacity > 1, capacity <= largestBatch, product.features.count > 1, product.coversWeight,
      case .fixed(let columns) = product.weight.extents[1],
      case .fixed(let rows) = product.weight.extents[0], rows * columns >= smallestWeight
    else { return nil }
    func imbalance(_ place: Int) -> Double {
      var second = product
      second.features.removeFirst(place)
      let present = presentRowCost * second.expectedRows(rows: capacity)
      let first = product.features[place].rowOffset + elsewhere / max(1, columns)
      return abs(Double(first) - present)
    }
    return product.features.indices.dropFirst().min { imbalance($0) < imbalance($1) }
  }

  /// An update of a weight, cut where its forward product is, so that each part of the rows is one
  /// thread's.
  static func parts(
    _ update: OneHotLinearInstruction, capacity: Int
  ) -> [OneHotLinearInstruction] {
    guard let place = middle(update, capacity: capacity),
      case .fixed(let rows) = update.weight.extents[0]
    else { return [update] }
    let row = update.features[place].rowOffset
    var parts = [(0..<place, 0..<row), (place..<update.features.count, row..<rows)].map {
      features, range in
      var part = update
      part.features = update.features[features].map { feature in
        .init(
          ids: feature.ids, rowOffset: feature.rowOffset - range.lowerBound,
          rowCount: feature.rowCount)
      }
      part.weight = slice(update.weight, axis: 0, range)
      return part
    }
    (parts[0].part, parts[1].part) = (1, 2)
    var absent = parts[1]
    absent.updatedRows = .absent
    parts[1].updatedRows = .present
    return [absent] + parts
  }

  private func split(
    _ product: OneHotLinearInstruction, at place: Int, table: inout StorageTable
  ) throws -> [Instruction] {
    var partial: [View] = []
    var result: [Instruction] = []
    for features in [product.features[..<place], product.features[place...]] {
      let sums = try partialSums(product.matrix, &table)
      var part = OneHotLinearInstruction(
        features: Array(features), weight: product.weight,
        bias: partial.isEmpty ? product.bias : nil, matrix: sums, accumulate: false)
      partial.append(sums)
      part.part = partial.count
      result.append(.oneHotLinear(part))
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
    case .relu: .relu
    case .sigmoid: .sigmoid
    case .tanh: .tanh
    }
  }
}
