import Schema

/// How far apart tensors come over the steps of a comparison.
struct TensorSpreads {
  typealias Entry = ComparisonReport.Entry

  /// Whether a difference counts by the largest magnitude of its own step; otherwise of all steps.
  let isByStep: Bool
  private var spreads: [Spread] = []
  private var places: [String: Int] = [:]

  init(isByStep: Bool) { self.isByStep = isByStep }

  /// Looks at a tensor's values in both modes.
  /// - Parameter step: From 1.
  mutating func note(_ kind: Entry.Kind, _ name: String, _ a: [Float], _ b: [Float], _ step: Int) {
    let key = "\(kind.rawValue) \(name)"
    let place = places[key] ?? spreads.count
    if place == spreads.count {
      places[key] = place
      spreads.append(Spread(kind: kind, name: name))
    }
    var seen = Spread(kind: kind, name: name)
    seen.add(a, b, step: step)
    if isByStep {
      if seen.entry.difference > spreads[place].entry.difference { spreads[place] = seen }
    } else {
      spreads[place].merge(seen)
    }
  }

  /// In the order in which the tensors were seen first.
  var entries: [Entry] { spreads.map(\.entry) }

  private struct Spread {
    let kind: Entry.Kind
    let name: String
    var distance = 0.0
    var scale = 0.0
    var step = 1
    /// Sizes that differ, or numbers that are not finite.
    var isBroken = false

    mutating func add(_ a: [Float], _ b: [Float], step: Int) {
      self.step = step
      isBroken = a.count != b.count
      for (x, y) in zip(a, b) {
        guard x.isFinite, y.isFinite else {
          isBroken = true
          return
        }
        scale = max(scale, Double(max(abs(x), abs(y))))
        distance = max(distance, abs(Double(x) - Double(y)))
      }
    }

    mutating func merge(_ other: Spread) {
      if isBroken { return }
      if other.isBroken || other.distance > distance { step = other.step }
      distance = max(distance, other.distance)
      scale = max(scale, other.scale)
      isBroken = other.isBroken
    }

    var entry: Entry {
      let difference = isBroken ? .infinity : distance == 0 ? 0 : distance / scale
      return Entry(kind: kind, name: name, difference: difference, step: step)
    }
  }
}
