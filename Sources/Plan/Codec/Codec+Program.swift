import Schema
import TensorTypes

extension Program: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(kind)
    writer.put(batchCapacity)
    writer.put(buffers)
    writer.put(arenaFloats)
    writer.put(instructions)
    writer.put(levels)
    writer.put(threads)
    writer.put(feeds)
    writer.put(fetches)
  }
  package init(from reader: inout ByteReader) throws {
    self.init(
      kind: try reader.get(),
      batchCapacity: try reader.get(),
      buffers: try reader.get(),
      arenaFloats: try reader.get(),
      instructions: try reader.get(),
      levels: try reader.get(),
      threads: try reader.get(),
      feeds: try reader.get(),
      fetches: try reader.get())
  }
}

extension Program.Kind: ByteCode {
  package static let codes: [(UInt8, Self)] = [
    (0, .train), (1, .predict), (2, .gradients),
  ]
}

extension FeedRecord: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(name)
    writer.put(buffer)
    writer.put(width)
  }
  package init(from reader: inout ByteReader) throws {
    self.init(
      name: try reader.get(),
      buffer: try reader.get(),
      width: try reader.get())
  }
}

extension FetchRecord: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(name)
    writer.put(view)
  }
  package init(from reader: inout ByteReader) throws {
    self.init(
      name: try reader.get(),
      view: try reader.get())
  }
}

extension BufferID: ByteCodable {
  package func encode(to writer: inout ByteWriter) { writer.put(index) }
  package init(from reader: inout ByteReader) throws { self.init(try reader.get(Int.self)) }
}

extension Buffer: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(space)
    writer.put(offset)
    writer.put(count)
    writer.put(dtype)
    writer.put(lifetime)
    writer.put(label)
  }
  package init(from reader: inout ByteReader) throws {
    self.init(
      space: try reader.get(),
      offset: try reader.get(),
      count: try reader.get(),
      dtype: try reader.get(),
      lifetime: try reader.get(),
      label: try reader.get())
  }
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
    case .fixed(let value):
      writer.byte(0)
      writer.put(value)
    case .batch(let times):
      writer.byte(1)
      writer.put(times)
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

extension View: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(buffer)
    writer.put(offset)
    writer.put(extents)
    writer.put(strides)
  }
  package init(from reader: inout ByteReader) throws {
    self.init(
      buffer: try reader.get(),
      offset: try reader.get(),
      extents: try reader.get(),
      strides: try reader.get())
  }
}
