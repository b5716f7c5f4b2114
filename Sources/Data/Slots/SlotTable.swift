import Schema

/// The columns of a table whose lines are `field,…,slot:id,slot:id,…`: the leading fields by place,
/// then the slots that features read, by name.
struct SlotTable {
  struct Slot: Equatable {
    var name: String
    /// What goes between the ids of a slot that occurs several times; nil for a feature that reads
    /// one id.
    var separator: UInt8?
  }

  var leading: [String]
  /// Leading columns that a file may lack, all of them together.
  var optional: Set<String>
  var slots: [Slot]

  /// The format of the table that the lines are turned into.
  func format(_ format: TableFormat) -> TableFormat {
    var format = format
    format.layout = .table
    format.hasHeader = false
    format.columns = leading + slots.map(\.name)
    return format
  }
}

extension RowEncoder {
  /// Opens a file of this encoder's format, and finds its columns in it.
  ///
  /// - Parameter keep: Columns that are needed besides those that are encoded.
  func open(
    _ path: String, keep: [String] = [], damage: DamageLog? = nil
  ) throws -> TableReader {
    let optional = optionalColumns.subtracting(keep)
    let reader: TableReader
    switch format.layout {
    case .table: reader = try TableReader(path, format: format, optional: optional, damage: damage)
    case .slots:
      let table = try slotTable(optional: optional)
      let source = try SlotSource(path, table: table, format: format, damage: damage)
      reader = try TableReader(
        source, format: table.format(format), optional: optional, damage: damage)
    case .libsvm:
      let table = try libsvmTable(optional: optional, keep: keep)
      reader = try TableReader(
        LibsvmSource(path, table: table, damage: damage),
        format: format.asTable(columns: table.columns),
        optional: table.optional, damage: damage)
    case .dense:
      reader = try TableReader(
        DenseSource(path, format: format, damage: damage),
        format: format.asTable(columns: format.columns ?? []),
        optional: optional, damage: damage)
    case .npy:
      let source = try NpySource(path, missing: format.missing)
      let columns = format.columns ?? []
      let shorter = columns.count { !optional.contains($0) }
      guard source.allColumns == columns.count || source.allColumns == shorter else {
        throw DataError(
          "the array has \(source.allColumns) columns, data.columns names \(columns.count)",
          at: .init(file: path), hint: NpySource.companionHint(path))
      }
      reader = try TableReader(
        source, format: format.asTable(columns: columns), optional: optional, damage: damage)
    }
    try bind(to: reader)
    return reader
  }

  /// What of libsvm lines is read: a column of its own for each index that something is made of.
  private func libsvmTable(optional: Set<String>, keep: [String]) throws -> LibsvmTable {
    var table = LibsvmTable(
      labels: format.columns ?? [],
      optional: optional.intersection(format.columns ?? []), indices: [:], indexColumns: [],
      pairs: nil,
      hasQuery: false)
    func needs(_ column: String, _ purpose: String) throws {
      if table.labels.contains(column) { return }
      if column == LibsvmTable.query {
        table.hasQuery = true
      } else if let index = UInt64(column), String(index) == column {
        guard table.indices[index] == nil else { return }
        table.indices[index] = table.indexColumns.count
        table.indexColumns.append(column)
      } else {
        throw DataError(
          "no column \"\(column)\", which \(purpose) needs",
          hint: "libsvm rows have the columns of data.columns, \"pairs\", \"qid\", and indices such"
            + " as \"7\"")
      }
    }
    for encoder in allEncoders {
      guard encoder.column == LibsvmTable.pairs, !table.labels.contains(encoder.column) else {
        try needs(encoder.column, encoder.purpose)
        continue
      }
      guard let layout = (encoder as? SequenceEncoder)?.layout,
        layout.separator != UInt8(ascii: ","), table.pairs.map({ $0 == layout }) ?? true
      else {
        throw DataError(
          "\(encoder.purpose) cannot read the column \"pairs\"",
          hint: "all items of a line make one feature of type \"sequence\"")
      }
      table.pairs = layout
    }
    for column in keep { try needs(column, "the output") }
    return table
  }

  private func slotTable(optional: Set<String>) throws -> SlotTable {
    let leading = format.columns ?? []
    var slots: [SlotTable.Slot] = []
    for encoder in featureEncoders where !leading.contains(encoder.column) {
      let slot = SlotTable.Slot(
        name: encoder.column, separator: (encoder as? SequenceEncoder)?.layout.separator)
      guard let known = slots.first(where: { $0.name == slot.name }) else {
        slots.append(slot)
        continue
      }
      guard known == slot else {
        throw DataError(
          "\(encoder.purpose) reads the slot \"\(slot.name)\" in another way than a feature before",
          hint: "the features of one slot must have the same type and the same separator")
      }
    }
    return SlotTable(leading: leading, optional: optional, slots: slots)
  }
}
