import Data
import Schema
import Testing

/// Bucket boundaries: point masses get their own bucket, the rest is spread evenly.
@Suite struct QuantileTests {
  private func fit(_ values: [String], buckets: Int) throws -> (boundaries: [Double], ids: [Int32])
  {
    let folder = try TemporaryFolder()
    let path = try folder.write("x,y\n" + values.map { "\($0),0\n" }.joined())
    let declaration = DataDeclaration(
      format: TableFormat(),
      features: [
        FeatureDeclaration(name: "x", column: "x", kind: .bucketized(.quantiles(count: buckets)))
      ], labels: [])
    let fitted = try declaration.fit([path])
    guard case .bucketized(let boundaries) = fitted.schema.features[0].encoder else {
      return ([], [])
    }
    return (boundaries, Array(try #require(fitted.dataset.integers("ids"))))
  }

  @Test func evenValuesMakeEvenBuckets() throws {
    let (boundaries, ids) = try fit((0..<100).map { String(($0 * 37) % 100) }, buckets: 4)
    #expect(boundaries == [25, 50, 75])
    for id in 1...4 { #expect(ids.count { $0 == id } == 25) }
  }

  @Test func pointMassStandsAlone() throws {
    // 60 zeros among 100 values: zero alone, the other 40 in the 3 buckets that remain.
    let values = Array(repeating: "0", count: 60) + (1...40).map(String.init)
    let (boundaries, ids) = try fit(values, buckets: 4)
    #expect(boundaries == [0.5, 14, 27])
    #expect(ids.count { $0 == 1 } == 60)
    for id in 2...4 { #expect((13...14).contains(ids.count { $0 == id })) }
  }

  /// A value with exactly a bucket's share of the rows has a bucket of its own; with one less it is
  /// one of the others.
  @Test func pointMassOfOneShare() throws {
    func values(zeros: Int) -> [String] {
      Array(repeating: "0", count: zeros) + (1...100 - zeros).map(String.init)
    }
    #expect(try fit(values(zeros: 25), buckets: 4).boundaries == [0.5, 26, 51])
    #expect(try fit(values(zeros: 24), buckets: 4).boundaries == [2, 27, 52])
  }

  @Test func pointMassInTheMiddle() throws {
    let values =
      (1...20).map { String(-$0) } + Array(repeating: "0", count: 50)
      + (1...20).map(String.init)
    let (boundaries, ids) = try fit(values, buckets: 3)
    #expect(boundaries.contains(0) && boundaries.contains(0.5))
    let zero = ids[20]
    #expect(ids.indices.allSatisfy { (ids[$0] == zero) == (20..<70).contains($0) })
  }

  @Test func boundariesRiseAndNoBucketIsEmpty() throws {
    var random = SplitMix64(seed: 5)
    for round in 0..<60 {
      let distinct = 1 + random.below(30)
      let count = 1 + random.below(200)
      let values = (0..<count).map { _ in
        random.below(10) == 0 ? "" : String(Double(random.below(distinct)) * 0.25 - 2)
      }
      let buckets = 1 + random.below(12)
      let (boundaries, ids) = try fit(values, buckets: buckets)
      #expect(zip(boundaries, boundaries.dropFirst()).allSatisfy(<), "round \(round)")
      #expect(boundaries.count < max(2, 2 * buckets + 1))
      for bucket in 0..<boundaries.count + 1 where values.contains(where: { !$0.isEmpty }) {
        #expect(ids.contains(Int32(bucket + 1)), "round \(round): bucket \(bucket) is empty")
      }
      for (value, id) in zip(values, ids) {
        let expected = Double(value).map { v in 1 + boundaries.count { $0 <= v } } ?? 0
        #expect(Int(id) == expected)
      }
    }
  }

  @Test func oneValueOrNone() throws {
    #expect(try fit(["3", "3", "3"], buckets: 5) == ([], [1, 1, 1]))
    #expect(try fit(["", ""], buckets: 5) == ([], [0, 0]))
    #expect(try fit(["1", "2"], buckets: 1) == ([], [1, 1]))
  }

  @Test func givenBoundaries() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("x\n-1\n0\n0.5\n1\n7\n")
    let declaration = DataDeclaration(
      format: TableFormat(),
      features: [
        FeatureDeclaration(name: "x", column: "x", kind: .bucketized(.boundaries([0, 1])))
      ], labels: [])
    #expect(
      try Array(#require(declaration.fit([path]).dataset.integers("ids"))) == [1, 2, 2, 3, 3])
  }
}

private func == (a: (boundaries: [Double], ids: [Int32]), b: ([Double], [Int32])) -> Bool {
  a.boundaries == b.0 && a.ids == b.1
}
