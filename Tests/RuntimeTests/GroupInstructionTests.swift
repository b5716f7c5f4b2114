import Foundation
import Plan
import Runtime
import Testing

/// Sums over groups of rows through a session against plain loops.
@Suite struct GroupInstructionTests {
  /// Some groups of several rows, neighbours that differ in one half alone, rows without a group.
  private static let numbers: [[Int32]] = [
    [1, 0], [1, 0], [1, 0], [1, 2], [1, 2], [0, 0], [0, 0], [0, 7], [0, 7], [0, 7], [1, 0], [1, 0],
  ]

  private static func members(of row: Int) -> [Int] {
    let number = numbers[row]
    if number == [0, 0] { return [row] }
    var (first, last) = (row, row)
    while first > 0, numbers[first - 1] == number { first -= 1 }
    while last + 1 < numbers.count, numbers[last + 1] == number { last += 1 }
    return Array(first...last)
  }

  private func fill<T>(_ session: Session, _ name: String, _ values: [T]) throws {
    let block = try session.feed(name, .predict)
    block.base.assumingMemoryBound(to: T.self).update(from: values, count: values.count)
  }

  private func columns(_ view: View, _ range: Range<Int>) -> View {
    var view = view
    view.offset += range.lowerBound
    view.extents[1] = .fixed(range.count)
    return view
  }

  @Test(arguments: [GroupInstruction.Kind.sum, .max], [1, 2]) func groupsOfRows(
    kind: GroupInstruction.Kind, threads: Int
  ) throws {
    var b = PlanBuilder(.predict, capacity: 14)
    let x = b.feed("x", width: 5)
    let groups = b.feed("group", width: 2, integer: true)
    let y = b.value(width: 4)
    b.add(
      .group(
        GroupInstruction(
          kind: kind, input: columns(x, 1..<4), groups: groups, output: columns(y, 1..<4))))
    b.fetch("y", columns(y, 1..<4))
    let session = try Session(plan: b.plan(), threads: threads)
    var random = TestNumbers(4)
    let rows = Self.numbers.count
    let input = random.array(5 * rows)
    try fill(session, "x", input)
    try fill(session, "group", Self.numbers.flatMap { $0 })
    try session.run(.predict, rows: rows)
    let found = try session.fetch("y", .predict)
    for row in 0..<rows {
      for column in 0..<3 {
        let values = Self.members(of: row).map { input[5 * $0 + column + 1] }
        let expected = kind == .sum ? values.reduce(0, +) : values.max() ?? 0
        #expect(abs(found[row, column] - expected) < 1e-6)
      }
    }
  }

  @Test(arguments: GroupPairsInstruction.Function.allCases, GroupPairsInstruction.Side.allCases)
  func pairsOfRows(
    function: GroupPairsInstruction.Function, side: GroupPairsInstruction.Side
  ) throws {
    for threads in [1, 2] {
      var b = PlanBuilder(.predict, capacity: 14)
      let columns = b.feed("columns", width: 3)
      let groups = b.feed("group", width: 2, integer: true)
      let output = b.value(width: 1)
      func column(_ k: Int) -> View { self.columns(columns, k..<k + 1) }
      b.add(
        .groupPairs(
          GroupPairsInstruction(
            function: function, side: side, factors: column(0), scores: column(1),
            labels: column(2), groups: groups, output: output)))
      b.fetch("y", output)
      let session = try Session(plan: b.plan(), threads: threads)
      var random = TestNumbers(6)
      let rows = Self.numbers.count
      var input = random.array(3 * rows)
      for row in 0..<rows { input[3 * row + 2] = Float(random.next(below: 3)) }
      try fill(session, "columns", input)
      try fill(session, "group", Self.numbers.flatMap { $0 })
      try session.run(.predict, rows: rows)
      let found = try session.fetch("y", .predict)
      var pairs = 0
      for i in 0..<rows {
        var expected = 0.0
        for j in Self.members(of: i) {
          let (upper, lower) = side == .lower ? (i, j) : (j, i)
          guard input[3 * upper + 2] > input[3 * lower + 2] else { continue }
          let d = Double(input[3 * upper + 1]) - Double(input[3 * lower + 1])
          let value =
            switch function {
            case .count: 1.0
            case .logistic: log(1 + exp(-d))
            case .slope: -1 / (1 + exp(d))
            case .curvature: exp(d) / ((1 + exp(d)) * (1 + exp(d)))
            }
          expected += Double(input[3 * j]) * value
          pairs += 1
        }
        #expect(abs(Double(found[i, 0]) - expected) < 1e-6)
      }
      #expect(pairs > 3)
    }
  }
}
