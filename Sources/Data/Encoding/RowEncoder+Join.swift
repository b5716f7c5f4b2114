import Schema

extension RowEncoder {
  /// Gives a table the columns of the side tables, unless it has all columns that are asked for itself.
  /// Throws `DataError`.
  func joinSideTables(to reader: TableReader, for wanted: [String]) throws {
    guard !columns.joins.isEmpty, !Set(wanted).isSubset(of: reader.names) else { return }
    try reader.join(readSideTables())
  }

  /// The columns that a table of rows in memory needs: those of the features, but keys for what side
  /// tables hold and no row gives itself.
  func memoryColumns(_ rows: [[String: String]]) throws -> [String] {
    var names: Set<String> = []
    let all = features.flatMap { [$0.column.column] + $0.column.furtherSources.map(\.name) }
    let wanted = all.filter { names.insert($0).inserted }
    guard !columns.joins.isEmpty else { return wanted }
    let absent = wanted.filter { name in !rows.contains { $0[name] != nil } }
    guard !absent.isEmpty else { return wanted }
    let joined = Set(try readSideTables().flatMap(\.names)).intersection(absent)
    guard !joined.isEmpty else { return wanted }
    return wanted.filter { !joined.contains($0) }
      + columns.joins.map(\.column).filter { names.insert($0).inserted }
  }

  /// The side tables, read the first time.
  func readSideTables() throws -> [SideTable] {
    if let sideTables { return sideTables }
    let tables = try columns.joins.map { try SideTable($0) }
    sideTables = tables
    return tables
  }
}
