import Plan
import Schema

/// The parameters that a program reads, as constant arrays: parameters that one instruction reads as one
/// matrix are one array.
struct CWeights {
  /// A part of the parameter block.
  struct Table {
    var range: Range<Int>
    var records: [ParameterRecord]
    var name = ""
  }

  private(set) var tables: [Table] = []

  /// The most that is written: a compiler takes some hundred bytes for the text of a float.
  static let maximumFloats = 1 << 25

  /// - Parameter ranges: The parts of the parameter block that the views of the program reach.
  /// - Throws: where there are more than `maximumFloats`.
  init(_ plan: Plan, ranges: [Range<Int>]) throws(ExportError) {
    let records = plan.parameters.sorted { $0.offset < $1.offset }
    // Parameters are one array where a view reads both, and where one lies in the gaps of another.
    var merged: [Range<Int>] = []
    let extents = records.filter { record in
      ranges.contains { $0.overlaps(record.span) }
    }.map(\.span)
    for range in (ranges + extents).sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = merged.last, range.lowerBound < last.upperBound {
        merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
      } else {
        merged.append(range)
      }
    }
    let count = merged.reduce(0) { $0 + $1.count }
    guard count <= Self.maximumFloats else {
      throw ExportError(
        "the predictions read \(count) parameters, too many to be written as C",
        hint: "C source is for models of at most \(Self.maximumFloats)")
    }
    var names = CNames()
    tables = merged.map { range in
      let inside = records.filter { range.overlaps($0.span) }
      return Table(range: range, records: inside, name: names.unique(Self.name(inside)))
    }
  }

  /// The table that holds an element of the parameter block.
  func table(at offset: Int) -> Table? { tables.first { $0.range.contains(offset) } }

  /// `w_experts_kernel`: what the names of the parameters have in common.
  private static func name(_ records: [ParameterRecord]) -> String {
    guard let first = records.first else { return "w" }
    var parts = first.name.split(separator: ".")
    let last = parts.last
    for record in records.dropFirst() {
      let other = record.name.split(separator: ".")
      parts = Array(zip(parts, other).prefix { $0 == $1 }.map(\.0))
    }
    if parts.isEmpty { parts = first.name.split(separator: ".") + ["and", "more"] }
    if records.count > 1, let last, records.allSatisfy({ $0.name.hasSuffix(".\(last)") }) {
      parts.append(last)
    }
    return "w_" + parts.joined(separator: "_")
  }

  /// The arrays with their values.
  func write(_ weights: [Float], to text: inout CText) {
    for table in tables {
      let records = table.records.map { record in
        let place = record.offset - table.range.lowerBound
        let stride = record.rows > 1 ? ", rows \(record.rowStride) apart" : ""
        return "\(record.name) \(record.shape)"
          + (table.records.count > 1 ? " at \(place)\(stride)" : "")
      }
      text.comment(records.joined(separator: "; "))
      // A vector of 64 bytes that lies across two lines of the cache takes two reads.
      text.array(
        "_Alignas(64) static const float \(table.name)[\(table.range.count)]",
        weights[table.range].lazy.map(CLiteral.float))
      text.line()
    }
  }
}

extension ParameterRecord {
  /// From its first element to behind its last.
  var span: Range<Int> { offset..<offset + (rows - 1) * rowStride + columns }
}
