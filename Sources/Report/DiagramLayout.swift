import Schema

/// Where the blocks of a diagram lie: columns from left to right, each block in one behind all that it
/// reads.
struct DiagramLayout {
  struct Place {
    var x = 0.0
    var y = 0.0
    var width = 0.0
    var height = 0.0
  }

  private(set) var places: [Place]
  private(set) var width = 0.0
  private(set) var height = 0.0
  /// The arrows without those that would lead back.
  let arrows: [ModelDiagram.Arrow]

  static let lineHeight = 16.0
  private static let margin = 24.0
  /// Above the blocks, for the title.
  private static let top = 60.0
  private static let columnGap = 56.0
  private static let rowGap = 18.0

  init(_ diagram: ModelDiagram) {
    let count = diagram.blocks.count
    arrows = Self.forward(diagram.arrows, count)
    places = diagram.blocks.map { block in
      let texts =
        [XMLText.width(block.title, 14)] + Self.lines(block).map { XMLText.width($0, 12) }
      return Place(
        width: (texts.max() ?? 0) + 24,
        height: 30 + Self.lineHeight * Double(Self.lines(block).count))
    }
    let columns = ordered(Self.columns(diagram, arrows))
    place(columns)
  }

  /// The lines below a block's title.
  static func lines(_ block: ModelDiagram.Block) -> [String] {
    block.weights > 0 && block.kind != .op
      ? block.lines + ["\(Format.count(block.weights)) weights"] : block.lines
  }

  /// The arrows without those that close a circle, which a depth-first walk from the blocks that read
  /// nothing finds: parts that read each other, as in an inner loop, have no order.
  private static func forward(
    _ arrows: [ModelDiagram.Arrow], _ count: Int
  ) -> [ModelDiagram.Arrow] {
    var targets = [[Int]](repeating: [], count: count)
    for arrow in arrows where arrow.from != arrow.to { targets[arrow.from].append(arrow.to) }
    enum State { case new, open, done }
    var states = [State](repeating: .new, count: count)
    var kept: [ModelDiagram.Arrow] = []
    for start in 0..<count where states[start] == .new {
      var stack = [(block: start, next: 0)]
      states[start] = .open
      while let (block, next) = stack.last {
        guard next < targets[block].count else {
          states[block] = .done
          stack.removeLast()
          continue
        }
        stack[stack.count - 1].next += 1
        let target = targets[block][next]
        if states[target] == .open { continue }
        kept.append(ModelDiagram.Arrow(block, target))
        if states[target] == .new {
          states[target] = .open
          stack.append((target, 0))
        }
      }
    }
    return kept
  }

  /// The blocks of each column. A block's column is the length of the longest path to it; outputs are in
  /// the last one.
  private static func columns(
    _ diagram: ModelDiagram, _ arrows: [ModelDiagram.Arrow]
  ) -> [[Int]] {
    var ranks = [Int](repeating: 0, count: diagram.blocks.count)
    var isChanged = true
    while isChanged {
      isChanged = false
      for arrow in arrows where ranks[arrow.to] <= ranks[arrow.from] {
        ranks[arrow.to] = ranks[arrow.from] + 1
        isChanged = true
      }
    }
    let last = ranks.max() ?? 0
    var columns = [[Int]](repeating: [], count: last + 1)
    for (block, rank) in ranks.enumerated() {
      columns[diagram.blocks[block].kind == .output ? last : rank].append(block)
    }
    return columns
  }

  /// The columns with each block near the middle of those that it reads, and of those that read it.
  private func ordered(_ columns: [[Int]]) -> [[Int]] {
    var columns = columns
    var position = [Double](repeating: 0, count: places.count)
    func number(_ column: [Int]) {
      for (k, block) in column.enumerated() {
        position[block] = Double(k) - Double(column.count - 1) / 2
      }
    }
    columns.forEach(number)
    func sort(_ c: Int, by neighbours: [[Int]]) {
      let middle = columns[c].map { block in
        neighbours[block].isEmpty
          ? position[block]
          : neighbours[block].reduce(0) { $0 + position[$1] } / Double(neighbours[block].count)
      }
      columns[c] = columns[c].indices.sorted { (middle[$0], $0) < (middle[$1], $1) }
        .map { columns[c][$0] }
      number(columns[c])
    }
    var (reads, readers) = ([[Int]](repeating: [], count: places.count), [[Int]]())
    readers = reads
    for arrow in arrows {
      reads[arrow.to].append(arrow.from)
      readers[arrow.from].append(arrow.to)
    }
    for _ in 0..<4 {
      for c in columns.indices.dropFirst() { sort(c, by: reads) }
      for c in columns.indices.dropLast().reversed() { sort(c, by: readers) }
    }
    return columns
  }

  private mutating func place(_ columns: [[Int]]) {
    func tall(_ column: [Int]) -> Double {
      column.reduce(0) { $0 + places[$1].height } + Self.rowGap * Double(max(0, column.count - 1))
    }
    let tallest = columns.map(tall).max() ?? 0
    var x = Self.margin
    for column in columns {
      let widest = column.map { places[$0].width }.max() ?? 0
      var y = Self.top + (tallest - tall(column)) / 2
      for block in column {
        places[block].x = x + (widest - places[block].width) / 2
        places[block].y = y
        y += places[block].height + Self.rowGap
      }
      x += widest + Self.columnGap
    }
    width = x - Self.columnGap + Self.margin
    height = Self.top + tallest + Self.margin
  }
}
