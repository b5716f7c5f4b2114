/// What a key of `search` may be given instead of a list of values.
enum SearchKeys {
  static let log = SpecKey<ClosedRange<Double>>.numberRange(
    "log", .positive, "Numbers between the two whose logarithms are each as likely.")
  static let uniform = SpecKey<ClosedRange<Double>>.numberRange(
    "uniform", .any, "Numbers between the two, each as likely.")
  static let int = SpecKey<ClosedRange<Int>>(
    "int", type: "list of two whole numbers", default: nil,
    "Whole numbers from the first to the last, each as likely.", fallback: 0...0
  ) { node in
    // Beyond 2⁵³ not every whole number is a number of JSON.
    let most = 1 << 53
    let pair = pair(node) { $0.integer(in: -most...most) }
    return pair.map { $0.0...$0.1 }
  }

  static let section = SpecSection(
    "search.<key>",
    "The values of a key that `mtlc tune` tries: a list of them, or an object with one of these. The key"
      + " is a path such as `training.optimizer.learning_rate`, `model.type` or"
      + " `features[0].embedding_dim`; keys that do not go with a model type that was drawn are left away.",
    keys: [log, uniform, int])

  /// Two values in rising order.
  fileprivate static func pair<Value: Comparable>(
    _ node: SpecNode, _ decode: (SpecNode) -> Value?
  ) -> (Value, Value)? {
    guard let elements = node.value.elements, elements.count == 2 else {
      return node.mismatch("a list of two numbers")
    }
    guard let low = decode(node.child(0, elements[0])),
      let high = decode(node.child(1, elements[1]))
    else { return nil }
    guard low < high else {
      node.report("the first number must be less than the second")
      return nil
    }
    return (low, high)
  }
}

extension SpecKey where Value == ClosedRange<Double> {
  fileprivate static func numberRange(
    _ name: String, _ bounds: NumberBounds, _ documentation: String
  ) -> Self {
    SpecKey(
      name, type: "list of two numbers, each \(bounds.description)", default: nil, documentation,
      fallback: 0...0
    ) { node in
      guard let (low, high) = SearchKeys.pair(node, { $0.number(bounds) }) else { return nil }
      guard (high - low).isFinite else { return node.mismatch("two numbers less far apart") }
      return low...high
    }
  }
}
