/// A rising, piecewise linear function of a number, through points that were learned from training rows.
public struct NumberCurve: Sendable, Hashable {
  /// The points: inputs rise strictly, and so do outputs. One point is a constant.
  public var inputs: [Double]
  public var outputs: [Double]
  /// Whether a number beyond the ends has the value of the end; the lines at the ends go on otherwise.
  public var isClamped: Bool

  public init(inputs: [Double], outputs: [Double], isClamped: Bool) {
    self.inputs = inputs
    self.outputs = outputs
    self.isClamped = isClamped
  }

  /// The value at x; 0 without points.
  public func value(_ x: Double) -> Double {
    guard inputs.count > 1, outputs.count >= inputs.count else { return outputs.first ?? 0 }
    // The last segment that begins at x or before; the first one for what lies before it.
    var (low, high) = (0, inputs.count - 1)
    while low + 1 < high {
      let middle = (low + high) / 2
      if inputs[middle] <= x { low = middle } else { high = middle }
    }
    let (start, end) = (inputs[low], inputs[high])
    // The halves of numbers that lie too far apart.
    let width = end - start
    var share = width.isFinite ? (x - start) / width : (x / 2 - start / 2) / (end / 2 - start / 2)
    if isClamped { share = min(max(share, 0), 1) }
    return outputs[low] + share * (outputs[high] - outputs[low])
  }

  /// The function that undoes this one.
  var inverse: NumberCurve {
    NumberCurve(inputs: outputs, outputs: inputs, isClamped: isClamped)
  }

  /// How many bins the points are the edges of, where an output counts bins; nil for another curve.
  public var bins: Int? { isClamped ? nil : max(1, inputs.count - 1) }
}
