/// The order in which rows are visited, from a seed: epoch n's order needs no other epoch's, so
/// that training resumes anywhere, and it is the same on every platform.
package struct Shuffle: Sendable, Hashable {
  package var seed: UInt64

  package init(seed: UInt64) { self.seed = seed }

  /// A uniformly random order of `0..<count`. `count` is at most `Int32.max`.
  package func permutation(epoch: Int, count: Int) -> [Int32] {
    permutation(of: Array(0..<Int32(count)), epoch: epoch)
  }

  /// The given rows in a uniformly random order: Fisher and Yates' shuffle from the last place
  /// down, with numbers of stream `epoch` of the seed.
  package func permutation(of rows: [Int32], epoch: Int) -> [Int32] {
    var order = rows
    var random = SplitMix64(seed: seed, stream: UInt64(bitPattern: Int64(epoch)))
    order.withUnsafeMutableBufferPointer { order in
      var last = order.count - 1
      while last > 0 {
        let other = random.below(last + 1)
        let row = order[last]
        order[last] = order[other]
        order[other] = row
        last -= 1
      }
    }
    return order
  }

  /// Parts rows at random into those to train on and those to validate with, each in rising
  /// order. `validationFraction` is from 0 to 1; what it makes of `count` is rounded, but leaves
  /// neither part empty unless the fraction does or there is one row only.
  package func split(
    count: Int, validationFraction: Double
  ) -> (training: [Int32], validation: [Int32]) {
    let held = Self.heldBack(of: count, validationFraction: validationFraction)
    // A stream of its own: no epoch has this number.
    let order = permutation(epoch: .min, count: count)
    return (order[held...].sorted(), order[..<held].sorted())
  }

  /// Parts rows into those to train on and the last ones, to validate with, in their order; as many as
  /// `split` takes.
  package static func splitLast(
    count: Int, validationFraction: Double
  ) -> (training: [Int32], validation: [Int32]) {
    let first = Int32(
      clamping: count - heldBack(of: count, validationFraction: validationFraction))
    return (Array(0..<first), Array(first..<Int32(clamping: count)))
  }

  private static func heldBack(of count: Int, validationFraction: Double) -> Int {
    let fraction = validationFraction.isNaN ? 0 : min(max(validationFraction, 0), 1)
    let held = Int((Double(count) * fraction).rounded())
    return fraction > 0 && fraction < 1 && count > 1 ? min(max(held, 1), count - 1) : held
  }
}
