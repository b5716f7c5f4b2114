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
    }
    try bind(to: reader)
    return reader
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
