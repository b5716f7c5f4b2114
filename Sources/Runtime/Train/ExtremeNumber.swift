import Schema

/// A number that training reads and that is far from 1: a value of the data, or a weight.
package struct ExtremeNumber: Sendable, Hashable, CustomStringConvertible {
  /// Numbers up to this are ordinary.
  static let ordinary: Float = 1e4

  package var value: Float
  /// Where it is, in the words of the spec.
  package var place: String
  /// What can be done about it.
  package var remedy: String

  /// As `1e+30, in the feature "x"`.
  package var description: String { "\(value), in \(place)" }

  /// The farthest of the numbers in a matrix of a step.
  /// - Parameter columns: The columns of the feed in the data's schema; rows of it may lie side by side.
  init?(
    _ feed: FeedLayout.Feed, _ base: UnsafeMutableRawPointer, count: Int, columns: Int,
    _ schema: DataSchema
  ) {
    guard !feed.isInteger, columns > 0 else { return nil }
    let values = UnsafeBufferPointer(start: base.assumingMemoryBound(to: Float.self), count: count)
    guard let place = values.indices.max(by: { abs(values[$0]) < abs(values[$1]) }),
      abs(values[place]) > Self.ordinary,
      let numbers = schema.numbers(ofFeed: feed.name, column: place % columns)
    else { return nil }
    self.init(value: values[place], place: numbers.name, remedy: numbers.remedy)
  }

  /// The farthest of the numbers in some rows of the feeds.
  /// - Parameters:
  ///   - feeds: With where their values lie.
  ///   - rows: Counted from 0.
  package static func farthest(
    _ feeds: [(feed: FeedLayout.Feed, base: UnsafeMutableRawPointer?)], rows: Range<Int>,
    _ schema: DataSchema
  ) -> ExtremeNumber? {
    feeds.compactMap { feed, base in
      base.flatMap {
        ExtremeNumber(
          feed, $0 + 4 * rows.lowerBound * feed.width, count: rows.count * feed.width,
          columns: feed.width, schema)
      }
    }.max { abs($0.value) < abs($1.value) }
  }

  /// The farthest of an engine's weights.
  init?(_ engine: any ParameterEngine) throws {
    var found: (value: Float, name: String) = (0, "")
    for name in engine.parameterNames {
      for value in try engine.parameter(name) where abs(value) > abs(found.value) {
        found = (value, name)
      }
    }
    guard abs(found.value) > Self.ordinary else { return nil }
    self.init(
      value: found.value, place: "the weights \"\(found.name)\"",
      remedy: "the weights have grown: lower training.optimizer.learning_rate or training.l2, or"
        + " set training.gradient_clip_norm")
  }

  static func farther(_ a: ExtremeNumber?, _ b: ExtremeNumber?) -> ExtremeNumber? {
    guard let a, let b else { return a ?? b }
    return abs(b.value) > abs(a.value) ? b : a
  }

  /// Which of the two the other follows from. A gradient of a weight grows with the square of an
  /// input at most, so that larger weights have grown by themselves.
  static func cause(input: ExtremeNumber?, weight: ExtremeNumber?) -> ExtremeNumber? {
    guard let input, let weight else { return input ?? weight }
    return abs(weight.value).squareRoot() > abs(input.value) ? weight : input
  }

  private init(value: Float, place: String, remedy: String) {
    self.value = value
    self.place = place
    self.remedy = remedy
  }
}
