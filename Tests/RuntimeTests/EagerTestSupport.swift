import GraphIR
import Runtime
import TensorTypes
import Testing

/// A function of tensors, with the values at which it is looked at.
struct EagerCase: Sendable, CustomTestStringConvertible {
  var name: String
  var arguments: [EagerArgument]
  var function: @Sendable (EagerEngine<Double>, [EagerTensor<Double>]) throws -> EagerTensor<Double>
  var testDescription: String { name }

  static let batchSize = 3

  init(
    _ name: String, _ arguments: [EagerArgument],
    _ function:
      @escaping @Sendable (EagerEngine<Double>, [EagerTensor<Double>]) throws ->
      EagerTensor<Double>
  ) {
    self.name = name
    self.arguments = arguments
    self.function = function
  }

  /// Starts a step in which the arguments are feeds, and calls the function on them.
  func run<R>(
    _ arguments: [EagerArgument],
    _ body: (EagerEngine<Double>, [EagerTensor<Double>], EagerTensor<Double>) throws -> R
  ) throws -> R {
    let engine = EagerEngine<Double>(seed: 1)
    var feeds: [InputID: EagerStorage<Double>] = [:]
    for (index, argument) in arguments.enumerated() {
      feeds[InputID("x\(index)")] = argument.values
    }
    engine.beginStep(batchSize: Self.batchSize, feeds: feeds)
    let tensors = try arguments.enumerated().map {
      try engine.input(InputID("x\($0.offset)"), $0.element.type)
    }
    return try body(engine, tensors, function(engine, tensors))
  }
}

/// A tensor to call a function with.
struct EagerArgument: Sendable {
  var type: TensorType
  var values: EagerStorage<Double>

  /// Numbers that keep apart from each other and from 0, so that no kink is near: a shuffled ladder
  /// in ±1 (or 0.2...1.4 when `positive`).
  static func floats(
    _ dimensions: Dimension..., seed: Int, positive: Bool = false
  ) -> EagerArgument {
    let type = TensorType(.f32, Shape(dimensions))
    let count = type.shape.count(batch: EagerCase.batchSize)
    let random = CounterRandom(seed: UInt64(seed)).uniforms(stream: 0, step: 0, count: count)
    let ranks = random.indices.sorted { random[$0] < random[$1] }
    var values = [Double](repeating: 0, count: count)
    for (place, rank) in ranks.enumerated() {
      let ladder = (Double(place) + 0.5 + 0.3 * Double(random[rank])) / Double(count)
      values[rank] = positive ? 0.2 + 1.2 * ladder : 2 * ladder - 1 + 0.013
    }
    return EagerArgument(type: type, values: .floats(values))
  }

  static func ids(_ ids: [Int32], _ dimensions: Dimension...) -> EagerArgument {
    EagerArgument(type: TensorType(.i32, Shape(dimensions)), values: .ids(ids))
  }

  static func mask(_ mask: [Bool], _ dimensions: Dimension...) -> EagerArgument {
    EagerArgument(type: TensorType(.bool, Shape(dimensions)), values: .mask(mask))
  }

  func adding(_ change: Double, at index: Int) -> EagerArgument {
    guard case .floats(var values) = values else { return self }
    values[index] += change
    return EagerArgument(type: type, values: .floats(values))
  }
}

/// A tensor with indices, to state by definition what an op should give.
struct NaiveTensor: Hashable {
  var sizes: [Int]
  var values: [Double]

  init(_ sizes: [Int], _ value: ([Int]) -> Double) {
    self.sizes = sizes
    values = Self.indices(sizes).map(value)
  }

  init(_ tensor: EagerTensor<Double>) {
    sizes = tensor.sizes
    values = tensor.floats
  }

  subscript(_ index: [Int]) -> Double {
    var place = 0
    for (axis, i) in index.enumerated() { place = place * sizes[axis] + i }
    return values[place]
  }

  /// The element that broadcasts to `index`.
  func broadcast(_ index: [Int]) -> Double {
    let own = index.suffix(sizes.count)
    return self[zip(own, sizes).map { $1 == 1 ? 0 : $0 }]
  }

  /// All indices in row-major order.
  static func indices(_ sizes: [Int]) -> [[Int]] {
    sizes.reduce([[]]) { prefixes, size in
      prefixes.flatMap { prefix in (0..<size).map { prefix + [$0] } }
    }
  }

  func isClose(to other: EagerTensor<Double>, tolerance: Double = 1e-12) -> Bool {
    sizes == other.sizes
      && zip(values, other.floats).allSatisfy { abs($0 - $1) <= tolerance * (1 + abs($0)) }
  }
}
