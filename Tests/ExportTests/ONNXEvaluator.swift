import Foundation

/// Runs an ONNX graph in double precision, operator by operator as their definitions say (opset 17).
struct ONNXEvaluator {
  struct Failure: Error { var description: String }
  let model: ReadModel

  /// The values of the outputs by name.
  func run(_ inputs: [String: ReadTensor]) throws -> [String: ReadTensor] {
    var values = model.tensors.merging(inputs) { _, input in input }
    for node in model.nodes {
      let operands = try node.inputs.map { name in
        guard let value = values[name] else {
          throw Failure(description: "\(node.name) reads \(name) before it is there")
        }
        return value
      }
      guard node.outputs.count == 1, values[node.outputs[0]] == nil else {
        throw Failure(description: "\(node.name) does not write one new value")
      }
      values[node.outputs[0]] = try Self.apply(node, operands)
    }
    return Dictionary(
      uniqueKeysWithValues: try model.outputs.map { output in
        guard let value = values[output.name] else {
          throw Failure(description: "nothing writes \(output.name)")
        }
        return (output.name, value)
      })
  }

  /// Operators that are functions of the C library.
  private static let library: [String: @Sendable (Double) -> Double] = [
    "Exp": { exp($0) }, "Log": { log($0) }, "Sin": { sin($0) }, "Cos": { cos($0) },
    "Tan": { tan($0) }, "Asin": { asin($0) }, "Acos": { acos($0) }, "Atan": { atan($0) },
    "Sinh": { sinh($0) }, "Cosh": { cosh($0) }, "Tanh": { tanh($0) }, "Asinh": { asinh($0) },
    "Acosh": { acosh($0) }, "Atanh": { atanh($0) }, "Erf": { erf($0) },
  ]

  private static func apply(_ node: ReadModel.Node, _ x: [ReadTensor]) throws -> ReadTensor {
    switch node.operation {
    case "Add": return zip(x, +)
    case "Sub": return zip(x, -)
    case "Mul": return zip(x, *)
    case "Div": return zip(x, /)
    case "Max": return zip(x, max)
    case "Min": return zip(x, min)
    case "Equal": return zip(x) { $0 == $1 ? 1 : 0 }
    case "Less": return zip(x) { $0 < $1 ? 1 : 0 }
    case "LessOrEqual": return zip(x) { $0 <= $1 ? 1 : 0 }
    case "Greater": return zip(x) { $0 > $1 ? 1 : 0 }
    case "GreaterOrEqual": return zip(x) { $0 >= $1 ? 1 : 0 }
    case "And": return zip(x) { $0 * $1 }
    case "Not": return map(x[0]) { 1 - $0 }
    case "Neg": return map(x[0]) { -$0 }
    case "Sqrt": return map(x[0]) { $0.squareRoot() }
    case "Reciprocal": return map(x[0]) { 1 / $0 }
    case "Abs": return map(x[0], abs)
    case "Sign": return map(x[0]) { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }
    case "Relu": return map(x[0]) { max($0, 0) }
    // As in onnxruntime, right to 1e-7 whatever its size: quotients of small ones would show it.
    case "Sigmoid": return map(x[0]) { 1 / (1 + exp(-$0)) + 1e-7 }
    case "Softplus": return map(x[0]) { max($0, 0) + log1p(exp(-abs($0))) }
    case "Floor": return map(x[0]) { $0.rounded(.down) }
    case "Ceil": return map(x[0]) { $0.rounded(.up) }
    case let name where library[name] != nil: return map(x[0], library[name] ?? { _ in .nan })
    case "IsNaN": return map(x[0]) { $0.isNaN ? 1 : 0 }
    case "Identity": return x[0]
    case "Cast": return x[0]
    case "Clip":
      let (low, high) = (x[1].numbers[0], x[2].numbers[0])
      return map(x[0]) { min(max($0, low), high) }
    case "Where":
      let shape = x.dropFirst().reduce(x[0].shape) { broadcast($0, $1.shape) }
      let parts = x.map { expanded($0, shape) }
      return ReadTensor(
        shape,
        parts[0].indices.map { parts[0][$0] != 0 ? parts[1][$0] : parts[2][$0] })
    case "Shape": return ReadTensor([x[0].shape.count], x[0].shape.map(Double.init))
    case "Reshape": return try reshape(x[0], x[1].numbers.map { Int($0) })
    case "Unsqueeze":
      var shape = x[0].shape
      let axis = Int(x[1].numbers[0])
      shape.insert(1, at: axis < 0 ? axis + shape.count + 1 : axis)
      return ReadTensor(shape, x[0].numbers)
    case "Squeeze":
      var shape = x[0].shape
      guard shape.remove(at: Int(x[1].numbers[0])) == 1 else { throw wrong(node, x) }
      return ReadTensor(shape, x[0].numbers)
    case "Expand":
      let shape = broadcast(x[0].shape, x[1].numbers.map { Int($0) })
      return ReadTensor(shape, expanded(x[0], shape))
    case "Transpose": return transpose(x[0], node.integers["perm"] ?? [])
    case "Concat": return concat(x, axis: node.integers["axis"]?[0] ?? 0)
    case "Slice":
      guard x[1].numbers.count == 1 else { throw wrong(node, x) }
      let (start, end) = (Int(x[1].numbers[0]), Int(x[2].numbers[0]))
      let axis = x.count > 3 ? Int(x[3].numbers[0]) : 0
      return take(x[0], axis: axis, Array(start..<min(end, x[0].shape[axis])))
    case "Pad": return pad(x[0], x[1].numbers.map { Int($0) })
    case "ReduceSum": return reduce(node, x[0], x[1].numbers.map { Int($0) }, 0, +)
    case "ReduceMax":
      return reduce(node, x[0], node.integers["axes"] ?? [], -.infinity, max)
    case "ReduceMin": return reduce(node, x[0], node.integers["axes"] ?? [], .infinity, min)
    case "Softmax": return softmax(x[0])
    case "MatMul": return try matmul(node, x)
    case "Gather":
      let (table, ids) = (x[0], x[1])
      let width = table.shape.dropFirst().reduce(1, *)
      var rows: [Double] = []
      for id in ids.numbers {
        let row = id < 0 ? Int(id) + table.shape[0] : Int(id)
        guard 0..<table.shape[0] ~= row else { throw wrong(node, x) }
        rows += table.numbers[row * width..<(row + 1) * width]
      }
      return ReadTensor(ids.shape + table.shape.dropFirst(), rows)
    case "OneHot":
      let depth = Int(x[1].numbers[0])
      return ReadTensor(
        x[0].shape + [depth],
        x[0].numbers.flatMap { id in
          (0..<depth).map { Double($0) == id ? x[2].numbers[1] : x[2].numbers[0] }
        })
    case "LabelEncoder" where node.domain == "ai.onnx.ml":
      let keys = node.texts["keys_strings"] ?? []
      let ids = node.integers["values_int64s"] ?? []
      guard keys.count == ids.count, !keys.isEmpty else { throw wrong(node, x) }
      let table = Dictionary(Swift.zip(keys.map { Array($0.utf8) }, ids)) { first, _ in first }
      let other = node.integers["default_int64"]?[0] ?? 0
      return ReadTensor(
        x[0].shape, x[0].texts.map { Double(table[Array($0.utf8)] ?? other) })
    default: throw Failure(description: "\(node.name): no operator \(node.operation)")
    }
  }

