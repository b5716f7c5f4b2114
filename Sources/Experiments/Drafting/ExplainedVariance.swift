/// How much of a label a column of numbers tells by itself.
enum ExplainedVariance {
  private static let buckets = 32
  /// Below so many rows chance alone may explain as much as `least`.
  private static let fewestRows = 5_000
  /// The share of a label's variance below which buckets of a column are not worth learning.
  private static let least = 0.005

  /// Whether a column tells next to nothing of each label; false where rows are too few to say so.
  ///
  /// - Parameters:
  ///   - numbers: By row; NaN without a value.
  ///   - labels: By label and row its class (see `classes`).
  static func isFaint(_ numbers: [Double], _ labels: [[Int?]]) -> Bool {
    labels.allSatisfy { share(of: numbers, $0).map { $0 < least } ?? false }
  }

  /// The share of the variance of a label that lies between buckets of a column, each of equally many rows:
  /// Goodman and Kruskal's τ (1954), for two classes the squared correlation ratio, less what chance alone would
  /// bring. Nil where rows are too few.
  static func share(of numbers: [Double], _ classes: [Int?]) -> Double? {
    var pairs: [(number: Double, class: Int)] = []
    for case (let number, let label?) in zip(numbers, classes) where !number.isNaN {
      pairs.append((number, label))
    }
    guard pairs.count >= fewestRows, let last = pairs.map(\.class).max() else { return nil }
    let cuts = ranks(pairs.map(\.number), parts: buckets)
    let rows = Double(pairs.count)
    var counts = [[Double]](repeating: [Double](repeating: 0, count: last + 1), count: buckets)
    for (cut, pair) in zip(cuts, pairs) { counts[cut][pair.class] += 1 }
    func squares(_ counts: [Double]) -> Double {
      let all = counts.reduce(0, +)
      return all > 0 ? counts.reduce(0) { $0 + $1 * $1 } / all : 0
    }
    let whole = squares((0...last).map { label in counts.reduce(0) { $0 + $1[label] } })
    guard rows > whole else { return nil }
    let between = counts.reduce(0) { $0 + squares($1) } - whole
    let used = counts.count { $0.contains { $0 > 0 } }
    return between / (rows - whole) - Double(used - 1) / rows
  }

  /// Classes of a label that is a number, of equally many rows each.
  static func classes(_ numbers: [Double?]) -> [Int?] {
    var ranks = ranks(numbers.compactMap { $0 }, parts: buckets / 2)[...]
    return numbers.map { $0 == nil ? nil : ranks.popFirst() }
  }

  /// The part of each number when they are sorted and cut into parts of equally many; equal ones stay together.
  private static func ranks(_ numbers: [Double], parts: Int) -> [Int] {
    let order = numbers.indices.sorted { (numbers[$0], $0) < (numbers[$1], $1) }
    var ranks = [Int](repeating: 0, count: numbers.count)
    for (place, row) in order.enumerated() {
      let before = place > 0 ? order[place - 1] : row
      ranks[row] =
        place > 0 && numbers[before] == numbers[row]
        ? ranks[before] : place * parts / numbers.count
    }
    return ranks
  }
}
