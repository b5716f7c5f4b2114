/// The part of a model that a parameter belongs to, by its name: `experts.3` of
/// `experts.3.dense.0.kernel`.
enum PartName {
  /// Pieces of names that belong to a part and are none themselves.
  private static let layerNames: Set<String> = [
    "dense", "kernel", "bias", "output", "norm", "scale", "shift", "mean", "variance", "label",
    "deviation",
  ]

  /// The part, and the layer in it.
  static func split(_ parameter: String) -> (part: String, layer: String) {
    // A table's name is a feature's, which may hold points.
    if parameter.hasPrefix("embedding.") { return (parameter, "") }
    let pieces = parameter.split(separator: ".")
    let count =
      pieces.firstIndex { layerNames.contains(String($0)) }
      ?? max(1, pieces.count - 1)
    let part = pieces[..<max(1, count)].joined(separator: ".")
    let layer = pieces[max(1, count)...].filter { $0 != "kernel" && $0 != "dense" }
    return (part, layer.joined(separator: "."))
  }

  /// The name without its last piece: `experts` of `experts.3`.
  static func family(_ part: String) -> String {
    part.split(separator: ".").dropLast().joined(separator: ".")
  }
}
