extension ArchiveWriter {
  mutating func put(_ statistics: DataStatistics) {
    put(statistics.rows)
    put(statistics.bytes)
    put(statistics.features) { writer, feature in
      writer.put(feature.name)
      writer.put(feature.column)
      for count in [feature.values, feature.missing, feature.outOfVocabulary] { writer.put(count) }
      for count in [feature.cardinality, feature.distinct] { writer.put(count) { $0.put($1) } }
      for count in [feature.cutRows, feature.longest] { writer.put(count) }
      for number in [feature.minimum, feature.maximum, feature.mean, feature.deviation] {
        writer.put(number) { $0.put($1) }
      }
    }
    put(statistics.labels) { writer, label in
      writer.put(label.task)
      writer.put(label.column)
      for count in [label.present, label.missing, label.positives] { writer.put(count) }
      for number in [label.mean, label.minimum, label.maximum] { writer.put(number) { $0.put($1) } }
    }
  }
}

extension ArchiveReader {
  mutating func statistics() throws -> DataStatistics {
    DataStatistics(
      rows: try get(), bytes: try get(), features: try list { try $0.feature() },
      labels: try list { try $0.label() })
  }

  private mutating func number() throws -> Double? { try optional { try $0.get() } }

  private mutating func feature() throws -> FeatureStatistics {
    var feature = FeatureStatistics(
      name: try get(), column: try get(), values: try get(), missing: try get(),
      outOfVocabulary: try get(), cardinality: try optional { try $0.get() })
    feature.distinct = try optional { try $0.get() }
    feature.cutRows = try get()
    feature.longest = try get()
    feature.minimum = try number()
    feature.maximum = try number()
    feature.mean = try number()
    feature.deviation = try number()
    return feature
  }

  private mutating func label() throws -> LabelStatistics {
    var label = LabelStatistics(
      task: try get(), column: try get(), present: try get(), missing: try get(),
      positives: try get())
    label.mean = try number()
    label.minimum = try number()
    label.maximum = try number()
    return label
  }
}