  private static func wrong(_ node: ReadModel.Node, _ x: [ReadTensor]) -> Failure {
    Failure(description: "\(node.name) (\(node.operation)) of \(x.map(\.shape))")
  }

  private static func map(_ x: ReadTensor, _ f: (Double) -> Double) -> ReadTensor {
    ReadTensor(x.shape, x.numbers.map(f))
  }

  private static func zip(_ x: [ReadTensor], _ f: (Double, Double) -> Double) -> ReadTensor {
    let shape = broadcast(x[0].shape, x[1].shape)
    let (a, b) = (expanded(x[0], shape), expanded(x[1], shape))
    return ReadTensor(shape, a.indices.map { f(a[$0], b[$0]) })
  }

  private static func broadcast(_ a: [Int], _ b: [Int]) -> [Int] {
    let rank = max(a.count, b.count)
    func size(_ shape: [Int], _ axis: Int) -> Int {
      let place = axis - (rank - shape.count)
      return place < 0 ? 1 : shape[place]
    }
    return (0..<rank).map { axis in
      let (p, q) = (size(a, axis), size(b, axis))
      precondition(p == q || p == 1 || q == 1, "\(a) and \(b) do not broadcast")
      return p == 1 ? q : p
    }
  }

  /// The places of a row-major tensor of this shape, one index for each axis.
  private static func places(_ shape: [Int]) -> [[Int]] {
    shape.reduce([[]]) { places, size in places.flatMap { place in (0..<size).map { place + [$0] } }
    }
  }

  private static func index(_ place: some Sequence<Int>, _ shape: [Int]) -> Int {
    Swift.zip(place, shape).reduce(0) { $0 * $1.1 + $1.0 }
  }

  private static func expanded(_ x: ReadTensor, _ shape: [Int]) -> [Double] {
    if x.shape == shape { return x.numbers }
    if x.numbers.count == 1 {
      return Array(repeating: x.numbers[0], count: shape.reduce(1, *))
    }
    return places(shape).map { place in
      let own = Swift.zip(place.suffix(x.shape.count), x.shape).map { $1 == 1 ? 0 : $0 }
      return x.numbers[index(own, x.shape)]
    }
  }

