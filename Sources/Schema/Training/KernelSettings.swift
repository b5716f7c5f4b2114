/// What the spec asks of kernels: a key of `training` that reaches a kernel is a field here. Specs,
/// plans and the linker hand it on as a whole.
public struct KernelSettings: Sendable, Hashable {
  /// For the products of the training program.
  public var matmulPrecision: MatmulPrecision

  public init(matmulPrecision: MatmulPrecision = .highest) {
    self.matmulPrecision = matmulPrecision
  }
}

/// Written with their names, so that one more does not change the format of plans.
extension KernelSettings: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.varint(1)
    writer.put("matmul_precision")
    writer.put(matmulPrecision.rawValue)
  }

  package init(from reader: inout ByteReader) throws {
    self.init()
    for _ in 0..<(try reader.count(ofSize: 2)) {
      let (name, value) = (try reader.get(String.self), try reader.get(String.self))
      switch name {
      case "matmul_precision":
        guard let choice = MatmulPrecision(rawValue: value) else {
          throw reader.damaged("a matmul precision \"\(value)\"")
        }
        matmulPrecision = choice
      default: throw reader.damaged("a setting of kernels \"\(name)\"")
      }
    }
  }
}
