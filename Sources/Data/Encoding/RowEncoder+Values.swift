import Schema

/// Rows whose columns are values in memory.
extension RowEncoder {
  /// The columns that features are made of, each once, in their order.
  var valueColumns: [String] {
    var seen: Set<String> = []
    return features.flatMap { [$0.column.source.name] + $0.column.furtherSources.map(\.name) }
      .filter { seen.insert($0).inserted }
  }

  /// The values that a column can have: those that all its features read.
  func accepted(_ column: String) -> ColumnValues.Accepted {
    var accepted = ColumnValues.Accepted(
      cells: [.numbers, .integers, .texts], lists: [.numbers, .integers, .texts])
    func restrict(_ other: ColumnValues.Accepted) {
      accepted.cells.formIntersection(other.cells)
      accepted.lists.formIntersection(other.lists)
    }
    for encoder in features.map(\.column) {
      if encoder.source.name == column { restrict(encoder.accepted) }
      for further in encoder.furtherSources where further.name == column {
        restrict(encoder.acceptedFurther)
      }
    }
    // The keys of side tables are looked up by their text.
    if columns.joins.contains(where: { $0.column == column }) { restrict(.init()) }
    return accepted
  }

  /// Binds each column that is needed to its place among values.
  func bind(_ place: (_ name: String, _ purpose: String) throws -> Int) rethrows {
    for encoder in all {
      try encoder.source.bind(place)
      for k in encoder.furtherSources.indices { try encoder.furtherSources[k].bind(place) }
    }
  }

  /// How a column that it is bound to becomes the fields of a block.
  func layout(_ column: String, at index: Int) -> ValueBlock.Column {
    var markers: [[String]] = []
    var needsText = false
    for (feature, encoder) in zip(columns.features, features.map(\.column)) {
      if encoder.source.index == index {
        markers.append(feature.missing)
        needsText = needsText || !encoder.readsIntegers
      }
      for further in encoder.furtherSources where further.index == index {
        markers.append(feature.missing)
        needsText = true
      }
    }
    // A text that is missing for all features that read the column.
    let marker = markers.first?.first { text in markers.allSatisfy { $0.contains(text) } }
    return ValueBlock.Column(
      name: column, missing: Array((marker ?? columns.format.missing.first ?? "").utf8),
      needsText: needsText || columns.joins.contains { $0.column == column })
  }

  /// The encoders of values, once they are bound.
  ///
  /// - Parameter onlyFeatures: Whether the feeds of labels and weights are left as they are.
  func valueColumns(onlyFeatures: Bool) -> ValueColumns {
    ValueColumns(onlyFeatures ? all[..<features.count] : all[...])
  }
}
