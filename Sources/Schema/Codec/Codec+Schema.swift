// Schemas as bytes, in plan files and in the heads of cached rows.

extension DataSchema: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(format)
    writer.put(features)
    writer.put(labels)
    writer.put(sampleWeightColumn)
    writer.put(groupColumn)
  }
  package init(from reader: inout ByteReader) throws {
    self.init(
      format: try reader.get(),
      features: try reader.get(),
      labels: try reader.get(),
      sampleWeightColumn: try reader.get(),
      groupColumn: try reader.get())
  }
}

extension TableFormat: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(layout)
    writer.put(delimiter)
    writer.put(hasHeader)
    writer.put(columns)
    writer.put(quote)
    writer.put(trimsSpaces)
    writer.put(comment)
    writer.put(missing)
  }
  package init(from reader: inout ByteReader) throws {
    self.init(
      layout: try reader.get(),
      delimiter: try reader.get(),
      hasHeader: try reader.get(),
      columns: try reader.get(),
      quote: try reader.get(),
      trimsSpaces: try reader.get(),
      comment: try reader.get(),
      missing: try reader.get())
  }
}

extension TableFormat.Layout: ByteCode {
  package static let codes: [(UInt8, Self)] = allCases.map { ($0.code, $0) }
}

extension FeatureSchema: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(name)
    writer.put(column)
    writer.put(encoder)
  }
  package init(from reader: inout ByteReader) throws {
    self.init(
      name: try reader.get(),
      column: try reader.get(),
      encoder: try reader.get())
  }
}

extension FeatureSchema.Encoder: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    switch self {
    case .id(let value):
      writer.byte(0)
      writer.put(value)
    case .numeric(let value):
      writer.byte(1)
      writer.put(value)
    case .bucketized(let boundaries):
      writer.byte(2)
      writer.put(boundaries)
    case .sequence(let value, let value1):
      writer.byte(3)
      writer.put(value)
      writer.put(value1)
    }
  }
  package init(from reader: inout ByteReader) throws {
    switch try reader.byte() {
    case 0: self = .id(try reader.get())
    case 1: self = .numeric(try reader.get())
    case 2: self = .bucketized(boundaries: try reader.get())
    case 3: self = .sequence(try reader.get(), try reader.get())
    case let code: throw reader.damaged("a feature encoder of unknown kind \(code)")
    }
  }
}

extension IdEncoding: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    switch self {
    case .vocabulary(let value):
      writer.byte(0)
      writer.put(value)
    case .hash(let buckets):
      writer.byte(1)
      writer.put(buckets)
    case .identity(let count):
      writer.byte(2)
      writer.put(count)
    }
  }
  package init(from reader: inout ByteReader) throws {
    switch try reader.byte() {
    case 0: self = .vocabulary(try reader.get())
    case 1: self = .hash(buckets: try reader.get())
    case 2: self = .identity(count: try reader.get())
    case let code: throw reader.damaged("an id encoding of unknown kind \(code)")
    }
  }
}

extension Normalizer: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(logarithm)
    writer.put(offset)
    writer.put(scale)
    writer.put(missing)
  }
  package init(from reader: inout ByteReader) throws {
    self.init(
      logarithm: try reader.get(),
      offset: try reader.get(),
      scale: try reader.get(),
      missing: try reader.get())
  }
}

extension SequenceLayout: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(separator)
    writer.put(maxLength)
    writer.put(keep)
    writer.put(weighted)
  }
  package init(from reader: inout ByteReader) throws {
    self.init(
      separator: try reader.get(),
      maxLength: try reader.get(),
      keep: try reader.get(),
      weighted: try reader.get())
  }
}

extension SequenceLayout.Keep: ByteCode {
  package static let codes: [(UInt8, Self)] = [
    (0, .first), (1, .last),
  ]
}

extension LabelSchema: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(task)
    writer.put(column)
    writer.put(kind)
  }
  package init(from reader: inout ByteReader) throws {
    self.init(
      task: try reader.get(),
      column: try reader.get(),
      kind: try reader.get())
  }
}

extension LabelSchema.Kind: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    switch self {
    case .positives(let value):
      writer.byte(0)
      writer.put(value)
    case .binary: writer.byte(1)
    case .number: writer.byte(2)
    case .classes(let value):
      writer.byte(3)
      writer.put(value)
    }
  }
  package init(from reader: inout ByteReader) throws {
    switch try reader.byte() {
    case 0: self = .positives(try reader.get())
    case 1: self = .binary
    case 2: self = .number
    case 3: self = .classes(try reader.get())
    case let code: throw reader.damaged("a label of unknown kind \(code)")
    }
  }
}
