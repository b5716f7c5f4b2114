import Schema

extension Instruction: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    switch self {
    case .matmul(let value):
      writer.byte(0)
      writer.put(value)
    case .elementwise(let value):
      writer.byte(1)
      writer.put(value)
    case .reduce(let value):
      writer.byte(2)
      writer.put(value)
    case .softmax(let value):
      writer.byte(3)
      writer.put(value)
    case .gather(let value):
      writer.byte(4)
      writer.put(value)
    case .scatterAdd(let value):
      writer.byte(5)
      writer.put(value)
    case .oneHot(let value):
      writer.byte(6)
      writer.put(value)
    case .oneHotLinear(let value):
      writer.byte(7)
      writer.put(value)
    case .oneHotGradient(let value):
      writer.byte(8)
      writer.put(value)
    case .mixture(let value):
      writer.byte(9)
      writer.put(value)
    case .mixtureGradient(let value):
      writer.byte(10)
      writer.put(value)
    case .random(let value):
      writer.byte(11)
      writer.put(value)
    case .fill(let value, let value1):
      writer.byte(12)
      writer.put(value)
      writer.put(value1)
    case .batchSize(let value):
      writer.byte(13)
      writer.put(value)
    case .optimizer(let value):
      writer.byte(14)
      writer.put(value)
    case .convolution(let value):
      writer.byte(15)
      writer.put(value)
    case .pool(let value):
      writer.byte(16)
      writer.put(value)
    case .sparseUpdate(let value):
      writer.byte(17)
      writer.put(value)
    }
  }
  package init(from reader: inout ByteReader) throws {
    switch try reader.byte() {
    case 0: self = .matmul(try reader.get())
    case 1: self = .elementwise(try reader.get())
    case 2: self = .reduce(try reader.get())
    case 3: self = .softmax(try reader.get())
    case 4: self = .gather(try reader.get())
    case 5: self = .scatterAdd(try reader.get())
    case 6: self = .oneHot(try reader.get())
    case 7: self = .oneHotLinear(try reader.get())
    case 8: self = .oneHotGradient(try reader.get())
    case 9: self = .mixture(try reader.get())
    case 10: self = .mixtureGradient(try reader.get())
    case 11: self = .random(try reader.get())
    case 12: self = .fill(try reader.get(), try reader.get())
    case 13: self = .batchSize(try reader.get())
    case 14: self = .optimizer(try reader.get())
    case 15: self = .convolution(try reader.get())
    case 16: self = .pool(try reader.get())
    case 17: self = .sparseUpdate(try reader.get())
    case let code: throw reader.damaged("an instruction of unknown kind \(code)")
    }
  }
}

extension MatmulInstruction: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(a)
    writer.put(b)
    writer.put(c)
    writer.put(groups)
    writer.put(transposeA)
    writer.put(transposeB)
    writer.put(accumulate)
    writer.put(bias)
    writer.put(activation)
    writer.put(gradientOf)
    writer.put(y)
    writer.put(activationColumns)
    writer.put(columnSums)
    writer.put(update)
    writer.put(columnUpdate)
  }
  package init(from reader: inout ByteReader) throws {
    self.init(
      a: try reader.get(),
      b: try reader.get(),
      c: try reader.get(),
      groups: try reader.get(),
      transposeA: try reader.get(),
      transposeB: try reader.get(),
      accumulate: try reader.get(),
      bias: try reader.get(),
      activation: try reader.get(),
      gradientOf: try reader.get(),
      y: try reader.get(),
      activationColumns: try reader.get(),
      columnSums: try reader.get(),
      update: try reader.get(),
      columnUpdate: try reader.get())
  }
}

extension MatmulInstruction.Activation: ByteCode {
  package static let codes: [(UInt8, Self)] = [
    (1, .relu), (2, .sigmoid), (3, .tanh),
  ]
}

extension MatmulInstruction.FusedUpdate: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(parameter)
    writer.put(l2)
  }
  package init(from reader: inout ByteReader) throws {
    self.init(
      parameter: try reader.get(),
      l2: try reader.get())
  }
}

extension ReduceInstruction: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(kind)
    writer.put(input)
    writer.put(reduced)
    writer.put(output)
    writer.put(scale)
  }
  package init(from reader: inout ByteReader) throws {
    self.init(
      kind: try reader.get(),
      input: try reader.get(),
      reduced: try reader.get(),
      output: try reader.get(),
      scale: try reader.get())
  }
}

extension ReduceInstruction.Kind: ByteCode {
  package static let codes: [(UInt8, Self)] = [
    (0, .sum), (1, .max), (2, .min),
  ]
}

extension SoftmaxInstruction: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(input)
    writer.put(cotangent)
    writer.put(output)
  }
  package init(from reader: inout ByteReader) throws {
    self.init(
      input: try reader.get(),
      cotangent: try reader.get(),
      output: try reader.get())
  }
}

extension RandomInstruction: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(output)
    writer.put(stream)
  }
  package init(from reader: inout ByteReader) throws {
    self.init(
      output: try reader.get(),
      stream: try reader.get())
  }
}

extension OptimizerInstruction: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(segments)
    writer.put(maximumNorm)
  }
  package init(from reader: inout ByteReader) throws {
    self.init(
      segments: try reader.get(),
      maximumNorm: try reader.get())
  }
}

extension OptimizerInstruction.Segment: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(offset)
    writer.put(count)
    writer.put(l2)
    writer.put(clearsGradient)
  }
  package init(from reader: inout ByteReader) throws {
    self.init(
      offset: try reader.get(),
      count: try reader.get(),
      l2: try reader.get(),
      clearsGradient: try reader.get())
  }
}

extension ElementwiseInstruction: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(extents)
    writer.put(operands)
    writer.put(steps)
  }
  package init(from reader: inout ByteReader) throws {
    self.init(
      extents: try reader.get(),
      operands: try reader.get(),
      steps: try reader.get())
  }
}

extension ElementwiseInstruction.Step: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(operation)
    writer.put(destination)
    writer.put(a)
    writer.put(b)
    writer.put(c)
    writer.put(immediate)
  }
  package init(from reader: inout ByteReader) throws {
    self.init(
      try reader.get(),
      destination: try reader.get(),
      a: try reader.get(),
      b: try reader.get(),
      c: try reader.get(),
      immediate: try reader.get())
  }
}

extension ElementwiseInstruction.Operation: ByteCodable {
  /// The raw values are part of the format: an operation may be added at the end only.
  package func encode(to writer: inout ByteWriter) { writer.byte(rawValue) }
  package init(from reader: inout ByteReader) throws {
    let code = try reader.byte()
    guard let operation = Self(rawValue: code) else {
      throw reader.damaged("an elementwise operation of unknown kind \(code)")
    }
    self = operation
  }
}
