import GraphIR
import TensorTypes

/// Puts random parts together. Everything in the pool has type f32[B, n].
struct RandomGraphGenerator {
  let builder: GraphBuilder
  private(set) var rows: [InputID: Int] = [:]
  private let usesRandom: Bool
  private var generator: SplitMix64
  private var pool: [ValueID] = []
  private var parameters = 0

  init(seed: UInt64, usesRandom: Bool) {
    builder = GraphBuilder(name: "random.\(seed)")
    generator = SplitMix64(seed: seed)
    self.usesRandom = usesRandom
  }

  mutating func generate(steps: Int) throws {
    pool.append(try builder.input("numeric", .f32(.batch, .fixed(number(2...6)))))
    pool.append(try embedding())
    for _ in 0..<steps { try addPart() }
    let logit = try dense(builder.concat(pool.suffix(3), axis: 1), 1)
    let label = try builder.input("label", .f32(.batch, 1))
    // Cross entropy from logits, and a penalty that keeps some other value alive.
    let cross = try builder.mean(
      builder.sub(builder.softplus(logit), builder.mul(label, logit)))
    let penalty = try builder.scale(
      builder.mean(builder.square(builder.tanh(pick()))), by: 0.1)
    try builder.output("loss", builder.add(cross, penalty))
    try builder.output("prediction", builder.sigmoid(logit))
  }

  private mutating func addPart() throws {
    var x = pick()
    // Concatenations of concatenations would grow without bound.
    if width(x) > 24 { x = try builder.slice(x, axis: 1, 0..<24) }
    switch number(0...(usesRandom ? 17 : 16)) {
    case 0: pool.append(try activate(dense(x, number(1...8))))
    case 1: pool.append(try mixture(x))
    case 2: pool.append(try unary(x))
    case 3: pool.append(try binary(x))
    case 4: pool.append(try builder.concat([x, pick()], axis: 1))
    case 5: pool.append(try cut(x))
    case 6: pool.append(try embedding())
    case 7: pool.append(try oneHotColumns(x))
    case 8: pool.append(try pooledSequence())
    case 9: pool.append(try chosen(x))
    case 10: pool.append(try builder.softmax(x))
    case 11: pool.append(try centred(x))
    case 12: pool.append(try reduced(x))
    case 13: pool.append(try builder.add(x, builder.stopGradient(builder.tanh(x))))
    case 14:
      // The same twice: common subexpressions.
      let first = try builder.tanh(builder.add(x, builder.constant(0.5)))
      let second = try builder.tanh(builder.add(x, builder.constant(0.5)))
      pool.append(try builder.mul(first, second))
    case 15: pool.append(try convolved(x))
    case 16: pool.append(try grouped(x))
    default: pool.append(try dropout(x))
    }
  }

  // MARK: Parts of models

  private mutating func parameter(_ type: TensorType, limit: Double) throws -> ValueID {
    defer { parameters += 1 }
    return try builder.parameter(
      Parameter(
        ParameterID("p\(parameters)"), type, chance(8) ? .constant(0.1) : .uniform(limit),
        isTrainable: !chance(10), l2: chance(4) ? 0.01 : 0))
  }

  private mutating func dense(_ x: ValueID, _ units: Int) throws -> ValueID {
    let width = width(x)
    let kernel = try parameter(
      .f32(.fixed(width), .fixed(units)), limit: 1 / Double(width).squareRoot())
    let product = try builder.matmul(x, kernel)
    if chance(4) { return product }
    return try builder.add(product, parameter(.f32(.fixed(units)), limit: 0.1))
  }

  private mutating func activate(_ x: ValueID) throws -> ValueID {
    switch number(0...3) {
    case 0: try builder.relu(x)
    case 1: try builder.tanh(x)
    case 2: try builder.sigmoid(x)
    default: x
    }
  }

