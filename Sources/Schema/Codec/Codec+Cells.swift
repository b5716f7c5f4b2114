// How cells are read, as bytes.

extension CellReading: ByteRecord {
  package static let fields: some FieldList<Self> = Fields(
    Self.init, \.missing, \.numbers, \.time)
}

extension NumberMarks: ByteRecord {
  package static let fields: some FieldList<Self> = Fields(Self.init, \.decimal, \.thousands)
}

extension TimeReading: ByteRecord {
  package static let fields: some FieldList<Self> = Fields(
    Self.init, \.part, \.format, \.utcOffset)
}

extension TimePart: ByteCode {
  package static let codes: [(UInt8, Self)] = [
    (0, .year), (1, .month), (2, .day), (3, .week), (4, .weekday), (5, .weekend), (6, .hour),
    (7, .minute), (8, .days),
  ]
}

extension TimeFormat: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    switch self {
    case .iso: writer.put(case: 0)
    case .seconds: writer.put(case: 1)
    case .milliseconds: writer.put(case: 2)
    case .pattern(let text): writer.put(case: 3, text)
    }
  }
  package init(from reader: inout ByteReader) throws {
    switch try reader.byte() {
    case 0: self = .iso
    case 1: self = .seconds
    case 2: self = .milliseconds
    case 3: self = .pattern(try reader.get())
    case let code: throw reader.damaged("a format of times of unknown kind \(code)")
    }
  }
}
