/// How many of a set of values lie in each of equally wide ranges.
public struct ValueHistogram: Sendable, Hashable {
  public var count: Int
  public var least: Double
  public var greatest: Double
  public var sum: Double
  public var sumOfSquares: Double
  /// The upper end of each range, in rising order; the last is `greatest`.
  public var limits: [Double]
  /// The values of each range; their sum is `count`.
  public var counts: [Int]

  /// How many ranges there are where the values differ.
  public static let ranges = 30

  /// nil without values, and where one is not finite.
  public init?(_ values: [Float]) {
    guard let first = values.first else { return nil }
    var (least, greatest) = (first, first)
    (sum, sumOfSquares) = (0, 0)
    for value in values {
      guard value.isFinite else { return nil }
      (least, greatest) = (min(least, value), max(greatest, value))
      sum += Double(value)
      sumOfSquares += Double(value) * Double(value)
    }
    count = values.count
    let (low, high) = (Double(least), Double(greatest))
    (self.least, self.greatest) = (low, high)
    guard low < high else {
      (limits, counts) = ([high], [count])
      return
    }
    // In doubles the width of two floats that differ is never 0.
    let width = (high - low) / Double(Self.ranges)
    limits = (1..<Self.ranges).map { low + Double($0) * width } + [high]
    counts = [Int](repeating: 0, count: Self.ranges)
    for value in values {
      let place = Int((Double(value) - low) / width)
      counts[min(max(place, 0), Self.ranges - 1)] += 1
    }
  }
}
