import Schema
import TensorTypes

extension TaskRecord: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(name)
    writer.put(kind)
    writer.put(output)
    writer.put(labelColumn)
    writer.put(conditionColumn)
  }
  package init(from reader: inout ByteReader) throws {
    self.init(
      name: try reader.get(),
      kind: try reader.get(),
      output: try reader.get(),
      labelColumn: try reader.get(),
      conditionColumn: try reader.get())
  }
}

extension TaskKind: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    switch self {
    case .binary: writer.byte(0)
    case .regression: writer.byte(1)
    case .multiclass(let classes):
      writer.byte(2)
      writer.put(classes)
    }
  }
  package init(from reader: inout ByteReader) throws {
    switch try reader.byte() {
    case 0: self = .binary
    case 1: self = .regression
    case 2: self = .multiclass(classes: try reader.get())
    case let code: throw reader.damaged("a task of unknown kind \(code)")
    }
  }
}

extension ParameterRecord: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(name)
    writer.put(shape)
    writer.put(offset)
    writer.put(rows)
    writer.put(columns)
    writer.put(rowStride)
    writer.put(initializer)
    writer.put(isTrainable)
    writer.put(l2)
  }
  package init(from reader: inout ByteReader) throws {
    self.init(
      name: try reader.get(),
      shape: try reader.get(),
      offset: try reader.get(),
      rows: try reader.get(),
      columns: try reader.get(),
      rowStride: try reader.get(),
      initializer: try reader.get(),
      isTrainable: try reader.get(),
      l2: try reader.get())
  }
}

extension Initializer: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    switch self {
    case .constant(let value):
      writer.byte(0)
      writer.put(value)
    case .normal(let value):
      writer.byte(1)
      writer.put(value)
    case .uniform(let value):
      writer.byte(2)
      writer.put(value)
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
