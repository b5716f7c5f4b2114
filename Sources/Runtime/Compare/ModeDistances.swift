import Schema

/// How far both modes come from the reference in double precision, tensor by tensor over the steps.
package struct ModeDistances {
  package typealias Entry = ComparisonReport.Entry

  /// What a tensor holds after the same step.
  package struct Values {
    var reference: [Double]
    /// The reference with rounding added, a draw each.
    var perturbed: [[Double]]
    var eager: [Float]
    var compiled: [Float]
    /// How far from the reference each element may be anyway; nil for not at all.
    var band: [Double]?

    package init(
      reference: [Double], perturbed: [[Double]], eager: [Float], compiled: [Float],
      band: [Double]? = nil
    ) {
      (self.reference, self.perturbed) = (reference, perturbed)
      (self.eager, self.compiled, self.band) = (eager, compiled, band)
    }
  }

  /// The bound is this many times as far as the reference moved with its roundings.
  static let allowance = 16.0
  /// Roundings are drawn once, and up to so many times in a step in which a tensor lies beyond its bound:
  /// those of one draw may happen to cancel in a tensor of few elements. Where distances are as those of
  /// a normal distribution, one draw is 16 times too small for one element in 25, and all of them are for
  /// none.
  static let mostDraws = 16

  private struct Tensor {
    var kind: Entry.Kind
    var name: String
    var eager = 0.0
    var compiled = 0.0
    var perturbed = 0.0
    /// The largest magnitude that the reference has, or may have within its band.
    var scale = 0.0
    var step = 1
  }

  private var tensors: [Tensor] = []
  private var places: [String: Int] = [:]

  package init() {}

  package mutating func note(_ kind: Entry.Kind, _ name: String, _ values: Values, step: Int) {
    let key = "\(kind.rawValue) \(name)"
    let place = places[key] ?? tensors.count
    if place == tensors.count {
      places[key] = place
      tensors.append(Tensor(kind: kind, name: name))
    }
    let reference = values.reference
    // What lies elsewhere in its band has the rounding of a number as large as that.
    let band = values.band.flatMap { $0.count == reference.count ? $0 : nil }
    for (k, value) in reference.enumerated() {
      tensors[place].scale = max(tensors[place].scale, abs(value) + (band?[k] ?? 0))
    }
    let eager = Self.distance(values.eager, reference, values.band)
    let compiled = Self.distance(values.compiled, reference, values.band)
    if max(eager, compiled) > max(tensors[place].eager, tensors[place].compiled) {
      tensors[place].step = step
    }
    tensors[place].eager = max(tensors[place].eager, eager)
    tensors[place].compiled = max(tensors[place].compiled, compiled)
    for perturbed in values.perturbed {
      tensors[place].perturbed = max(
        tensors[place].perturbed, Self.distance(perturbed, reference, values.band))
    }
  }

  /// Whether every tensor is within its bound so far. One that is stays so unless a later step has a
  /// distance beyond it: nothing that a bound is made of becomes less.
  func areWithin(longestSum: Int) -> Bool {
    entries(longestSum: longestSum).allSatisfy { $0.distance <= $0.bound }
  }

  /// max |a − b| beyond the band, infinite where the sizes differ or a number is not finite.
  static func distance<T: BinaryFloatingPoint>(
    _ a: [T], _ b: [Double], _ band: [Double]? = nil
  ) -> Double {
    guard a.count == b.count, band.map({ $0.count == a.count }) ?? true else { return .infinity }
    var largest = 0.0
    for k in a.indices {
      let gap = abs(Double(a[k]) - b[k])
      if !gap.isFinite { return .infinity }
      largest = max(largest, gap - (band?[k] ?? 0))
    }
    return largest
  }

  /// - Parameter longestSum: the most terms of a sum in a step.
  package func entries(longestSum: Int) -> [Entry] {
    let floor = RoundingPerturbation.unit * Double(longestSum).squareRoot()
    return tensors.map { tensor in
      func relative(_ distance: Double) -> Double {
        distance == 0 ? 0 : distance / max(tensor.scale, 1e-30)
      }
      // A reference that is not finite itself bounds nothing.
      let moved = tensor.perturbed.isFinite ? relative(tensor.perturbed) : 0
      return Entry(
        kind: tensor.kind, name: tensor.name, eager: relative(tensor.eager),
        compiled: relative(tensor.compiled), bound: Self.allowance * max(floor, moved),
        step: tensor.step)
    }
  }
}
