import Plan

/// The parts of the parameter block that the optimizer has still to step: whole parameters at
/// first, of which products that apply the optimizer themselves take rectangles.
struct PendingUpdates {
  /// Rows of one parameter.
  struct Piece: Hashable {
    var offset: Int
    var rows: Int
    var columns: Int
    var rowStride: Int
    var l2: Double
    var elements: Int { rows * columns }
    var isDense: Bool { rows == 1 || rowStride == columns }

    func part(_ range: Range<Int>) -> Piece {
      var result = self
      result.offset += range.lowerBound * rowStride
      result.rows = range.count
      return result
    }
  }

  private(set) var pieces: [Piece]

  /// What the pieces were made of.
  let records: [ParameterRecord]

  init(_ records: [ParameterRecord]) {
    self.records = records
    pieces = records.map {
      Piece(
        offset: $0.offset, rows: $0.rows, columns: $0.columns, rowStride: $0.rowStride, l2: $0.l2)
    }
  }

  /// Takes a whole parameter out.
  mutating func remove(_ record: ParameterRecord) {
    pieces.removeAll { $0.offset == record.offset }
  }

  /// Takes a rectangle out: only when it consists of rows of pending parameters with one L2 factor.
  /// - Returns: The factor, or nil where nothing was taken.
  mutating func take(_ view: View) -> Float? {
    guard !view.extents.contains(where: { if case .batch = $0 { true } else { false } }) else {
      return nil
    }
    var rest: [Piece] = []
    var taken: [Piece] = []
    for piece in pieces {
      let range = Self.rows(of: piece, inside: view)
      if range.isEmpty {
        rest.append(piece)
        continue
      }
      taken.append(piece.part(range))
      for other in [0..<range.lowerBound, range.upperBound..<piece.rows] where !other.isEmpty {
        rest.append(piece.part(other))
      }
    }
    guard let first = taken.first, taken.allSatisfy({ $0.l2 == first.l2 }),
      taken.reduce(0, { $0 + $1.elements }) == Self.elements(view)
    else { return nil }
    pieces = rest
    return Float(first.l2)
  }

  /// The pieces that make up a rectangle, if they make up all of it.
  func cover(of view: View) -> [Piece]? {
    var found: [Piece] = []
    var elements = 0
    for piece in pieces {
      let range = Self.rows(of: piece, inside: view)
      guard !range.isEmpty else { continue }
      found.append(piece)
      elements += piece.part(range).elements
    }
    return elements == Self.elements(view) ? found : nil
  }

  private static func elements(_ view: View) -> Int {
    view.extents.reduce(1) { $0 * $1.size(rows: 1) }
  }

  /// Which rows of a piece lie in a view with contiguous rows; a row lies there whole or not at all.
  private static func rows(of piece: Piece, inside view: View) -> Range<Int> {
    let isMatrix = view.extents.count == 2
    let rows = isMatrix ? view.extents[0].size(rows: 1) : 1
    let columns = view.extents.last?.size(rows: 1) ?? 0
    let start = piece.offset - view.offset
    if rows == 1 {
      return piece.isDense && start >= 0 && start + piece.elements <= columns
        ? 0..<piece.rows : 0..<0
    }
    let stride = view.strides[0]
    guard stride > 0, piece.rows == 1 || piece.rowStride == stride else { return 0..<0 }
    let column = ((start % stride) + stride) % stride
    let first = (start - column) / stride
    guard column + piece.columns <= columns else { return 0..<0 }
    let range = max(0, -first)..<max(max(0, -first), min(piece.rows, rows - first))
    return range
  }
}
