// Statistics as bytes, in the heads of cached rows.

extension DataStatistics: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(rows)
    writer.put(bytes)
    writer.put(features)
    writer.put(labels)
  }
  package init(from reader: inout ByteReader) throws {
    self.init(
      rows: try reader.get(), bytes: try reader.get(), features: try reader.get(),
      labels: try reader.get())
  }
}

extension FeatureStatistics: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(name)
    writer.put(column)
    for count in [values, missing, outOfVocabulary] { writer.put(count) }
    for count in [cardinality, distinct] { writer.put(count) }
    for count in [cutRows, longest] { writer.put(count) }
    for number in [minimum, maximum, mean, deviation] { writer.put(number) }
  }
  package init(from reader: inout ByteReader) throws {
    self.init(
      name: try reader.get(), column: try reader.get(), values: try reader.get(),
      missing: try reader.get(), outOfVocabulary: try reader.get(),
      cardinality: try reader.get())
    distinct = try reader.get()
    cutRows = try reader.get()
    longest = try reader.get()
    minimum = try reader.get()
    maximum = try reader.get()
    mean = try reader.get()
    deviation = try reader.get()
  }
}

extension LabelStatistics: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(task)
    writer.put(column)
    for count in [present, missing, positives] { writer.put(count) }
    for number in [mean, minimum, maximum] { writer.put(number) }
  }
  package init(from reader: inout ByteReader) throws {
    self.init(
      task: try reader.get(), column: try reader.get(), present: try reader.get(),
      missing: try reader.get(), positives: try reader.get())
    mean = try reader.get()
    minimum = try reader.get()
    maximum = try reader.get()
  }
}
