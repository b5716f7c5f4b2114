import Schema
import TensorTypes

extension Program: ByteRecord {
  package static let fields: some FieldList<Self> = Fields(
    Self.init, \.kind, \.batchCapacity, \.buffers, \.arenaFloats, \.instructions, \.levels,
    \.feeds, \.fetches)
}

extension Program.Kind: ByteCode {
  package static let codes: [(UInt8, Self)] = [
    (0, .train), (1, .predict), (2, .gradients),
  ]
}

extension FeedRecord: ByteRecord {
  package static let fields: some FieldList<Self> = Fields(Self.init, \.name, \.buffer, \.width)
}

extension FetchRecord: ByteRecord {
  package static let fields: some FieldList<Self> = Fields(Self.init, \.name, \.view)
}

extension BufferID: ByteRecord {
  package static let fields: some FieldList<Self> = Fields(Self.init, \.index)
}

extension Buffer: ByteRecord {
  package static let fields: some FieldList<Self> = Fields(
    Self.init, \.space, \.offset, \.count, \.dtype, \.lifetime, \.label)
}

extension Buffer.Space: ByteCode {
  package static let codes: [(UInt8, Self)] = [
    (0, .arena), (1, .feeds), (2, .parameters), (3, .gradients),
  ]
}

extension DType: ByteCode {
  package static let codes: [(UInt8, Self)] = [
    (0, .f32), (1, .i32), (2, .bool),
  ]
}

extension Extent: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    switch self {
    case .fixed(let value): writer.put(case: 0, value)
    case .batch(let times): writer.put(case: 1, times)
    }
  }
  package init(from reader: inout ByteReader) throws {
    switch try reader.byte() {
    case 0: self = .fixed(try reader.get())
    case 1: self = .batch(times: try reader.get())
    case let code: throw reader.damaged("an extent of unknown kind \(code)")
    }
  }
}

extension View: ByteRecord {
  package static let fields: some FieldList<Self> = Fields(
    Self.init, \.buffer, \.offset, \.extents, \.strides)
}
