import Schema
import TensorTypes

extension TaskRecord: ByteRecord {
  package static let fields: some FieldList<Self> = Fields(
    Self.init, \.name, \.kind, \.output, \.labelColumn, \.conditionColumn)
}

extension ParameterRecord: ByteRecord {
  package static let fields: some FieldList<Self> = Fields(
    Self.init, \.name, \.shape, \.offset, \.rows, \.columns, \.rowStride, \.initializer,
    \.isTrainable, \.l2)
}

extension Initializer: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    switch self {
    case .constant(let value): writer.put(case: 0, value)
    case .normal(let value): writer.put(case: 1, value)
    case .uniform(let value): writer.put(case: 2, value)
    }
  }
  package init(from reader: inout ByteReader) throws {
    switch try reader.byte() {
    case 0: self = .constant(try reader.get())
    case 1: self = .normal(try reader.get())
    case 2: self = .uniform(try reader.get())
    case let code: throw reader.damaged("an initializer of unknown kind \(code)")
    }
  }
}
