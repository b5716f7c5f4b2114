import Plan
import Testing

/// What may overlap is found among many views, by looking at few of them.
@Suite struct OverlapIndexTests {
  private static let rows = 32

  /// Matrices, columns of matrices, runs and views of rank 3 in one buffer, some outside of any pattern.
  private func views(_ count: Int, seed: UInt64) -> [View] {
    var state = seed
    func random(_ limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % limit
    }
    let buffer = BufferID(0)
    return (0..<count).map { _ in
      let offset = random(4_000)
      let stride = [64, 96, 640][random(3)]
      switch random(5) {
      case 0:
        return View(
          buffer: buffer, offset: offset, extents: [.fixed(1 + random(200))], strides: [1])
      case 1, 2:
        return View(
          buffer: buffer, offset: offset, extents: [.batch(times: 1), .fixed(1 + random(30))],
          strides: [stride, 1])
      case 3:
        return View(
          buffer: buffer, offset: offset, extents: [.fixed(2 + random(3)), .fixed(1), .fixed(8)],
          strides: [stride, 0, 1])
      default:
        return View(
          buffer: buffer, offset: offset, extents: [.fixed(3), .fixed(5), .fixed(2)],
          strides: [7, 64, 3])
      }
    }
  }

  @Test func allThatMayOverlapIsFound() {
    for seed in 1...20 as ClosedRange<UInt64> {
      // Few entries are gone through, many are sorted.
      let views = views(seed < 5 ? 10 : 400, seed: seed)
      var index = OverlapIndex<Int>()
      for (number, view) in views.enumerated() {
        var found: Set<Int> = []
        index.forEach(at: view.place(rows: Self.rows)) { found.insert($0) }
        for other in 0..<number where view.mayOverlap(views[other], rows: Self.rows) {
          #expect(found.contains(other), "\(view) and \(views[other])")
        }
        index.insert(number, at: view.place(rows: Self.rows))
      }
    }
  }

  @Test func aViewWhoseNumbersOverflowMayOverlapAll() {
    let huge = View(
      buffer: BufferID(0), offset: .max - 1, extents: [.fixed(.max), .fixed(2)], strides: [.max, 1])
    var index = OverlapIndex<Int>()
    for (number, view) in views(100, seed: 3).enumerated() {
      index.insert(number, at: view.place(rows: Self.rows))
    }
    index.insert(-1, at: huge.place(rows: Self.rows))
    for place in [huge.place(rows: Self.rows), views(1, seed: 9)[0].place(rows: Self.rows)] {
      #expect(index.contains(at: place) { $0 == -1 })
    }
    var found = 0
    index.forEach(at: huge.place(rows: Self.rows)) { _ in found += 1 }
    #expect(found == 101)
  }

  /// So may one whose end alone is beyond all that memory has.
  @Test func aViewBeyondAllMemoryMayOverlapAll() {
    for last in [1 << 62, .max] {
      let view = View(
        buffer: BufferID(0), offset: 0, extents: [.fixed(2), .fixed(1)], strides: [last, 1])
      let place = view.place(rows: 1)
      #expect(place.span == 0..<1 << 62, "\(last)")
      if case .other = place.form { continue }
      Issue.record("\(place.form)")
    }
  }

  /// Each column block of a wide matrix is written, read and read again, as those of experts are:
  /// only its own accesses are looked at, however many the others are.
  @Test(arguments: [64, 512, 4_096])
  func columnsOfOneMatrixDoNotMeet(count: Int) {
    func block(_ number: Int) -> View {
      View(
        buffer: BufferID(0), offset: number * 16, extents: [.batch(times: 1), .fixed(16)],
        strides: [count * 16, 1])
    }
    var index = OverlapIndex<Int>()
    var looks = 0
    for pass in 0..<3 {
      for number in 0..<count {
        let place = block(number).place(rows: Self.rows)
        var own = 0
        index.forEach(at: place) { other in
          looks += 1
          if other == number { own += 1 }
        }
        #expect(own == pass)
        index.insert(number, at: place)
      }
    }
    // Blocks of the same and of the neighbouring cells.
    #expect(looks <= 2 * (0 + 1 + 2) * count + 16 * 16)
  }
}