  /// Experts on one input, weighted by a softmax gate; some with batch normalization and dropout.
  private mutating func mixture(_ x: ValueID) throws -> ValueID {
    let count = number(2...4)
    let units = number(1...4)
    let isNormalized = parameters.isMultiple(of: 2)
    let experts = try (0..<count).map { _ in
      let hidden = try dense(x, units)
      guard isNormalized else { return try builder.relu(hidden) }
      let expert = try builder.relu(normalized(hidden))
      return usesRandom ? try dropout(expert) : expert
    }
    let gate = try builder.softmax(dense(x, count))
    let stacked = try builder.reshape(
      builder.concat(experts, axis: 1), [.batch, .fixed(count), .fixed(units)])
    let weights = try builder.reshape(gate, [.batch, .fixed(count), 1])
    return try builder.sum(builder.mul(stacked, weights), axes: [1])
  }

  private mutating func ids(_ shape: Shape, rows count: Int) throws -> ValueID {
    let id = InputID("id\(rows.count)")
    rows[id] = count
    return try builder.input(id, TensorType(.i32, shape))
  }

  private mutating func embedding() throws -> ValueID {
    let count = number(2...9)
    let table = try parameter(.f32(.fixed(count), .fixed(number(1...5))), limit: 0.5)
    return try builder.gather(table, ids([.batch], rows: count))
  }

  /// A dense layer over dense and one-hot columns.
  private mutating func oneHotColumns(_ x: ValueID) throws -> ValueID {
    let depths = (0..<number(1...3)).map { _ in number(2...6) }
    let columns = try depths.map { try builder.oneHot(ids([.batch], rows: $0), depth: $0) }
    return try activate(dense(builder.concat([x] + columns, axis: 1), number(1...6)))
  }

  /// The mean of the embeddings of a padded sequence.
  private mutating func pooledSequence() throws -> ValueID {
    let count = number(2...6)
    let table = try parameter(.f32(.fixed(count), .fixed(number(1...4))), limit: 0.5)
    let sequence = try ids([.batch, .fixed(number(1...4))], rows: count)
    let present = try builder.convertToFloat(builder.isPresent(sequence))
    let total = try builder.sum(builder.gather(table, sequence), axes: [1])
    let length = try builder.max(
      builder.sum(present, axes: [1], keepAxes: true), builder.constant(1))
    return try builder.div(total, length)
  }

  private mutating func dropout(_ x: ValueID) throws -> ValueID {
    let keep = try builder.compare(
      .less, builder.random(builder.shape(of: x)), builder.constant(0.75))
    return try builder.select(
      keep, builder.scale(x, by: 1 / 0.75), builder.constant(0))
  }

  // MARK: Arbitrary ops

  /// Bounded whatever x is, and never at a kink where x is 0.
  private mutating func unary(_ x: ValueID) throws -> ValueID {
    let kind = ElementwiseOp.Unary.allCases[number(0...ElementwiseOp.Unary.allCases.count - 1)]
    let bounded = try builder.tanh(x)
    let operand =
      kind.isDefinedEverywhere
      ? try builder.add(bounded, builder.constant(0.013))
      : try builder.add(builder.square(bounded), builder.constant(0.5))
    return try builder.mul(x, builder.unary(kind, operand))
  }

  private mutating func binary(_ x: ValueID) throws -> ValueID {
    let other: ValueID =
      switch number(0...3) {
      case 0: try parameter(.f32(.fixed(width(x))), limit: 1)
      case 1: try builder.sum(builder.tanh(pick()), axes: [1], keepAxes: true)
      case 2: try builder.mean(builder.tanh(pick()))
      default: try dense(pick(), width(x))
      }
    let (a, b) = chance(2) ? (x, other) : (other, x)
    return switch ElementwiseOp.Binary.allCases[number(0...5)] {
    case .add: try builder.add(a, b)
    case .sub: try builder.sub(a, b)
    case .mul: try builder.mul(builder.tanh(a), b)
    case .div: try builder.div(a, builder.add(builder.square(b), builder.constant(1)))
    case .max: try builder.max(a, b)
    case .min: try builder.min(a, b)
    }
  }

  private mutating func cut(_ x: ValueID) throws -> ValueID {
    let width = width(x)
    let start = number(0...width - 1)
    let part = try builder.slice(x, axis: 1, start..<number(start + 1...width))
    if chance(2) { return part }
    return try builder.pad(part, axis: 1, before: number(0...2), after: number(0...2))
  }

