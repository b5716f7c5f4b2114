/// Where elements lie, as far as an `OverlapIndex` looks at it.
package struct MemoryPlace: Sendable {
  package enum Form: Sendable {
    /// All elements of the span.
    case run
    /// In each row of a matrix these columns; rows lie `stride` apart.
    case columns(Range<Int>, stride: Int)
    case other
  }

  /// No element lies here or behind it.
  static var end: Int { 1 << 62 }

  /// From the first element to behind the last one.
  package var span: Range<Int>
  package var form: Form

  init(span: Range<Int>, form: Form) {
    self.span = span
    self.form = form
  }

  /// Elements without a gap.
  package init(run: Range<Int>) { self.init(span: run, form: .run) }
}

/// Finds what may share an element with a place, among many places, without going through all of them:
/// the spans of columns of one matrix all overlap, so those are told apart by their columns.
///
/// Whoever asks checks what is found: places that `View.mayOverlap` or `Region.isDisjoint` tells apart
/// may be found too, places that it does not are always.
package struct OverlapIndex<Value> {
  private var values: [Value] = []
  private var places: [MemoryPlace] = []
  /// All but columns, by their spans.
  private var spans = RangeIndex()
  /// Columns of matrices with rows that far apart, by the columns.
  private var columns: [Int: RangeIndex] = [:]
  /// So few are gone through.
  private static var few: Int { 16 }

  package init() {}

  package mutating func insert(_ value: Value, at place: MemoryPlace) {
    values.append(value)
    places.append(place)
    if places.count == Self.few + 1 {
      for entry in places.indices { enter(entry) }
    } else if places.count > Self.few {
      enter(places.count - 1)
    }
  }

  private mutating func enter(_ entry: Int) {
    if case .columns(let range, let stride) = places[entry].form {
      columns[stride, default: RangeIndex()].insert(entry, at: range)
    } else {
      spans.insert(entry, at: places[entry].span)
    }
  }

  /// Whether a value whose place may share an element with this one answers the question with yes.
  package func contains(at place: MemoryPlace, where holds: (Value) -> Bool) -> Bool {
    func ask(_ entry: Int) -> Bool {
      places[entry].span.overlaps(place.span) && holds(values[entry])
    }
    if places.count <= Self.few { return places.indices.contains(where: ask) }
    if spans.contains(in: place.span, where: ask) { return true }
    return columns.contains { stride, index in
      let range: Range<Int>
      switch place.form {
      case .columns(let own, stride: stride): range = own
      case .run where place.span.lowerBound % stride + place.span.count <= stride:
        let first = place.span.lowerBound % stride
        range = first..<first + place.span.count
      case .run, .columns, .other: range = 0..<stride
      }
      return index.contains(in: range, where: ask)
    }
  }

  /// Calls `body` with the values whose places may share an element with this one, in any order.
  package func forEach(at place: MemoryPlace, _ body: (Value) -> Void) {
    _ = contains(at: place) {
      body($0)
      return false
    }
  }
}

/// Entries by ranges of numbers. Those whose lengths round up to the same power of two lie in the
/// order of their starts, so that what meets a range is a part of each such list.
private struct RangeIndex {
  private struct Class {
    var width: Int
    var starts: [Int] = []
    var entries: [Int] = []

    /// The first place with a start that is not below this one.
    func place(of start: Int) -> Int {
      guard let last = starts.last, start <= last else { return starts.count }
      var (low, high) = (0, starts.count)
      while low < high {
        let middle = (low + high) / 2
        if starts[middle] < start { low = middle + 1 } else { high = middle }
      }
      return low
    }
  }

  private var classes: [Class] = []

  mutating func insert(_ entry: Int, at range: Range<Int>) {
    let width = 1 << min(62, Int.bitWidth - max(0, range.count - 1).leadingZeroBitCount)
    let known = classes.firstIndex { $0.width == width }
    if known == nil { classes.append(Class(width: width)) }
    let index = known ?? classes.count - 1
    let place = classes[index].place(of: range.lowerBound)
    classes[index].starts.insert(range.lowerBound, at: place)
    classes[index].entries.insert(entry, at: place)
  }

  func contains(in range: Range<Int>, where holds: (Int) -> Bool) -> Bool {
    classes.contains { list in
      // An entry that starts so far before the range has ended. No length is above 2⁶².
      var place = list.place(of: range.lowerBound - list.width + 1)
      while place < list.starts.count, list.starts[place] < range.upperBound {
        if holds(list.entries[place]) { return true }
        place += 1
      }
      return false
    }
  }
}

extension View {
  /// Where it lies at so many rows; anywhere if its numbers overflow.
  package func place(rows: Int) -> MemoryPlace {
    guard let bounds = bounds(rows: rows), bounds.upperBound < MemoryPlace.end else {
      return MemoryPlace(span: 0..<MemoryPlace.end, form: .other)
    }
    return MemoryPlace(span: Range(bounds), form: form(rows: rows))
  }

  private func form(rows: Int) -> MemoryPlace.Form {
    guard let matrix = matrixColumns(rows: rows) else { return .other }
    if matrix.rows == 1 { return .run }
    let first = matrix.stride > 0 ? offset % matrix.stride : 0
    return first + matrix.width <= matrix.stride
      ? .columns(first..<first + matrix.width, stride: matrix.stride) : .other
  }
}

extension Region {
  /// Where it lies in its space.
  var place: MemoryPlace {
    guard let stride = axes.map(\.stride).max(), stride > 1 else {
      return MemoryPlace(span: bounds, form: axes.count > 1 ? .other : .run)
    }
    guard let own = columns(modulo: stride), own.first + own.count <= stride else {
      return MemoryPlace(span: bounds, form: .other)
    }
    return MemoryPlace(
      span: bounds, form: .columns(own.first..<own.first + own.count, stride: stride))
  }
}
