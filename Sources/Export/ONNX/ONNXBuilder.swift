/// Collects the parts of an ONNX graph under names that are unique in it.
package struct ONNXBuilder {
  package private(set) var graph: ONNXGraph
  /// What the names of nodes begin with: the layer that they belong to.
  var scope = ""
  private var taken: Set<String> = []
  /// The names of inputs, which nothing else gets.
  private let inputNames: Set<String>
  private var repeats: [String: Int] = [:]
  private var constants: [Constant: String] = [:]

  /// A tensor of few elements, which is written once.
  private struct Constant: Hashable {
    var element: ONNXElement
    var bits: [UInt64]
    var shape: [Int]
  }

  /// - Parameters:
  ///   - outputs: The names of the outputs, which nothing else may have.
  ///   - inputs: Names that inputs are to have where they can.
  package init(name: String, outputs: [String], inputs: [String]) {
    graph = ONNXGraph(name: name)
    taken = Set(outputs)
    inputNames = Set(inputs)
  }

  /// The name, or with a number behind it where it is taken.
  private mutating func unique(_ name: String, isInput: Bool = false) -> String {
    var candidate = name
    while candidate.isEmpty || !isInput && inputNames.contains(candidate)
      || !taken.insert(candidate).inserted
    {
      let number = (repeats[name] ?? 1) + 1
      repeats[name] = number
      candidate = "\(name).\(number)"
    }
    return candidate
  }

  /// Declares an input and returns its name.
  package mutating func input(
    _ name: String, _ element: ONNXElement, _ shape: [ONNXValue.Dimension],
    _ documentation: String
  ) -> String {
    let isFree = !name.isEmpty && !taken.contains(name)
    let name = unique(isFree ? name : "\(name).input", isInput: true)
    graph.inputs.append(
      ONNXValue(name: name, element: element, shape: shape, documentation: documentation))
    return name
  }

  /// Hands a value out under one of the reserved names.
  package mutating func output(
    _ name: String, _ value: String, _ shape: [ONNXValue.Dimension], _ documentation: String
  ) {
    graph.nodes.append(
      ONNXNode(name: name, operation: "Identity", inputs: [value], outputs: [name]))
    graph.outputs.append(
      ONNXValue(name: name, element: .float, shape: shape, documentation: documentation))
  }

  /// Adds a node and returns the name of its result.
  mutating func node(
    _ operation: String, _ inputs: [String], domain: String = "",
    _ attributes: [(name: String, value: ONNXAttribute)] = []
  ) -> String {
    let name = unique(scope.isEmpty ? operation : "\(scope).\(operation)")
    graph.nodes.append(
      ONNXNode(
        name: name, operation: operation, domain: domain, inputs: inputs, outputs: [name],
        attributes: attributes))
    return name
  }

  /// Adds a tensor under its own name and returns the name that it has got.
  mutating func tensor(_ name: String, _ shape: [Int], _ contents: ONNXTensor.Contents) -> String {
    let name = unique(name)
    graph.initializers.append(ONNXTensor(name: name, shape: shape, contents: contents))
    return name
  }

  // MARK: Constants

  /// f32 numbers; a scalar for no shape.
  mutating func floats(_ values: [Float], _ shape: [Int] = []) -> String {
    constant(.float, values.map { UInt64($0.bitPattern) }, shape, .floats(values))
  }

  mutating func doubles(_ values: [Double], _ shape: [Int] = []) -> String {
    constant(.double, values.map(\.bitPattern), shape, .doubles(values))
  }

  /// int64 numbers; a vector for no shape.
  mutating func integers(_ values: [Int], _ shape: [Int]? = nil) -> String {
    let values = values.map { Int64($0) }
    return constant(
      .int64, values.map { UInt64(bitPattern: $0) }, shape ?? [values.count], .integers(values))
  }

  private mutating func constant(
    _ element: ONNXElement, _ bits: [UInt64], _ shape: [Int], _ contents: ONNXTensor.Contents
  ) -> String {
    let key = Constant(element: element, bits: bits, shape: shape)
    if let name = constants[key] { return name }
    let name = tensor("constant", shape, contents)
    constants[key] = name
    return name
  }

  // MARK: Small compositions

  /// With a new axis of size 1 at this place.
  mutating func unsqueeze(_ value: String, axis: Int) -> String {
    node("Unsqueeze", [value, integers([axis])])
  }

  mutating func cast(_ value: String, to element: ONNXElement) -> String {
    node("Cast", [value], [("to", .integer(Int(element.rawValue)))])
  }

  /// The number of rows, int64[1]; of the first input.
  mutating func rowCount() -> String {
    let shape = node("Shape", [graph.inputs.first?.name ?? ""])
    return node("Slice", [shape, integers([0]), integers([1])])
  }
}
