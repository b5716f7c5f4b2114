import Schema

extension InitialValues: ByteRecord {
  package static let fields: some FieldList<Self> = Fields(
    Self.init, \.rows, \.step, \.checksum, \.areKept)
}

extension InitialValues.Rows: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(parameter)
    writer.put(ranges)
    writer.floats(values)
    writer.varint(UInt64(states.count))
    for state in states { writer.floats(state) }
  }

  package init(from reader: inout ByteReader) throws {
    let (name, ranges) = (try reader.text(), try reader.get([Range<Int>].self))
    let values = try reader.floats()
    let count = try reader.count(ofSize: 1)
    self.init(
      parameter: name, ranges: ranges, values: values,
      states: try (0..<count).map { _ in try reader.floats() })
  }
}
