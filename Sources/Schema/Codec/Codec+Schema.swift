// Schemas as bytes, in plan files and in the heads of cached rows.

extension DataDescription: ByteCodable, ByteRecord where Feature == FeatureSchema {
  package static var fields: some FieldList<Self> {
    Fields(
      Self.init, \.format, \.features, \.labels, \.sampleWeightColumn, \.groupColumn,
      \.validationColumn, \.joins)
  }
}

extension TableJoin: ByteRecord {
  package static let fields: some FieldList<Self> = Fields(
    Self.init, \.file, \.key, \.column, \.format)
}

extension ValidationColumn: ByteRecord {
  package static let fields: some FieldList<Self> = Fields(Self.init, \.column, \.from)
}

extension ValidationColumn.Bound: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    switch self {
    case .number(let value): writer.put(case: 0, value)
    case .text(let value): writer.put(case: 1, value)
    }
  }
  package init(from reader: inout ByteReader) throws {
    switch try reader.byte() {
    case 0: self = .number(try reader.get())
    case 1: self = .text(try reader.get())
    case let code: throw reader.damaged("a bound of unknown kind \(code)")
    }
  }
}

extension TableFormat: ByteRecord {
  package static let fields: some FieldList<Self> = Fields(
    Self.init, \.layout, \.delimiter, \.hasHeader, \.columns, \.quote, \.trimsSpaces, \.comment,
    \.missing, \.delimiterRest, \.escape, \.encoding,
    \.numbers, \.takesNamedDelimiter)
}

extension TableFormat.Encoding: ByteCode {
  package static let codes: [(UInt8, Self)] = allCases.map { ($0.code, $0) }
}

extension TableFormat.Layout: ByteCode {
  package static let codes: [(UInt8, Self)] = allCases.map { ($0.code, $0) }
}

extension FeatureSchema: ByteRecord {
  package static let fields: some FieldList<Self> = Fields(
    Self.init, \.name, \.column, \.encoder, \.cells)
}

extension FeatureSchema.Encoder: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    switch self {
    case .id(let value): writer.put(case: 0, value)
    case .numeric(let value):
      if let curve = value.curve {
        writer.put(case: 6, value, curve)
      } else {
        writer.put(case: 1, value)
      }
    case .bucketized(let boundaries): writer.put(case: 2, boundaries)
    case .sequence(let value, let value1): writer.put(case: 3, value, value1)
    case .cross(let columns, let buckets): writer.put(case: 4, columns, buckets)
    case .vector(let layout): writer.put(case: 5, layout)
    }
  }
  package init(from reader: inout ByteReader) throws {
    switch try reader.byte() {
    case 0: self = .id(try reader.get())
    case 1: self = .numeric(try reader.get())
    case 2: self = .bucketized(boundaries: try reader.get())
    case 3: self = .sequence(try reader.get(), try reader.get())
    case 4: self = .cross(try reader.get(), buckets: try reader.get())
    case 5: self = .vector(try reader.get())
    case 6:
      var normalizer = try reader.get(Normalizer.self)
      normalizer.curve = try reader.get(NumberCurve.self)
      self = .numeric(normalizer)
    case let code: throw reader.damaged("a feature encoder of unknown kind \(code)")
    }
  }
}

extension IdEncoding: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    switch self {
    case .vocabulary(let value): writer.put(case: 0, value)
    case .hash(let buckets): writer.put(case: 1, buckets)
    case .identity(let count): writer.put(case: 2, count)
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

extension Normalizer: ByteRecord {
  /// But for the curve, which stands beside them.
  package static let fields: some FieldList<Self> = Fields(
    { Self(logarithm: $0, offset: $1, scale: $2, missing: $3) }, \.logarithm, \.offset, \.scale,
    \.missing)
}

extension NumberCurve: ByteRecord {
  package static let fields: some FieldList<Self> = Fields(
    Self.init, \.inputs, \.outputs, \.isClamped)
}

extension SequenceLayout: ByteRecord {
  package static let fields: some FieldList<Self> = Fields(
    Self.init, \.separator, \.maxLength, \.keep, \.weighted, \.weightsColumn, \.brackets)
}

extension VectorLayout: ByteRecord {
  package static let fields: some FieldList<Self> = Fields(
    Self.init, \.separator, \.dim, \.brackets)
}

extension SequenceLayout.Keep: ByteCode {
  package static let codes: [(UInt8, Self)] = [
    (0, .first), (1, .last),
  ]
}

extension LabelSchema: ByteRecord {
  package static let fields: some FieldList<Self> = Fields(
    Self.init, \.task, \.column, \.kind, \.weightColumn, \.space)
}

extension SampleSpace: ByteRecord {
  package static let fields: some FieldList<Self> = Fields(
    Self.init, \.column, \.values, \.outsideWeight)
}

extension LabelSchema.Kind: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    switch self {
    case .positives(let value): writer.put(case: 0, value)
    case .binary: writer.put(case: 1)
    case .number: writer.put(case: 2)
    case .classes(let value): writer.put(case: 3, value)
    case .soft: writer.put(case: 4)
    }
  }
  package init(from reader: inout ByteReader) throws {
    switch try reader.byte() {
    case 0: self = .positives(try reader.get())
    case 1: self = .binary
    case 2: self = .number
    case 3: self = .classes(try reader.get())
    case 4: self = .soft
    case let code: throw reader.damaged("a label of unknown kind \(code)")
    }
  }
}
