import Schema

extension FeatureStatistics {
  init(_ feature: FeatureSchema, ids: IdCoder) {
    self.init(
      name: feature.name, column: feature.column, values: ids.valueCount,
      missing: ids.missingCount, outOfVocabulary: ids.unknownCount,
      cardinality: feature.cardinality)
    if case .vocabulary(let vocabulary) = ids.coding, vocabulary.learns {
      distinct = vocabulary.distinct
    }
    undeclaredMissing = ids.undeclaredMissing
  }

  init(_ feature: FeatureSchema, sequence: SequenceEncoder) {
    self.init(feature, ids: sequence.coder)
    // Of a cell, not of its items.
    missing = sequence.emptyCells
    var statistics = sequence.statistics
    if statistics.longest > 1 {
      statistics.separators.removeAll { $0.text != SequenceStatistics.mapPair }
    }
    statistics.separators.sort { ($1.count, $0.text) < ($0.count, $1.text) }
    self.sequence = statistics
  }

  init(_ feature: FeatureSchema, cross: CrossEncoder) {
    self.init(
      name: feature.name, column: cross.columns.joined(separator: " × "), values: cross.values,
      missing: cross.missingCells, outOfVocabulary: 0, cardinality: feature.cardinality)
  }

  /// Of all numbers of the vectors; values are cells.
  init(_ feature: FeatureSchema, vector: VectorEncoder) {
    self.init(feature, numbers: vector.sums.total)
    values = vector.cells
    missing = vector.missingCells
  }

  init(_ feature: FeatureSchema, numbers: NumberStatistics) {
    self.init(
      name: feature.name, column: feature.column, values: numbers.count + numbers.missing,
      missing: numbers.missing, outOfVocabulary: 0, cardinality: feature.cardinality)
    guard numbers.count > 0 else { return }
    minimum = numbers.minimum
    maximum = numbers.maximum
    mean = numbers.mean
    deviation = numbers.deviation
  }
}

extension LabelStatistics {
  init(_ encoder: LabelEncoder, _ space: SpaceEncoder?) {
    let (label, numbers) = (encoder.label, encoder.sums.total)
    self.init(
      task: label.task, column: label.column, present: numbers.count, missing: numbers.missing,
      positives: encoder.positives)
    undeclaredMissing = encoder.undeclaredMissing
    unseenValues = space?.unseenValues ?? []
    guard numbers.count > 0 else { return }
    mean = numbers.mean
    minimum = numbers.minimum
    maximum = numbers.maximum
    deviation = numbers.deviation
  }
}
