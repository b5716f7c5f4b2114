import Schema

extension ArchiveWriter {
  mutating func put(_ schema: DataSchema) {
    put(schema.format)
    put(schema.features) { $0.put($1) }
    put(schema.labels) { $0.put($1) }
    put(schema.sampleWeightColumn) { $0.put($1) }
    put(schema.groupColumn) { $0.put($1) }
  }

  mutating func put(_ format: TableFormat) {
    put(format.layout.rawValue)
    put(format.delimiter)
    put(format.hasHeader)
    put(format.columns) { $0.put($1) }
    put(format.quote)
    put(format.trimsSpaces)
    put(format.comment) { $0.put($1) }
    put(format.missing)
  }

  mutating func put(_ label: LabelSchema) {
    put(label.task)
    put(label.column)
    switch label.kind {
    case .positives(let texts):
      put(UInt8(0))
      put(texts)
    case .binary: put(UInt8(1))
    case .number: put(UInt8(2))
    case .classes(let names):
      put(UInt8(3))
      put(names)
    }
  }

  mutating func put(_ feature: FeatureSchema) {
    put(feature.name)
    put(feature.column)
    switch feature.encoder {
    case .id(let encoding):
      put(UInt8(0))
      put(encoding)
    case .numeric(let normalizer):
      put(UInt8(1))
      put(normalizer.logarithm)
      put(normalizer.offset)
      put(normalizer.scale)
      put(Double(normalizer.missing))
    case .bucketized(let boundaries):
      put(UInt8(2))
      put(boundaries) { $0.put($1) }
    case .sequence(let encoding, let layout):
      put(UInt8(3))
      put(encoding)
      put(layout)
    }
  }

  mutating func put(_ encoding: IdEncoding) {
    switch encoding {
    case .vocabulary(let tokens):
      put(UInt8(0))
      put(tokens)
    case .hash(let buckets):
      put(UInt8(1))
      put(buckets)
    case .identity(let count):
      put(UInt8(2))
      put(count)
    }
  }

  mutating func put(_ layout: SequenceLayout) {
    put(layout.separator)
    put(layout.maxLength)
    put(layout.keep.rawValue)
    put(layout.weighted)
  }
}

extension ArchiveReader {
  mutating func schema() throws -> DataSchema {
    DataSchema(
      format: try format(), features: try list { try $0.feature() },
      labels: try list { try $0.label() },
      sampleWeightColumn: try optional { try $0.get() }, groupColumn: try optional { try $0.get() })
  }

  private mutating func format() throws -> TableFormat {
    TableFormat(
      layout: try choice(TableFormat.Layout.self), delimiter: try get(), hasHeader: try get(),
      columns: try optional { try $0.texts() }, quote: try get(), trimsSpaces: try get(),
      comment: try optional { try $0.get() }, missing: try texts())
  }

  private mutating func label() throws -> LabelSchema {
    let task: String = try get()
    let column: String = try get()
    let kind: LabelSchema.Kind =
      switch try get() as UInt8 {
      case 0: .positives(try texts())
      case 1: .binary
      case 2: .number
      case 3: .classes(try texts())
      default: throw Damage()
      }
    return LabelSchema(task: task, column: column, kind: kind)
  }

  private mutating func feature() throws -> FeatureSchema {
    let name: String = try get()
    let column: String = try get()
    let encoder: FeatureSchema.Encoder =
      switch try get() as UInt8 {
      case 0: .id(try encoding())
      case 1:
        .numeric(
          Normalizer(
            logarithm: try get(), offset: try get(), scale: try get(),
            missing: Float(try get() as Double)))
      case 2: .bucketized(boundaries: try list { try $0.get() })
      case 3: .sequence(try encoding(), try sequence())
      default: throw Damage()
      }
    return FeatureSchema(name: name, column: column, encoder: encoder)
  }

  private mutating func encoding() throws -> IdEncoding {
    switch try get() as UInt8 {
    case 0: .vocabulary(try texts())
    case 1: .hash(buckets: try get())
    case 2: .identity(count: try get())
    default: throw Damage()
    }
  }

  private mutating func sequence() throws -> SequenceLayout {
    SequenceLayout(
      separator: try get(), maxLength: try get(), keep: try choice(SequenceLayout.Keep.self),
      weighted: try get())
  }
}
