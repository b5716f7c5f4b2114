import Plan
import Runtime
import Testing

/// Lookups by id through a session against plain loops.
@Suite struct LookupInstructionTests {
  private let rows = 9
  private let capacity = 12

  /// Two id feeds of different widths, so that the features of one instruction need two calls.
  private struct Setup {
    var builder: PlanBuilder
    let ids: View
    let history: View
    let first: View
    let second: View
    let matrix: View

    init(_ kind: Program.Kind, capacity: Int) {
      var b = PlanBuilder(kind, capacity: capacity)
      ids = b.feed("ids", width: 3, integer: true)
      history = b.feed("history", width: 4, integer: true)
      first = b.parameter("first", 5, 2)
      second = b.parameter("second", 7, 3)
      // Columns: 1 of nothing, 2 (ids 0), 3 (ids 2), 3 (sum), 2 (mean), 8 (side by side).
      matrix = b.value(width: 19)
      builder = b
    }

    func column(_ k: Int) -> View {
      var view = ids
      view.offset = k
      view.extents[1] = .fixed(1)
      return view
    }

    func features(_ first: View, _ second: View) -> [GatherInstruction.Feature] {
      [
        .init(table: first, ids: column(0), pooling: .concat, column: 1),
        .init(table: second, ids: column(2), pooling: .concat, column: 3),
        .init(table: second, ids: history, pooling: .sum, column: 6),
        .init(table: first, ids: history, pooling: .mean, column: 9),
        .init(table: first, ids: history, pooling: .concat, column: 11),
      ]
    }
  }

  /// Ids beyond both ends of the tables: negative is padding, too large is row 0.
  private func feed(_ session: Session, _ kind: Program.Kind, _ numbers: inout TestNumbers) throws
    -> (ids: [Int32], history: [Int32])
  {
    func draw(_ name: String) throws -> [Int32] {
      let block = try session.feed(name, kind)
      let values = (0..<rows * block.width).map { _ in Int32(numbers.next(below: 11) - 2) }
      block.base.assumingMemoryBound(to: Int32.self).update(from: values, count: values.count)
      return values
    }
    return (try draw("ids"), try draw("history"))
  }

  private func row(_ table: [Float], _ id: Int32, _ dimension: Int) -> [Float]? {
    if id < 0 { return nil }
    let row = Int(id) * dimension < table.count ? Int(id) : 0
    return Array(table[row * dimension..<(row + 1) * dimension])
  }