  private mutating func chosen(_ x: ValueID) throws -> ValueID {
    let kind = ElementwiseOp.Comparison.allCases[number(0...5)]
    let mask = try builder.compare(kind, x, parameter(.f32(.fixed(width(x))), limit: 0.5))
    return try builder.select(mask, builder.tanh(x), builder.scale(x, by: 0.5))
  }

  /// Less the mean over the batch, by about its deviation, and never at a kink where it is 0.
  private func normalized(_ x: ValueID) throws -> ValueID {
    let rows = try builder.batchSize()
    let centred = try builder.sub(x, builder.div(builder.sum(x, axes: [0]), rows))
    let variance = try builder.div(builder.sum(builder.square(centred), axes: [0]), rows)
    let factor = try builder.unary(.rsqrt, builder.add(variance, builder.constant(0.5)))
    return try builder.add(builder.mul(centred, factor), builder.constant(0.013))
  }

  /// Minus the mean over the batch.
  private mutating func centred(_ x: ValueID) throws -> ValueID {
    let mean = try builder.div(builder.sum(x, axes: [0]), builder.batchSize())
    return try builder.sub(x, builder.broadcast(mean, to: builder.shape(of: x)))
  }

  /// The first nine columns as an image.
  private mutating func convolved(_ x: ValueID) throws -> ValueID {
    let width = width(x)
    let nine =
      width < 9
      ? try builder.pad(x, axis: 1, before: 0, after: 9 - width)
      : try builder.slice(x, axis: 1, 0..<9)
    let units = number(1...3)
    // Equal weights would make windows tie, where the maximum has no derivative.
    let filter = try builder.parameter(
      Parameter(
        ParameterID("p\(parameters)"), .f32(2, 2, 1, .fixed(units)), .uniform(0.5)))
    parameters += 1
    let form = ConvolutionForm(stride: 1, padding: 1)
    let image = try builder.conv2d(
      builder.tanh(builder.reshape(nine, [.batch, 3, 3, 1])), filter, form)
    let pooled = try builder.maxPool(image, window: 2, stride: number(1...2))
    return try builder.reshape(
      pooled, [.batch, .fixed(builder.shape(of: pooled).fixedCount)])
  }

  private mutating func reduced(_ x: ValueID) throws -> ValueID {
    let width = width(x)
    let pair = try builder.reshape(builder.concat([x, x], axis: 1), [.batch, 2, .fixed(width)])
    let swapped = try builder.transpose(pair, [0, 2, 1])
    let kind = ReductionOp.Kind.allCases[number(0...2)]
    return chance(2)
      ? try builder.reduce(kind, swapped, axes: [2])
      : try builder.reduce(kind, x, axes: [1], keepAxes: true)
  }

  /// Sums or maxima over groups of rows, or sums over pairs of rows by their labels.
  private mutating func grouped(_ x: ValueID) throws -> ValueID {
    let groups = try builder.input("groups", .i32(.batch, 2))
    switch number(0...3) {
    case 0: return try builder.scale(builder.group(.sum, builder.tanh(x), groups), by: 0.5)
    case 1: return try builder.group(.max, builder.tanh(x), groups)
    default:
      let functions: [GroupOp.PairFunction] = [.count, .logistic, .slope]
      return try builder.pairSums(
        functions[number(0...2)], over: chance(2) ? .lower : .higher,
        of: builder.sigmoid(dense(pick(), 1)), scores: builder.tanh(dense(x, 1)),
        labels: builder.input("label", .f32(.batch, 1)), groups: groups)
    }
  }

  // MARK: Choices

  private mutating func number(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &generator)
  }
  /// True once in `count` times.
  private mutating func chance(_ count: Int) -> Bool { number(1...count) == 1 }
  private mutating func pick() -> ValueID { pool[number(0...pool.count - 1)] }
  private func width(_ x: ValueID) -> Int { builder.shape(of: x)[1].size(batch: 1) }
}
