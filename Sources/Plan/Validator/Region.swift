/// The elements that a view touches in its space at the batch capacity. Never empty.
struct Region: Sendable, Hashable {
  struct Axis: Sendable, Hashable {
    var extent: Int
    var stride: Int
  }
  var space: Buffer.Space
  /// The first element and the one after the last, from the start of the space.
  var bounds: Range<Int>
  /// Axes that move: extent above 1, stride above 0.
  var axes: [Axis]

  /// A run of elements without gaps.
  init(space: Buffer.Space, bounds: Range<Int>) {
    self.space = space
    self.bounds = bounds
    axes = bounds.count > 1 ? [Axis(extent: bounds.count, stride: 1)] : []
  }

  /// Nil when some number is negative or too large to address; the caller checks the bounds
  /// against the buffer. `start` is the first element in the space.
  init?(space: Buffer.Space, start: Int, sizes: [Int], strides: [Int]) {
    guard start >= 0, sizes.count == strides.count else { return nil }
    var last = start
    axes = []
    for (size, stride) in zip(sizes, strides) {
      guard size >= 1, (0...PlanValidator.maximumElements).contains(stride) else { return nil }
      let (span, overflow) = (size - 1).multipliedReportingOverflow(by: stride)
      guard !overflow else { return nil }
      let (sum, sumOverflow) = last.addingReportingOverflow(span)
      guard !sumOverflow, sum < Int.max else { return nil }
      last = sum
      if size > 1, stride > 0 { axes.append(Axis(extent: size, stride: stride)) }
    }
    self.space = space
    bounds = start..<(last + 1)
  }

  /// How many elements it has at the most: axes may lie in each other.
  var elements: Int { min(bounds.count, axes.reduce(1) { $0.times($1.extent) }) }

  /// Whether no element is touched by both, as far as this can tell: a false "no" is possible for
  /// views whose strides have nothing in common.
  func isDisjoint(from other: Region) -> Bool {
    if space != other.space || !bounds.overlaps(other.bounds) { return true }
    // Modulo a common row stride both are column blocks; blocks of different columns never meet.
    for modulus in Set((axes + other.axes).map(\.stride)) where modulus > 1 {
      guard let mine = columns(modulo: modulus), let its = other.columns(modulo: modulus) else {
        continue
      }
      // On the circle of residues each block ends before the other starts.
      let ahead = (its.first - mine.first + modulus) % modulus
      let behind = (mine.first - its.first + modulus) % modulus
      if ahead >= mine.count, behind >= its.count { return true }
    }
    return false
  }

  /// The residues of all elements modulo `modulus`, if they are one run (which may wrap) that is
  /// not longer than a row.
  func columns(modulo modulus: Int) -> (first: Int, count: Int)? {
    var span = 0
    for axis in axes where axis.stride % modulus != 0 {
      // Cannot overflow: the whole region fits an Int.
      span += (axis.extent - 1) * axis.stride
    }
    guard span < modulus else { return nil }
    return (bounds.lowerBound % modulus, span + 1)
  }

  /// Whether different indices are different elements, so that writing through it is no race.
  /// `axesThatMove` counts the view's axes with an extent above 1.
  func isInjective(axesThatMove: Int) -> Bool {
    guard axes.count == axesThatMove else { return false }
    var reach = 0
    for axis in axes.sorted(by: { $0.stride < $1.stride }) {
      guard axis.stride > reach else { return false }
      reach += (axis.extent - 1) * axis.stride
    }
    return true
  }
}
