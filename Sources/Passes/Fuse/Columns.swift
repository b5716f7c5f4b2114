import GraphIR
import TensorTypes

/// Where columns of a matrix come from, seen through slices and concatenations.
struct Columns: Hashable {
  var root: ValueID
  var range: Range<Int>
}

extension Graph {
  /// The value that holds these columns as they are computed.
  func origin(of columns: Columns) -> Columns {
    var found = columns
    while true {
      if let slice = slice(found.root), slice.axis == 1 {
        let start = slice.range.lowerBound + found.range.lowerBound
        found = Columns(root: slice.x, range: start..<start + found.range.count)
      } else if let (axis, parts) = concat(found.root), axis == 1,
        let part = part(of: parts, holding: found.range)
      {
        found = part
      } else {
        return found
      }
    }
  }

  private func part(of parts: [ValueID], holding range: Range<Int>) -> Columns? {
    var start = 0
    for part in parts {
      let end = start + shape(of: part).size(1)
      if range.lowerBound >= start, range.upperBound <= end {
        return Columns(
          root: part, range: range.lowerBound - start..<range.upperBound - start)
      }
      start = end
    }
    return nil
  }

  /// Where columns lie in memory once activations are part of the product that they follow. Lists of
  /// columns are sorted by it.
  func place(of columns: Columns) -> Columns {
    var found = origin(of: columns)
    while let (kind, x) = unary(found.root), EpilogueActivation(kind) != nil {
      found = origin(of: Columns(root: x, range: found.range))
    }
    return found
  }
}

extension Columns {
  static func precedes(_ a: Columns, _ b: Columns) -> Bool {
    (a.root, a.range.lowerBound) < (b.root, b.range.lowerBound)
  }
}

extension GraphBuilder {
  /// The concatenation; the part itself where it is one.
  func joined(_ parts: [ValueID], axis: Int) throws -> ValueID {
    parts.count == 1 ? parts[0] : try concat(parts, axis: axis)
  }

  /// Columns of a matrix; the matrix itself where they are all.
  func columns(_ matrix: ValueID, _ range: Range<Int>) throws -> ValueID {
    range == 0..<shape(of: matrix).size(1) ? matrix : try slice(matrix, axis: 1, range)
  }
}
