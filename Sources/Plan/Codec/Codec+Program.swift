import Schema
import TensorTypes

extension Program: ByteRecord {
  package static let fields: some FieldList<Self> = Fields(
    Self.init, \.kind, \.batchCapacity, \.buffers, \.arenaFloats, \.instructions, \.levels,
    \.feeds, \.fetches)
}

extension Program.Kind: ByteCode {
  package static let codes: [(UInt8, Self)] = [
    (0, .train), (1, .predict), (2, .gradients), (3, .update),
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
    case 0: self = .fixed(try Int(from: &reader))
    case 1: self = .batch(times: try Int(from: &reader))
    case let code: throw reader.damaged("an extent of unknown kind \(code)")
    }
  }
}

// Written out, since a plan has thousands of them and lists of fields are an order of magnitude slower.
extension View: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    buffer.index.encode(to: &writer)
    offset.encode(to: &writer)
    writer.varint(UInt64(extents.count))
    for extent in extents { extent.encode(to: &writer) }
    writer.varint(UInt64(strides.count))
    for stride in strides { stride.encode(to: &writer) }
  }
  package init(from reader: inout ByteReader) throws {
    let buffer = BufferID(try Int(from: &reader))
    let offset = try Int(from: &reader)
    // Every element takes a byte at least, so the count is bounded by the bytes there are.
    var extents: [Extent] = []
    let rank = try reader.count(ofSize: 1)
    extents.reserveCapacity(min(rank, 8))
    for _ in 0..<rank { extents.append(try Extent(from: &reader)) }
    var strides: [Int] = []
    let count = try reader.count(ofSize: 1)
    strides.reserveCapacity(min(count, 8))
    for _ in 0..<count { strides.append(try Int(from: &reader)) }
    self.init(buffer: buffer, offset: offset, extents: extents, strides: strides)
  }
}
