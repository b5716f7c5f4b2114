import Schema

extension ConvolutionInstruction: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(kind)
    writer.put(image)
    writer.put(filter)
    writer.put(result)
    writer.put(stride)
    writer.put(padding)
  }
  package init(from reader: inout ByteReader) throws {
    self.init(
      kind: try reader.get(),
      image: try reader.get(),
      filter: try reader.get(),
      result: try reader.get(),
      stride: try reader.get(),
      padding: try reader.get())
  }
}

extension ConvolutionInstruction.Kind: ByteCode {
  package static let codes: [(UInt8, Self)] = [
    (0, .forward), (1, .inputGradient), (2, .filterGradient),
  ]
}

extension PoolInstruction: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(kind)
    writer.put(image)
    writer.put(indices)
    writer.put(result)
    writer.put(window)
    writer.put(stride)
  }
  package init(from reader: inout ByteReader) throws {
    self.init(
      kind: try reader.get(),
      image: try reader.get(),
      indices: try reader.get(),
      result: try reader.get(),
      window: try reader.get(),
      stride: try reader.get())
  }
}

extension PoolInstruction.Kind: ByteCode {
  package static let codes: [(UInt8, Self)] = [
    (0, .largest), (1, .gather), (2, .scatter),
  ]
}
