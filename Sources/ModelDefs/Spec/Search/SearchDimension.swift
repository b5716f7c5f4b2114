import Schema

/// A key of a spec with the values that `mtlc tune` tries.
package struct SearchDimension: Sendable {
  package enum Values: Sendable {
    /// Any of these, each as likely; null leaves the key away.
    case choices([SpecValue])
    /// Numbers, each as likely.
    case uniform(ClosedRange<Double>)
    /// Positive numbers whose logarithms are each as likely.
    case logarithmic(ClosedRange<Double>)
    /// Whole numbers, each as likely.
    case integers(ClosedRange<Int>)
  }

  package let path: SpecPath
  package let values: Values
  /// Where the values stand in the spec.
  package let location: SpecLocation

  package init(_ path: SpecPath, _ values: Values, at location: SpecLocation = .file) {
    self.path = path
    self.values = values
    self.location = location
  }

  /// The value at a share of the way from the first to the last, 0 ≤ share < 1. Numbers are rounded to
  /// six digits.
  package func value(at share: Double) -> SpecValue {
    func place(_ count: Int) -> Int { min(Int(share * Double(count)), count - 1) }
    func number(_ number: Double, in range: ClosedRange<Double>) -> SpecValue {
      let rounded = Double(Format.plain(number)) ?? number
      return SpecValue(
        .number(min(max(rounded, range.lowerBound), range.upperBound)), at: location)
    }
    switch values {
    case .choices(let choices):
      var choice = choices[place(choices.count)]
      choice.location = location
      return choice
    case .uniform(let range):
      return number(range.lowerBound + share * (range.upperBound - range.lowerBound), in: range)
    case .logarithmic(let range):
      let (low, high) = (log(range.lowerBound), log(range.upperBound))
      return number(exp(low + share * (high - low)), in: range)
    case .integers(let range):
      return SpecValue(
        .integer(range.lowerBound + place(range.upperBound - range.lowerBound + 1)), at: location)
    }
  }

  /// The values that tell whether all are possible: the ends of a range, and each choice.
  var extremes: [SpecValue] {
    switch values {
    case .choices(let choices): choices.map { SpecValue($0.content, at: location) }
    case .uniform(let range), .logarithmic(let range):
      [range.lowerBound, range.upperBound].map { SpecValue(.number($0), at: location) }
    case .integers(let range):
      [range.lowerBound, range.upperBound].map { SpecValue(.integer($0), at: location) }
    }
  }

  /// The dimension as canonical JSON, for comparing searches.
  package var json: String {
    let text =
      switch values {
      case .choices(let choices): "[\(choices.map(\.json).joined(separator: ","))]"
      case .uniform(let range): "{uniform:[\(range.lowerBound),\(range.upperBound)]}"
      case .logarithmic(let range): "{log:[\(range.lowerBound),\(range.upperBound)]}"
      case .integers(let range): "{int:[\(range.lowerBound),\(range.upperBound)]}"
      }
    return "\("\(path)".quotedAsJSON):\(text)"
  }
}
