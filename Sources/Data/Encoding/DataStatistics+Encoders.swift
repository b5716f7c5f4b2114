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
  }

  init(_ feature: FeatureSchema, sequence: SequenceEncoder) {
    self.init(feature, ids: sequence.coder)
    cutRows = sequence.cutRows
    longest = sequence.longest
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
  init(_ label: LabelSchema, numbers: NumberStatistics, positives: Int) {
    self.init(
      task: label.task, column: label.column, present: numbers.count, missing: numbers.missing,
      positives: positives)
    guard numbers.count > 0 else { return }
    mean = numbers.mean
    minimum = numbers.minimum
    maximum = numbers.maximum
  }
}