  @Test(arguments: [1, 2]) func gatherPoolsRows(threads: Int) throws {
    var setup = Setup(.predict, capacity: capacity)
    setup.builder.add(
      .gather(
        GatherInstruction(
          features: setup.features(setup.first, setup.second), matrix: setup.matrix)))
    setup.builder.fetch("matrix", setup.matrix)
    let session = try Session(plan: setup.builder.plan(), threads: threads)
    session.initialize(seed: 4)
    var numbers = TestNumbers(3)
    let (ids, history) = try feed(session, .predict, &numbers)
    try session.run(.predict, rows: rows)
    let found = try session.fetch("matrix", .predict)
    let (first, second) = (try session.parameter("first"), try session.parameter("second"))
    for r in 0..<rows {
      var expected: [Float] = row(first, ids[3 * r], 2) ?? [0, 0]
      expected += row(second, ids[3 * r + 2], 3) ?? [0, 0, 0]
      let list = Array(history[4 * r..<4 * r + 4])
      var sum: [Float] = [0, 0, 0]
      for item in list.compactMap({ row(second, $0, 3) }) { for c in 0..<3 { sum[c] += item[c] } }
      var mean: [Float] = [0, 0]
      let kept = list.compactMap { row(first, $0, 2) }
      for item in kept { for c in 0..<2 { mean[c] += item[c] / Float(kept.count) } }
      expected += sum + mean + list.flatMap { row(first, $0, 2) ?? [0, 0] }
      for (c, value) in expected.enumerated() { #expect(abs(found[r, c + 1] - value) < 1e-6) }
    }
  }

  @Test(arguments: [1, 2]) func scatterAddsWhatGatherRead(threads: Int) throws {
    var setup = Setup(.gradients, capacity: capacity)
    let dFirst = setup.builder.gradient(of: setup.first)
    let dSecond = setup.builder.gradient(of: setup.second)
    setup.builder.add(.fill(setup.matrix, 0.5))
    setup.builder.add(.fill(dFirst, 0), sameLevel: true)
    setup.builder.add(.fill(dSecond, 0), sameLevel: true)
    setup.builder.add(
      .scatterAdd(
        ScatterAddInstruction(features: setup.features(dFirst, dSecond), matrix: setup.matrix)))
    setup.builder.fetch("first", dFirst)
    setup.builder.fetch("second", dSecond)
    let session = try Session(plan: setup.builder.plan(), threads: threads)
    var numbers = TestNumbers(5)
    for _ in 0..<3 {
      let (ids, history) = try feed(session, .gradients, &numbers)
      try session.run(.gradients, rows: rows)
      var first = [Float](repeating: 0, count: 5)
      var second = [Float](repeating: 0, count: 7)
      func add(_ id: Int32, _ value: Float, _ table: inout [Float]) {
        if id >= 0 { table[Int(id) < table.count ? Int(id) : 0] += value }
      }
      for r in 0..<rows {
        add(ids[3 * r], 0.5, &first)
        add(ids[3 * r + 2], 0.5, &second)
        let list = history[4 * r..<4 * r + 4]
        let kept = list.count { $0 >= 0 }
        for id in list {
          add(id, 0.5, &second)
          add(id, 0.5 / Float(max(1, kept)), &first)
          add(id, 0.5, &first)
        }
      }
      let foundFirst = try session.fetch("first", .gradients)
      let foundSecond = try session.fetch("second", .gradients)
      for r in 0..<5 { for c in 0..<2 { #expect(abs(foundFirst[r, c] - first[r]) < 1e-5) } }
      for r in 0..<7 { for c in 0..<3 { #expect(abs(foundSecond[r, c] - second[r]) < 1e-5) } }
    }
  }

  /// The product with one-hot columns, written out densely and as sums of rows.
  @Test(arguments: [1, 2]) func oneHotLinearEqualsTheDenseProduct(threads: Int) throws {
    var b = PlanBuilder(.predict, capacity: capacity)
    let ids = b.feed("ids", width: 2, integer: true)
    let weight = b.parameter("weight", 11, 6)
    let bias = b.parameter("bias", 6)
    let dense = b.value(width: 11)
    let (slow, fast) = (b.value(width: 6), b.value(width: 6))
    func column(_ view: View, _ k: Int, width: Int) -> View {
      var view = view
      view.offset = k
      view.extents[1] = .fixed(width)
      return view
    }
    let (left, right) = (column(ids, 0, width: 1), column(ids, 1, width: 1))
    b.add(.oneHot(OneHotInstruction(ids: left, output: column(dense, 0, width: 4))))
    b.add(
      .oneHot(OneHotInstruction(ids: right, output: column(dense, 4, width: 7))), sameLevel: true)
    b.add(
      .matmul(
        MatmulInstruction(
          a: dense, b: weight, c: slow, bias: bias, activation: .relu, activationColumns: 2..<5)))
    b.add(
      .oneHotLinear(
        OneHotLinearInstruction(
          features: [
            .init(ids: left, rowOffset: 0, rowCount: 4),
            .init(ids: right, rowOffset: 4, rowCount: 7),
          ], weight: weight, bias: bias, matrix: fast, accumulate: false, activation: .relu,
          activationColumns: 2..<5)), sameLevel: true)
    b.fetch("slow", slow)
    b.fetch("fast", fast)
    let session = try Session(plan: b.plan(), threads: threads)
    session.initialize(seed: 2)
    var numbers = TestNumbers(6)
    let block = try session.feed("ids", .predict)
    for r in 0..<rows {
      let pair = [Int32(numbers.next(below: 4)), Int32(numbers.next(below: 7))]
      for c in 0..<2 {
        block.base.storeBytes(of: pair[c], toByteOffset: 4 * (2 * r + c), as: Int32.self)
      }
    }
    try session.run(.predict, rows: rows)
    let (expected, found) = (
      try session.fetch("slow", .predict), try session.fetch("fast", .predict)
    )
    for r in 0..<rows { for c in 0..<6 { #expect(abs(expected[r, c] - found[r, c]) < 1e-6) } }
  }

  /// Features of two feeds that share a table write its gradient one call after the other: with many
  /// rows on few ids, threads that wrote at once would lose sums.
  @Test func featuresOfTwoFeedsTakeTurns() throws {
    // Feeds of one width would be one call.
    let (rows, widths, columns) = (6_000, [8, 9], 16)
    var b = PlanBuilder(.gradients, capacity: rows)
    let (left, right) = (
      b.feed("left", width: widths[0], integer: true),
      b.feed("right", width: widths[1], integer: true)
    )
    let table = b.parameter("table", 3, columns)
    let gradient = b.gradient(of: table)
    let matrix = b.value(width: 2 * columns)
    b.add(.fill(matrix, 1))
    b.add(.fill(gradient, 0), sameLevel: true)
    b.add(
      .scatterAdd(
        ScatterAddInstruction(
          features: [
            .init(table: gradient, ids: left, pooling: .sum, column: 0),
            .init(table: gradient, ids: right, pooling: .sum, column: columns),
          ], matrix: matrix)))
    b.fetch("table", gradient)
    let session = try Session(plan: b.plan(), threads: 2)
    for (name, width) in zip(["left", "right"], widths) {
      let block = try session.feed(name, .gradients)
      for k in 0..<rows * width {
        block.base.storeBytes(of: Int32(k % 3), toByteOffset: 4 * k, as: Int32.self)
      }
    }
    let sum = Float(rows * widths.reduce(0, +) / 3)
    // Sums of ones below 2²⁴ are exact.
    for _ in 0..<20 {
      try session.run(.gradients, rows: rows)
      let found = try session.fetch("table", .gradients)
      for row in 0..<3 {
        for column in 0..<columns { #expect(found[row, column] == sum) }
      }
    }
  }
}
