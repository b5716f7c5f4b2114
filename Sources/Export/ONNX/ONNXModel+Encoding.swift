import Schema

// The fields of onnx.proto by their numbers.

extension ONNXModel {
  /// The most bytes of a file: messages of protocol buffers are below 2 GiB.
  package static let largestFile = Int(Int32.max) - (1 << 24)
  /// Tensors of at least this many bytes go into the file beside a model that is too large.
  private static let smallestExternal = 1024
  /// Where a tensor begins in that file, so that it can be mapped.
  private static let alignment = 4096

  /// The files of a model.
  package struct Files {
    /// The model.
    package var model: [UInt8]
    /// What its tensors refer to under the name that was given; nil where the model holds all of them.
    package var tensors: [UInt8]?
  }

  /// - Parameters:
  ///   - tensorFile: The name of the file for tensors, beside the model's.
  ///   - limit: The bytes that the model itself may have.
  /// - Throws: `ExportError` for a model that does not fit even without its tensors.
  package func files(tensorFile: String, limit: Int = largestFile) throws(ExportError) -> Files {
    let texts = graph.nodes.reduce(0) { $0 + $1.byteCount }
    guard texts <= limit else {
      throw ExportError(
        "the vocabularies take \(texts) bytes, and an ONNX file has less than 2 GB",
        hint: "export with --inputs encoded")
    }
    let total = graph.initializers.reduce(texts) { $0 + $1.byteCount }
    guard total > limit else { return Files(model: encoded(External()), tensors: nil) }
    var external = External()
    external.file = tensorFile
    var bytes: [UInt8] = []
    for tensor in graph.initializers where tensor.byteCount >= Self.smallestExternal {
      let gap = (Self.alignment - bytes.count % Self.alignment) % Self.alignment
      bytes.append(contentsOf: repeatElement(0, count: gap))
      external.places[tensor.name] = bytes.count
      bytes += tensor.bytes
    }
    return Files(model: encoded(external), tensors: bytes)
  }

  /// Where tensors are that the model does not hold itself.
  private struct External {
    var file = ""
    /// The first byte of a tensor, by its name.
    var places: [String: Int] = [:]
  }

  private func encoded(_ external: External) -> [UInt8] {
    var writer = ProtobufWriter()
    writer.integer(1, Self.formatVersion)
    writer.text(2, producer)
    writer.text(6, documentation)
    writer.message(7) { encode(graph, external, to: &$0) }
    writer.message(8) { $0.integer(2, Self.operators) }
    if graph.usesLearningOperators {
      writer.message(8) {
        $0.text(1, ONNXNode.learning)
        $0.integer(2, Self.learningOperators)
      }
    }
    for (key, value) in metadata { writer.message(14) { Self.encode(key, value, to: &$0) } }
    return writer.bytes
  }

  /// A `StringStringEntryProto`.
  private static func encode(_ key: String, _ value: String, to writer: inout ProtobufWriter) {
    writer.text(1, key)
    writer.text(2, value)
  }

  private func encode(_ graph: ONNXGraph, _ external: External, to writer: inout ProtobufWriter) {
    for node in graph.nodes { writer.message(1) { node.encode(to: &$0) } }
    writer.text(2, graph.name)
    for tensor in graph.initializers {
      writer.message(5) { writer in
        for size in tensor.shape { writer.integer(1, Int64(size)) }
        writer.integer(2, tensor.element.rawValue)
        writer.text(8, tensor.name)
        guard let place = external.places[tensor.name] else {
          writer.data(9, tensor.bytes)
          return
        }
        writer.message(13) { Self.encode("location", external.file, to: &$0) }
        writer.message(13) { Self.encode("offset", "\(place)", to: &$0) }
        writer.message(13) { Self.encode("length", "\(tensor.byteCount)", to: &$0) }
        writer.integer(14, 1)
      }
    }
    writer.text(10, graph.documentation)
    for value in graph.inputs { writer.message(11) { value.encode(to: &$0) } }
    for value in graph.outputs { writer.message(12) { value.encode(to: &$0) } }
  }
}

extension ONNXNode {
  fileprivate func encode(to writer: inout ProtobufWriter) {
    for input in inputs { writer.element(1, input) }
    for output in outputs { writer.element(2, output) }
    writer.text(3, name)
    writer.text(4, operation)
    for (name, value) in attributes {
      writer.message(5) { writer in
        writer.text(1, name)
        switch value {
        case .integer(let number):
          writer.integer(3, Int64(number))
          writer.integer(20, 2)
        case .integers(let numbers):
          for number in numbers { writer.integer(8, Int64(number)) }
          writer.integer(20, 7)
        case .texts(let texts):
          for text in texts { writer.element(9, text) }
          writer.integer(20, 8)
        }
      }
    }
    writer.text(7, domain)
  }
}

extension ONNXValue {
  fileprivate func encode(to writer: inout ProtobufWriter) {
    writer.text(1, name)
    writer.message(2) { type in
      type.message(1) { tensor in
        tensor.integer(1, element.rawValue)
        tensor.message(2) { shape in
          for dimension in self.shape {
            shape.message(1) { writer in
              switch dimension {
              case .fixed(let size): writer.integer(1, Int64(size))
              case .batch: writer.text(2, "batch")
              }
            }
          }
        }
      }
    }
    writer.text(3, documentation)
  }
}
