import TestSupport

/// The random numbers of a case.
struct Random {
  private var generator: TestSupport.SplitMix64

  /// Those of case `index` of a campaign.
  init(seed: UInt64, index: Int) {
    var mixed = TestSupport.SplitMix64(seed: seed)
    generator = TestSupport.SplitMix64(seed: mixed.next() &+ UInt64(truncatingIfNeeded: index))
    // Neighbouring seeds begin alike.
    _ = generator.next()
  }

  mutating func next() -> UInt64 { generator.next() }

  /// 0 ..< bound, or 0 for a bound below 1.
  mutating func below(_ bound: Int) -> Int {
    bound > 1 ? Int(truncatingIfNeeded: next() % UInt64(bound)) : 0
  }

  /// True in one of so many cases.
  mutating func isOne(in count: Int) -> Bool { below(count) == 0 }

  /// - Precondition: There is one.
  mutating func pick<Items: RandomAccessCollection>(_ items: Items) -> Items.Element {
    items[items.index(items.startIndex, offsetBy: below(items.count))]
  }
}