  private static func reshape(_ x: ReadTensor, _ sizes: [Int]) throws -> ReadTensor {
    let known = sizes.filter { $0 > 0 }.reduce(1, *)
    let shape = sizes.map { $0 == -1 ? x.numbers.count / known : $0 }
    guard shape.reduce(1, *) == x.numbers.count else {
      throw Failure(description: "\(x.shape) does not have the elements of \(sizes)")
    }
    return ReadTensor(shape, x.numbers)
  }

  private static func transpose(_ x: ReadTensor, _ permutation: [Int]) -> ReadTensor {
    let shape = permutation.map { x.shape[$0] }
    return ReadTensor(
      shape,
      places(shape).map { place in
        var own = place
        for (axis, source) in permutation.enumerated() { own[source] = place[axis] }
        return x.numbers[index(own, x.shape)]
      })
  }

  private static func take(_ x: ReadTensor, axis: Int, _ rows: [Int]) -> ReadTensor {
    var shape = x.shape
    shape[axis] = rows.count
    return ReadTensor(
      shape,
      places(shape).map { place in
        var own = place
        own[axis] = rows[place[axis]]
        return x.numbers[index(own, x.shape)]
      })
  }

  private static func concat(_ x: [ReadTensor], axis: Int) -> ReadTensor {
    var shape = x[0].shape
    shape[axis] = x.reduce(0) { $0 + $1.shape[axis] }
    let outer = shape[..<axis].reduce(1, *)
    var numbers: [Double] = []
    for row in 0..<outer {
      for part in x {
        let width = part.shape[axis...].reduce(1, *)
        numbers += part.numbers[row * width..<(row + 1) * width]
      }
    }
    return ReadTensor(shape, numbers)
  }

  private static func pad(_ x: ReadTensor, _ pads: [Int]) -> ReadTensor {
    let rank = x.shape.count
    let shape = (0..<rank).map { pads[$0] + x.shape[$0] + pads[rank + $0] }
    return ReadTensor(
      shape,
      places(shape).map { place in
        let own = place.indices.map { place[$0] - pads[$0] }
        let isInside = own.indices.allSatisfy { 0..<x.shape[$0] ~= own[$0] }
        return isInside ? x.numbers[index(own, x.shape)] : 0
      })
  }

  private static func reduce(
    _ node: ReadModel.Node, _ x: ReadTensor, _ axes: [Int], _ start: Double,
    _ f: (Double, Double) -> Double
  ) -> ReadTensor {
    let kept = x.shape.enumerated().map { axes.contains($0) ? 1 : $1 }
    var numbers = [Double](repeating: start, count: kept.reduce(1, *))
    for (place, value) in Swift.zip(places(x.shape), x.numbers) {
      let own = Swift.zip(place, kept).map { $1 == 1 ? 0 : $0 }
      numbers[index(own, kept)] = f(numbers[index(own, kept)], value)
    }
    let keeps = node.integers["keepdims"]?[0] ?? 1
    let shape =
      keeps == 1 ? kept : x.shape.enumerated().filter { !axes.contains($0.offset) }.map(\.element)
    return ReadTensor(shape, numbers)
  }

  private static func softmax(_ x: ReadTensor) -> ReadTensor {
    let width = x.shape.last ?? 1
    var numbers = x.numbers
    for start in stride(from: 0, to: numbers.count, by: width) {
      let row = numbers[start..<start + width]
      let largest = row.max() ?? 0
      let powers = row.map { exp($0 - largest) }
      let total = powers.reduce(0, +)
      numbers.replaceSubrange(start..<start + width, with: powers.map { $0 / total })
    }
    return ReadTensor(x.shape, numbers)
  }

  /// Products of the last two axes, over all others, along which axes of size 1 stretch.
  private static func matmul(_ node: ReadModel.Node, _ x: [ReadTensor]) throws -> ReadTensor {
    let rank = max(x[0].shape.count, x[1].shape.count)
    let shapes = x.prefix(2).map { [Int](repeating: 1, count: rank - $0.shape.count) + $0.shape }
    let (a, b) = (shapes[0], shapes[1])
    let outer = Swift.zip(a.dropLast(2), b.dropLast(2)).map { max($0, $1) }
    guard rank > 1, a[rank - 1] == b[rank - 2],
      Swift.zip(outer, Swift.zip(a, b)).allSatisfy({
        [1, $0].contains($1.0) && [1, $0].contains($1.1)
      })
    else { throw wrong(node, x) }
    let shape = outer + [a[rank - 2], b[rank - 1]]
    return ReadTensor(
      shape,
      places(shape).map { place in
        func own(_ shape: [Int], _ row: Int, _ column: Int) -> Int {
          let outer = place.dropLast(2).indices.map { shape[$0] == 1 ? 0 : place[$0] }
          return index(outer + [row, column], shape)
        }
        return (0..<a[rank - 1]).reduce(0) { sum, k in
          sum + x[0].numbers[own(a, place[rank - 2], k)]
            * x[1].numbers[own(b, k, place[rank - 1])]
        }
      })
  }
}
