import Data
import Testing

@Suite struct ShuffleTests {
  @Test func permutationsAreCompleteAndRepeatable() {
    let shuffle = Shuffle(seed: 42)
    for count in [0, 1, 2, 10, 4097] {
      let order = shuffle.permutation(epoch: 3, count: count)
      #expect(order.sorted() == (0..<count).map(Int32.init))
      #expect(order == Shuffle(seed: 42).permutation(epoch: 3, count: count))
    }
    #expect(
      shuffle.permutation(epoch: 0, count: 100) != shuffle.permutation(epoch: 1, count: 100))
    #expect(
      shuffle.permutation(epoch: 0, count: 100)
        != Shuffle(seed: 43).permutation(epoch: 0, count: 100))
    let rows: [Int32] = [5, 9, 2, 7]
    #expect(shuffle.permutation(of: rows, epoch: 8).sorted() == [2, 5, 7, 9])
  }

  /// Pins the generator: a change of it would change every trained model.
  @Test func knownNumbers() {
    var random = SplitMix64(seed: 0)
    #expect(random.next() == 0xE220_A839_7B1D_CDAF)
    #expect(random.next() == 0x6E78_9E6A_A1B9_65F4)
    #expect(random.next() == 0x06C4_5D18_8009_454F)
  }

  @Test func placesAreUniform() {
    // Where row 0 ends up over many epochs: each of 8 places about 1000 times of 8000.
    var counts = [Int](repeating: 0, count: 8)
    let shuffle = Shuffle(seed: 7)
    for epoch in 0..<8000 {
      let order = shuffle.permutation(epoch: epoch, count: 8)
      if let place = order.firstIndex(of: 0) { counts[place] += 1 }
    }
    #expect(counts.allSatisfy { abs($0 - 1000) < 150 })
  }

  @Test func splitsPartTheRows() {
    let (training, validation) = Shuffle(seed: 1).split(count: 1000, validationFraction: 0.1)
    #expect(training.count == 900 && validation.count == 100)
    #expect((training + validation).sorted() == (0..<1000).map(Int32.init))
    #expect(training == training.sorted() && validation == validation.sorted())
    #expect(Shuffle(seed: 1).split(count: 1000, validationFraction: 0.1) == (training, validation))
    #expect(Shuffle(seed: 2).split(count: 1000, validationFraction: 0.1) != (training, validation))
    #expect(Shuffle(seed: 1).split(count: 3, validationFraction: 0.01).validation.count == 1)
    #expect(Shuffle(seed: 1).split(count: 3, validationFraction: 0.99).training.count == 1)
    #expect(Shuffle(seed: 1).split(count: 3, validationFraction: 0).validation.isEmpty)
    #expect(Shuffle(seed: 1).split(count: 3, validationFraction: .nan).validation.isEmpty)
    #expect(Shuffle(seed: 1).split(count: 0, validationFraction: 0.5).training.isEmpty)
  }

  @Test func boundedNumbersStayInBounds() {
    var random = SplitMix64(seed: 9, stream: 2)
    for bound in [1, 2, 3, 1000, Int.max] {
      for _ in 0..<200 { #expect((0..<bound).contains(random.below(bound))) }
    }
    let numbers = (0..<10_000).map { _ in random.uniform() }
    #expect(numbers.allSatisfy { $0 >= 0 && $0 < 1 })
    #expect(abs(numbers.reduce(0, +) / 10_000 - 0.5) < 0.02)
    let normals = (0..<10_000).map { _ in random.normal() }
    #expect(abs(normals.reduce(0, +) / 10_000) < 0.05)
    #expect(abs(normals.reduce(0) { $0 + $1 * $1 } / 10_000 - 1) < 0.06)
  }

  /// What a fraction makes of few rows leaves neither part empty, unless it is 0 or 1 itself.
  @Test func smallSplitsKeepBothParts() {
    func sizes(_ count: Int, _ fraction: Double) -> [Int] {
      let (training, validation) = Shuffle(seed: 4).split(
        count: count, validationFraction: fraction)
      #expect(Set(training + validation) == Set((0..<count).map { Int32($0) }))
      return [training.count, validation.count]
    }
    #expect(sizes(3, 0.01) == [2, 1] && sizes(3, 0.99) == [1, 2] && sizes(2, 0.5) == [1, 1])
    #expect(sizes(3, 0) == [3, 0] && sizes(3, 1) == [0, 3])
    #expect(sizes(3, -1) == [3, 0] && sizes(3, 2) == [0, 3] && sizes(3, .nan) == [3, 0])
    #expect(sizes(1, 0.2) == [1, 0] && sizes(1, 0.6) == [0, 1] && sizes(0, 0.5) == [0, 0])
  }
}
