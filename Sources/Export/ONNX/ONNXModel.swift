/// An ONNX model: what `ModelProto` of onnx.proto holds of it, as far as the export makes use of it.
package struct ONNXModel {
  /// The program that wrote it.
  var producer: String
  var documentation: String
  /// Names and values that readers show.
  var metadata: [(key: String, value: String)]
  var graph: ONNXGraph

  package init(
    producer: String, documentation: String, metadata: [(key: String, value: String)] = [],
    graph: ONNXGraph
  ) {
    self.producer = producer
    self.documentation = documentation
    self.metadata = metadata
    self.graph = graph
  }

  /// The version of the file format that goes with opset 17 (ONNX 1.12).
  static let formatVersion: Int64 = 8
  /// The versions of the operators: of the standard ones, and of those of classical machine learning,
  /// where `LabelEncoder` is. The second is only imported where it is used.
  static let operators: Int64 = 17
  static let learningOperators: Int64 = 3
}

/// Nodes in an order in which every value is computed before it is read, and what goes in and out.
package struct ONNXGraph {
  var name: String
  var documentation = ""
  var nodes: [ONNXNode] = []
  var initializers: [ONNXTensor] = []
  var inputs: [ONNXValue] = []
  var outputs: [ONNXValue] = []

  var usesLearningOperators: Bool { nodes.contains { $0.domain == ONNXNode.learning } }
}

/// An operator and the names of the values that it reads and writes.
struct ONNXNode {
  /// The domain of `LabelEncoder`.
  static let learning = "ai.onnx.ml"

  var name: String
  var operation: String
  /// Empty for the standard operators.
  var domain = ""
  var inputs: [String]
  var outputs: [String]
  var attributes: [(name: String, value: ONNXAttribute)] = []

  /// About the bytes of its attributes, at most.
  var byteCount: Int {
    attributes.reduce(0) { sum, attribute in
      switch attribute.value {
      case .integer: sum
      case .integers(let values): sum + 6 * values.count
      case .texts(let texts): texts.reduce(sum) { $0 + 6 + $1.utf8.count }
      }
    }
  }
}

/// The value of an attribute.
enum ONNXAttribute: Hashable {
  case integer(Int)
  case integers([Int])
  case texts([String])
}

/// The types of elements, by their numbers in `TensorProto.DataType`.
package enum ONNXElement: Int64, CaseIterable {
  case float = 1
  case int64 = 7
  case text = 8
  case bool = 9
  case double = 11
}

/// A name with its type, of an input or an output.
package struct ONNXValue: Hashable {
  package enum Dimension: Hashable {
    case fixed(Int)
    /// The number of rows.
    case batch
  }

  var name: String
  var element: ONNXElement
  var shape: [Dimension]
  var documentation: String
}

/// A tensor that the model holds.
struct ONNXTensor {
  enum Contents {
    case floats([Float])
    case doubles([Double])
    case integers([Int64])
  }

  var name: String
  var shape: [Int]
  var contents: Contents

  var element: ONNXElement {
    switch contents {
    case .floats: .float
    case .doubles: .double
    case .integers: .int64
    }
  }

  /// The bytes of its elements.
  var byteCount: Int {
    switch contents {
    case .floats(let values): 4 * values.count
    case .doubles(let values): 8 * values.count
    case .integers(let values): 8 * values.count
    }
  }

  /// The elements, row-major and little-endian.
  var bytes: [UInt8] {
    switch contents {
    case .floats(let values): Self.bytes(values) { $0.bitPattern }
    case .doubles(let values): Self.bytes(values) { $0.bitPattern }
    case .integers(let values): Self.bytes(values) { $0 }
    }
  }

  private static func bytes<Element, Word: FixedWidthInteger>(
    _ values: [Element], _ word: (Element) -> Word
  ) -> [UInt8] {
    #if _endian(little)
      return values.withUnsafeBytes { Array($0) }
    #else
      return values.flatMap { value in withUnsafeBytes(of: word(value).littleEndian) { Array($0) } }
    #endif
  }
}
