import Plan
import Runtime
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Products with an addend and a cross in a session against plain loops.
@Suite struct CrossedProductTests {
  private struct Form: CustomTestStringConvertible {
    var adds = false
    var hasResidual = false
    var storesProduct = false
    /// The crossed result takes the factor's memory.
    var isInPlace = false
    var activation: MatmulInstruction.Activation?

    var testDescription: String {
      "addend \(adds) residual \(hasResidual) product \(storesProduct) in place \(isInPlace) "
        + "\(activation.map { "\($0)" } ?? "linear")"
    }
  }

  private static let forms: [Form] =
    [false, true].flatMap { adds in
      [false, true].flatMap { residual in
        [false, true].map { Form(adds: adds, hasResidual: residual, storesProduct: $0) }
      }
    } + [
      Form(hasResidual: true, isInPlace: true),
      Form(adds: true, hasResidual: true, storesProduct: true, activation: .tanh),
    ]

  /// Rows of 37 and 150, columns of no whole vector, rows of operands further apart than they are
  /// long.
  @Test(arguments: forms, [1, 2]) private func agreesWithPlainLoops(_ form: Form, threads: Int)
    throws
  {
    var b = PlanBuilder(.predict, capacity: 150)
    let (depth, width) = (21, 35)
    let x = b.feed("x", width: depth)
    let w = b.parameter("w", depth, width)
    let bias = b.parameter("bias", width)
    let known = b.feed("known", width: 3 * width)
    func part(_ index: Int) -> View {
      var view = known
      view.offset += index * width
      view.extents[1] = .fixed(width)
      return view
    }
    var factor = part(0)
    if form.isInPlace {
      factor = b.value(width: width)
      b.add(
        .elementwise(
          ElementwiseInstruction(
            extents: factor.extents, views: [part(0), factor],
            steps: [.init(.load, destination: 0, a: 0), .init(.store, a: 0, b: 1)])))
    }
    let output = form.isInPlace ? factor : b.value(width: width)
    let c = form.storesProduct ? b.value(width: width) : nil
    b.add(
      .matmul(
        MatmulInstruction(
          a: x, b: w, c: c, bias: bias, activation: form.activation,
          addend: form.adds ? part(2) : nil,
          cross: .init(
            factor: factor, residual: form.hasResidual ? part(1) : nil, output: output))))
    b.fetch("crossed", output)
    if let c { b.fetch("product", c) }
    let session = try Session(plan: b.plan(), threads: threads)
    session.initialize(seed: 5)
    var numbers = TestNumbers(2)
    let (input, others) = (numbers.array(150 * depth), numbers.array(150 * 3 * width))
    for (name, values) in [("x", input), ("known", others)] {
      let block = try session.feed(name, .predict)
      block.base.assumingMemoryBound(to: Float.self).update(from: values, count: values.count)
    }
    let (kernel, offsets) = (try session.parameter("w"), try session.parameter("bias"))
    for rows in [37, 150] {
      try session.run(.predict, rows: rows)
      let crossed = try session.fetch("crossed", .predict).values(rows: rows)
      let products = try c.map { _ in
        try session.fetch("product", .predict).values(rows: rows)
      }
      for i in 0..<rows {
        for j in 0..<width {
          func other(_ part: Int) -> Double { Double(others[(3 * i + part) * width + j]) }
          var v = Double(offsets[j]) + (form.adds ? other(2) : 0)
          for p in 0..<depth {
            v += Double(input[depth * i + p]) * Double(kernel[width * p + j])
          }
          if form.activation == .tanh { v = tanh(v) }
          let place = width * i + j
          let expected = v * other(0) + (form.hasResidual ? other(1) : 0)
          #expect(abs(Double(crossed[place]) - expected) < 1e-5, "\(rows) \(i) \(j)")
          if let products { #expect(abs(Double(products[place]) - v) < 1e-5) }
        }
      }
    }
  }
}
