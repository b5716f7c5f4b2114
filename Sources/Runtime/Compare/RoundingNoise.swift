/// Elements of a gradient that rounding has left no digits of.
///
/// A kernel in front of a batch normalization has some: of an input that is the same in all rows of
/// the batch, what the rows contribute adds up to zero. Two correct computations get different
/// remainders there, and Adam makes a step of full length of either.
package enum RoundingNoise {
  /// The modes apart by at most this share of the gradient's largest element, as by rounding …
  static let rounding: Float = 1e-4
  /// … and by more than this share of the element itself.
  static let disagreement: Float = 1e-2

  /// The places of such elements in two gradients, in rising order; none if the counts differ.
  /// - Parameter penalty: what is added to both before an optimizer uses them; it can cancel them.
  package static func places(_ a: [Float], _ b: [Float], penalty: [Float]? = nil) -> [Int] {
    guard a.count == b.count, penalty.map({ $0.count == a.count }) ?? true else { return [] }
    var largest: Float = 0
    for (x, y) in zip(a, b) { largest = max(largest, abs(x), abs(y)) }
    return a.indices.filter { place in
      let distance = abs(a[place] - b[place])
      guard distance > 0, distance <= rounding * largest else { return false }
      let added = penalty?[place] ?? 0
      return distance > disagreement * max(abs(a[place] + added), abs(b[place] + added))
    }
  }
}
